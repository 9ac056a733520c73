"""The CDK app: one stage for each environment in `environments/`."""

import datetime as dt
import os
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    # Whoever starts this says what an interrupt means. Here it would only show where the app was.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parent / root) for root in ("constructs", "lambda"))

from stacks import cdk_library, node_options

os.environ.setdefault(node_options.VARIABLE, node_options.VALUE)
if __name__ == "__main__":
    sys.excepthook = cdk_library.end_in_words
    cdk_library.prepare()

from aws_cdk import App, Validations

from bedrock_tuning.checks.base_model import today
from settings import EnvironmentSettings, SettingsError, load_environment, load_environments
from settings.folder import ENVIRONMENTS_CONTEXT, STACKS_ARE_NAMED, environment_names, model_names
from stacks.environment_stage import EnvironmentStage
from stacks.rule_packs import rule_packs


def main() -> None:
    """Synthesize and check every environment; with `-c environments=<folder>` those of another folder.

    `-c only=<environment>` makes one of them alone, `-c only=<environment>/<model>` its Foundation and one model. What
    is wrong in the files of others stops neither.
    """
    app = App()
    # The CDK CLI asks the app not to fail, looks at findings itself, and sees none of those in stages when it is not
    # told which stacks to look at: `cdk synth` alone would pass. When it is told, it would print every finding again.
    app.node.set_context("@aws-cdk/core:failSynthOnValidationErrors", not app.node.try_get_context(STACKS_ARE_NAMED))
    folder = Path(__file__).resolve().parent / (app.node.try_get_context(ENVIRONMENTS_CONTEXT) or "environments")
    try:
        environments = _environments(folder, app.node.try_get_context("only"), today(app))
    except (SettingsError, ValueError) as error:
        sys.exit(str(error))
    for settings in environments:
        EnvironmentStage(app, settings)
    Validations.of(app).add_plugins(*rule_packs(app))
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith("ValidationFailed"):
            raise
        sys.exit(str(error))  # the findings have been printed


def _environments(folder: Path, only: str | None, day: dt.date) -> list[EnvironmentSettings]:
    if only is None:
        return load_environments(folder, today=day)
    environment, _, model = only.partition("/")
    _check_known(environment, environment_names(folder), "environment")
    if not model:
        return [load_environment(folder, environment, today=day)]
    _check_known(model, model_names(folder, environment), f"model in {environment}")
    return [load_environment(folder, environment, models=[model], today=day)]


def _check_known(name: str, known: list[str], kind: str) -> None:
    if name not in known:
        raise ValueError(f"context only: {name} is no {kind}; allowed {', '.join(known)}; correct it, or leave it out")


if __name__ == "__main__":
    main()
