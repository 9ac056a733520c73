"""What an application in another account must know to invoke a model."""

from typing import Any

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from bedrock_lifecycle import contract
from settings import Model
from settings.access import access_parameter


class AccessStack(Stack):
    """SSM parameters in the application's account: which role to assume, and where the model's ID is then read.

    Their values stay the same whichever model is served, and however. They are no secrets, and cost nothing.

    Args:
        settings: The model in its environment.
        account: The application's account.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Model, account: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        environment = settings.environment
        role_arn = self.format_arn(
            service="iam",
            region="",
            account=environment.account,
            resource=f"role{settings.access_role(account)}",
            arn_format=ArnFormat.NO_RESOURCE_NAME,
        )
        parameter = contract.model_id_parameter(settings.name, environment.name)
        about = f"for invoking {settings.name} of environment {environment.name}"
        for construct, name, value, what in (
            ("RoleArn", "role-arn", role_arn, f"Role to assume {about}"),
            ("ModelIdParameter", "model-id-parameter", parameter, f"SSM parameter to read {about}"),
            ("Region", "region", environment.region, f"Region {about}"),
        ):
            ssm.StringParameter(
                self,
                construct,
                parameter_name=access_parameter(environment.name, settings.name, name),
                description=f"{what}, in account {environment.account}",
                string_value=value,
            )
