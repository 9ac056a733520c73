"""The project's app with two more roles beside what serves: one that may invoke the model, and one that may not."""

import sys
from pathlib import Path

sys.path.extend(str(Path(__file__).resolve().parents[2] / root) for root in (".", "constructs", "lambda"))

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_iam as iam

from bedrock_tuning.serving.served_model import ServedModel
from settings import load_environments
from stacks.environment_stage import EnvironmentStage


def main() -> None:
    app = App()
    for settings in load_environments(Path(app.node.get_context("environments"))):
        serving = EnvironmentStage(app, settings).node.find_child(settings.models[0].stack_id("Serving"))
        served = serving.node.find_child("ServedModel")
        assert isinstance(served, ServedModel)
        stack = Stack.of(served)
        for name in ("Application", "Stranger"):
            role = iam.Role(stack, name, assumed_by=iam.AccountPrincipal(stack.account))
            if name == "Application":
                served.grant_invoke(role)
            CfnOutput(stack, f"{name}Role", value=role.role_arn)
    app.synth()


if __name__ == "__main__":
    main()
