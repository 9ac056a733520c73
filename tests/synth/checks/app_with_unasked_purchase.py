"""The project's app, in which every purchase has lost its model units on the way."""

import sys
from pathlib import Path
from unittest import mock

sys.path.extend(str(Path(__file__).resolve().parents[3] / root) for root in (".", "constructs", "lambda"))

from aws_cdk import App, CfnResource

import app
from bedrock_lifecycle import contract
from settings import EnvironmentSettings
from stacks.environment_stage import EnvironmentStage


class Unasked(EnvironmentStage):
    """An environment with an escape hatch too many."""

    def __init__(self, scope: App, settings: EnvironmentSettings) -> None:
        super().__init__(scope, settings)
        for construct in self.node.find_all():
            if isinstance(construct, CfnResource) and construct.cfn_resource_type == contract.PROVISIONED_THROUGHPUT:
                construct.add_property_deletion_override("ModelUnits")


if __name__ == "__main__":
    with mock.patch.object(app, "EnvironmentStage", Unasked):
        app.main()
