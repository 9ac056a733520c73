"""The function that scores answers as a team wants it: it may do nothing but that."""

import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from bedrock_lifecycle.contract import METRIC_FILE_VARIABLE, METRIC_FUNCTION_VARIABLE
from bedrock_tuning.common.acknowledge import acknowledge
from bedrock_tuning.common.types import GivenKey, GivenRole
from bedrock_tuning.evaluation.metrics import OwnFunction
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from bedrock_tuning.organization.function_settings import FunctionSettings

_ENTRY: Final = Path(str(files("bedrock_lifecycle"))) / "own_metric_entry.py"


class OwnMetricFunction(Construct):
    """Runs a function of yours. Its role can write its log and nothing else; the workflow calls one version of it.

    Args:
        own: The file and the function in it.
        called_by: The role that may call it.
        key: Encrypts its log.
        functions: What the organization prescribes for functions. Default: nothing.

    Attributes:
        version_arn: The version that scores.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        own: OwnFunction,
        called_by: GivenRole,
        key: GivenKey,
        functions: FunctionSettings | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        # The file and what calls its function, and nothing else that is beside it. The CDK copies both meanwhile.
        with tempfile.TemporaryDirectory() as folder:
            for each in (_ENTRY, own.path):
                shutil.copyfile(each, Path(folder) / each.name)
            made = LifecycleFunction(
                self,
                "Metric",
                handler=f"{_ENTRY.stem}.on_event",
                description="Scores answers with a metric of the team's own",
                timeout=Duration.minutes(3),
                key=key,
                environment={METRIC_FILE_VARIABLE: own.path.stem, METRIC_FUNCTION_VARIABLE: own.function},
                code=lambda_.Code.from_asset(folder),
                settings=functions,
            )
        acknowledge(made.function, "LambdaDLQ", "the workflow invokes it synchronously and retries it")
        version = made.function.current_version
        version.add_permission("Score", principal=iam.ArnPrincipal(called_by.role_arn), action="lambda:InvokeFunction")
        self.version_arn: str = version.function_arn
