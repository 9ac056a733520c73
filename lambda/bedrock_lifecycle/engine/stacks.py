"""What CloudFormation itself says of the stack that a request comes from.

A request does not tell whether it belongs to a deployment, to its rollback, or to a deletion, and it may arrive long
after anybody waits for it.
"""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.engine.request import Request

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef

GONE: Final = "DELETE_COMPLETE"
GOING: Final = frozenset({"DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", GONE})

_AWAITING: Final[dict[RequestType, frozenset[str]]] = {
    # A resource that is new in an update is created while the stack is updated.
    "Create": frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}),
    "Update": frozenset({"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"}),
}
_COMPLETE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


class Stacks:
    def __init__(self, cloudformation: "CloudFormationClient") -> None:
        self._cloudformation = cloudformation

    def status(self, stack_id: str) -> str:
        """Return the status of a stack; one that CloudFormation does not know is gone."""
        try:
            found = self._cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return GONE
            raise
        return found[0]["StackStatus"] if found else GONE

    def was_complete_once(self, stack_id: str) -> bool:
        """Tell whether a stack had ever been complete.

        Its own events tell, from the newest on. CloudFormation forgets events after 90 days (`DescribeStackEvents`),
        so a history that does not reach back to the stack's creation is one of a stack that long outlived it.
        """
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        for page in pages:
            for event in page["StackEvents"]:
                if event.get("PhysicalResourceId") != stack_id:
                    continue
                if event.get("ResourceStatus") in _COMPLETE:
                    return True
                if event.get("ResourceStatus") == "CREATE_IN_PROGRESS":
                    return False
        return True

    def resources(self, stack_id: str) -> "list[StackResourceSummaryTypeDef]":
        """Return the resources of a stack, as they are listed."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
        return [found for page in pages for found in page["StackResourceSummaries"]]


def is_awaited(request: Request, stack_status: str) -> bool:
    """Tell whether CloudFormation can still be waiting for a request.

    Lambda may deliver an event late, when its stack has long gone on: acting on it then would undo what came after.
    Deletes come in every phase that clears something away.
    """
    if request.request_type == "Delete":
        return stack_status.endswith("_IN_PROGRESS") and stack_status != "CREATE_IN_PROGRESS"
    return stack_status in _AWAITING[request.request_type]


def is_rollback(request: Request, stack_status: str) -> bool:
    """Tell whether an update takes back an update."""
    return request.request_type == "Update" and stack_status == "UPDATE_ROLLBACK_IN_PROGRESS"
