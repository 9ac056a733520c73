"""Which stacks are this project's: their names are like those of other apps, their templates are not."""

import json
from typing import TYPE_CHECKING, Final

from bedrock_lifecycle import contract
from tune import stack_states

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_OF_THIS_PROJECT: Final = (
    contract.MODEL_CUSTOMIZATION,
    contract.PROVISIONED_THROUGHPUT,
    contract.CUSTOM_MODEL_DEPLOYMENT,
)


def is_of_this_project(cloudformation: "CloudFormationClient", name: str) -> bool:
    """Tell whether a stack's template names what only this project has: other apps name their stacks alike.

    Each of the three names one of its custom resources, Foundation in what its workflow carries. A template tells it
    also of a stack that failed before it had any.
    """
    template = _template(cloudformation, name)
    return any(kind in template for kind in _OF_THIS_PROJECT)


def change_sets(cloudformation: "CloudFormationClient", name: str) -> list[str]:
    """Return the names of a stack's change sets."""
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=name)
    return [change_set["ChangeSetName"] for page in pages for change_set in page["Summaries"]]


def _template(cloudformation: "CloudFormationClient", name: str) -> str:
    state = stack_states.read(cloudformation, name)
    if not state.is_there:
        return ""
    if not state.was_never_executed:
        return _text(cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"])
    # Its template is that of its change sets.
    return "".join(
        _text(cloudformation.get_template(StackName=name, ChangeSetName=change_set)["TemplateBody"])
        for change_set in change_sets(cloudformation, name)
    )


def _text(body: object) -> str:
    """Return a template as text: botocore has read what is JSON."""
    return body if isinstance(body, str) else json.dumps(body)
