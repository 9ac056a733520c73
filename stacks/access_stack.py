"""What an application in another account has, to find the role and the model."""

from typing import Any

from aws_cdk import ArnFormat, Stack
from constructs import Construct

from bedrock_tuning import AccessParameters
from settings import Model


class AccessStack(Stack):
    """Costs nothing, and stays the same whichever model is served, and however.

    Args:
        settings: The model in its environment.
        account: The application's account.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Model, account: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        environment = settings.environment
        AccessParameters(
            self,
            "Parameters",
            name=settings.name,
            environment=environment.name,
            role_arn=self.format_arn(
                service="iam",
                region="",
                account=environment.account,
                resource=f"role{settings.access_role(account)}",
                arn_format=ArnFormat.NO_RESOURCE_NAME,
            ),
            region=environment.region,
        )
