"""Change sets that the CDK CLI prepares and `deploy --detach` executes."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from tune.account.operations import token_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_PREFIX: Final = "tune-"
_OURS: Final = re.compile(rf"{_PREFIX}[0-9a-f]{{16}}")
_READY: Final = "CREATE_COMPLETE"


def name_of(template: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    """Return the name of the change set that brings a stack to a template: another template has another name.

    So no run executes what another one, of another commit, has prepared at the same time.
    """
    text = json.dumps([template, tags], sort_keys=True)
    return f"{_PREFIX}{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def begin(cloudformation: "CloudFormationClient", stack: str, name: str, commit: str) -> bool:
    """Execute a change set that was prepared for a stack; return whether there was anything to change.

    Raises what botocore raises, also when another run has executed or deleted it meanwhile.
    """
    prepared = cloudformation.describe_change_set(StackName=stack, ChangeSetName=name)
    if prepared["Status"] != _READY:  # the CDK CLI ends with an error for every reason but that it is empty
        _delete_ours(cloudformation, stack)
        return False
    arn = prepared["ChangeSetId"]
    cloudformation.execute_change_set(
        StackName=stack, ChangeSetName=arn, ClientRequestToken=token_of(change_set=arn, name=name, commit=commit)
    )
    return True


def _delete_ours(cloudformation: "CloudFormationClient", stack: str) -> None:
    """Delete the change sets that runs have left at a stack.

    An execution deletes them by itself (CloudFormation API reference, ExecuteChangeSet).
    """
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=stack)
    names = [its["ChangeSetName"] for page in pages for its in page["Summaries"]]
    for name in filter(_OURS.fullmatch, names):
        cloudformation.delete_change_set(StackName=stack, ChangeSetName=name)
