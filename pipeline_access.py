"""The CDK app of what a pipeline needs before its first run: deployed once, by hand.

It is an app of its own: an assembly of `app.py` is what a pipeline deploys, and a pipeline must not widen its own
access.
"""

import sys
from pathlib import Path

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parent / root) for root in ("constructs", "lambda"))

from stacks import cdk_library

if __name__ == "__main__":
    sys.excepthook = cdk_library.end_in_words
    cdk_library.prepare()

from aws_cdk import App, Validations

from settings import SettingsError, load_pipeline, locate
from settings.folder import ENVIRONMENTS_CONTEXT
from stacks.pipeline_access_stack import PipelineAccessStack
from stacks.rule_packs import rule_packs


def main() -> None:
    """Synthesize the stack that `app.toml` asks for; with `-c environments=<folder>` that of another folder."""
    app = App(post_cli_context={"@aws-cdk/core:failSynthOnValidationErrors": True})
    folder = Path(__file__).resolve().parent / (app.node.try_get_context(ENVIRONMENTS_CONTEXT) or "environments")
    try:
        pipeline = load_pipeline(folder)
        environments = [locate(folder, name) for name in pipeline.environments]
    except SettingsError as error:
        sys.exit(str(error))
    PipelineAccessStack(app, pipeline, environments)
    Validations.of(app).add_plugins(*rule_packs(app))
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith("ValidationFailed"):
            raise
        sys.exit(str(error))  # the findings have been printed


if __name__ == "__main__":
    main()
