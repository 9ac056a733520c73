"""The CDK app: one stage for each file in `environments/`."""

import os
import sys
from pathlib import Path

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parent / root) for root in ("constructs", "lambda"))

from stacks import node_options

os.environ.setdefault(node_options.VARIABLE, node_options.VALUE)

from aws_cdk import App, Validations

from bedrock_tuning.base_model_checks import today
from stacks.environment_stage import EnvironmentStage
from stacks.rule_packs import rule_packs
from stacks.settings import SettingsError, load_environments


def main() -> None:
    """Synthesize and check every environment; with `-c environments=<folder>` those of another folder.

    `-c only=<name>` makes one of them alone; the settings of all are checked all the same.
    """
    # The CDK CLI asks the app not to fail, looks at findings itself, and sees none of those in stages when it is not
    # told which stacks to look at: `cdk synth` alone would pass.
    app = App(post_cli_context={"@aws-cdk/core:failSynthOnValidationErrors": True})
    folder = Path(__file__).resolve().parent / (app.node.try_get_context("environments") or "environments")
    try:
        environments = load_environments(folder, today=today(app))
    except (SettingsError, ValueError) as error:
        sys.exit(str(error))
    only = app.node.try_get_context("only")
    known = [settings.environment for settings in environments]
    if only and only not in known:
        sys.exit(f"context only: {only} is no environment; allowed {', '.join(known)}; correct it, or leave it out")
    for settings in environments:
        if only in (None, settings.environment):
            EnvironmentStage(app, settings)
    Validations.of(app).add_plugins(*rule_packs(app))
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith("ValidationFailed"):
            raise
        sys.exit(str(error))  # the findings have been printed


if __name__ == "__main__":
    main()
