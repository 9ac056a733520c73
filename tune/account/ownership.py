"""Which stacks are this project's: their names are like those of other apps, their templates are not."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import aws_errors
from tune.account import stack_states
from tune.account.stack_states import StackState
from tune.terminal.problems import CannotBeDone

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_OF_THIS_PROJECT: Final = (
    contract.MODEL_CUSTOMIZATION,
    contract.PROVISIONED_THROUGHPUT,
    contract.CUSTOM_MODEL_DEPLOYMENT,
)


class NameTaken(CannotBeDone):
    """A stack that a deploy would update is another app's; CloudFormation would delete what that app has in it."""


def taken(cloudformation: "CloudFormationClient", environment: str, stacks: Iterable[str]) -> str:
    """Return why a deploy of these stacks must not be begun, in one line; nothing when no other app has such a name."""
    states = [stack_states.read(cloudformation, name) for name in stacks]
    others = [state for state in states if is_anothers(cloudformation, state)]
    if not others:
        return ""
    names = ", ".join(f"{state.name} ({state.status})" for state in others)
    return (
        f"another app has a stack of a name that environment {environment} takes, and a deploy would delete what is in "
        f"it: {names}; the stacks are named after {environment}.toml: give the file another name"
    )


def is_anothers(cloudformation: "CloudFormationClient", state: StackState) -> bool:
    """Tell whether there is a stack of this name, and another app made it."""
    templates = _templates(cloudformation, state)
    # Without any it is nothing but a name.
    return bool(templates) and not _are_ours(templates)


def is_known_as_anothers(cloudformation: "CloudFormationClient", state: StackState) -> bool:
    """As `is_anothers`; who may not read templates takes a stack for the environment's."""
    try:
        return is_anothers(cloudformation, state)
    except ClientError as error:
        if aws_errors.is_denied(error):
            return False
        raise


def is_of_this_project(cloudformation: "CloudFormationClient", name: str) -> bool:
    """Tell whether a stack's template names what only this project has: other apps name their stacks alike.

    Each of the three names one of its custom resources, Foundation in what its workflow carries. A template tells it
    also of a stack that failed before it had any.
    """
    return _are_ours(_templates(cloudformation, stack_states.read(cloudformation, name)))


def _are_ours(templates: Iterable[str]) -> bool:
    return any(kind in template for template in templates for kind in _OF_THIS_PROJECT)


def _templates(cloudformation: "CloudFormationClient", state: StackState) -> list[str]:
    if not state.is_there:
        return []
    if not state.was_never_executed:
        return [_text(cloudformation.get_template(StackName=state.name, TemplateStage="Original")["TemplateBody"])]
    # Its template is that of its change sets.
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=state.name)
    names = [change_set["ChangeSetName"] for page in pages for change_set in page["Summaries"]]
    return [
        _text(cloudformation.get_template(StackName=state.name, ChangeSetName=name)["TemplateBody"]) for name in names
    ]


def _text(body: object) -> str:
    """Return a template as text: botocore has read what is JSON."""
    return body if isinstance(body, str) else json.dumps(body)
