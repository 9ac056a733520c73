"""What an application in another account must know to invoke a model."""

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.common.naming import check_environment, check_name


class AccessParameters(Construct):
    """SSM parameters in an application's account: which role to assume, and where the model's ID is then read.

    Their names are `/bedrock-tuning/<environment>/<name>/access/` and `role-arn`, `model-id-parameter` or `region`.
    Their values stay the same whichever model is served, and however. They are no secrets, and nothing bills.

    Args:
        name: The model's name, as for what serves it.
        environment: Its environment.
        role_arn: The role of a `ModelAccess`, in the model's account. It is text: CloudFormation knows no reference to
            another account.
        model_id_parameter: The SSM parameter in the model's account that has the model's ID. Default: the one that
            `ServedModel` makes by default.
        region: The Region in which the model is served and that parameter is.

    Raises:
        ValueError: For a name or an environment out of bounds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        environment: str,
        role_arn: str,
        region: str,
        model_id_parameter: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        check_name(name)
        check_environment(environment)
        parameter = model_id_parameter or contract.model_id_parameter(name, environment)
        about = f"for invoking {name} of environment {environment}"
        for child, what, value, description in (
            ("Role", "role-arn", role_arn, f"Role to assume {about}"),
            ("ModelIdParameter", "model-id-parameter", parameter, f"SSM parameter with the model's ID, {about}"),
            ("Region", "region", region, f"Region {about}"),
        ):
            ssm.StringParameter(
                self,
                child,
                parameter_name=contract.access_parameter(name, environment, what),
                description=description,
                string_value=value,
            )
