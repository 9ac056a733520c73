"""What serving a custom model takes besides the model: its key."""

from sandbox.bedrock.errors import denied
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.resources.custom_model import CustomModel
from sandbox.bedrock.world import WorldDenied


def check(call: Call, model: CustomModel) -> None:
    """Refuse a caller who may not decrypt with the model's key through Bedrock.

    Documented is that the caller needs kms:Decrypt on it (Bedrock user guide, "Prerequisites for Provisioned
    Throughput"); in which order AWS checks is not, nor is the error.
    """
    if model.job.key_arn is None:
        return
    try:
        call.simulation.world.check_key_use(call.caller_arn, model.job.key_arn)
    except WorldDenied as error:
        raise denied(str(error)) from None
