"""What botocore knows of the Bedrock API, for functions whose own copy may be older."""

from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

# Found without importing it: whoever synthesizes needs no AWS client.
_BOTOCORE: Final = distribution("botocore")
_DATA: Final = Path(str(_BOTOCORE.locate_file("botocore/data")))
# Operations and their pages; how the service is reached stays the function's own business.
_SHIPPED: Final = ("service-2.json.gz", "paginators-1.json")
# Where Lambda puts the content of a layer.
_MOUNTED_AT: Final = "/opt"


class BedrockApiModel(Construct):
    """The Bedrock API as the botocore that is installed here knows it, as a Lambda layer.

    Lambda's Python runtime has a boto3 of a version that depends on the runtime and the Region (Lambda developer
    guide, "Runtime-included SDK versions"), so operations of a later date may be missing from it. botocore reads
    service models from the folders of `AWS_DATA_PATH` before its own.

    Attributes:
        layer: For a function that calls Bedrock.
        environment: The environment variables that make botocore read it.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.layer: lambda_.LayerVersion = lambda_.LayerVersion(
            self,
            "Layer",
            code=lambda_.Code.from_asset(
                str(_DATA),
                exclude=["*", "!bedrock", "!bedrock/*", *(f"!bedrock/*/{name}" for name in _SHIPPED)],
                ignore_mode=IgnoreMode.GIT,
            ),
            description=f"The Bedrock API as botocore {_BOTOCORE.version} knows it",
        )
        self.environment: dict[str, str] = {"AWS_DATA_PATH": _MOUNTED_AT}
