"""Whom the next deploy subscribes to the messages of [notifications]."""

from collections.abc import Mapping
from typing import Any

from tune.account import stack_states
from tune.account.recipients import CONFIRM_WITHIN_HOURS, SUBSCRIPTION
from tune.terminal.counting import counted

Body = Mapping[str, Any]


def note(cloudformation: Any, foundation: str, wanted: Body) -> str:
    """Return what happens to addresses that a Foundation stack does not have yet; nothing where there are none."""
    new = _addresses(wanted)
    if new and stack_states.read(cloudformation, foundation).exists:
        new -= _addresses(cloudformation.get_template(StackName=foundation, TemplateStage="Original")["TemplateBody"])
    if not new:
        return ""
    return (
        f"stack {foundation} subscribes {counted(len(new), 'recipient')} to the topic of [notifications]: Amazon SNS "
        f"sends each an email with a link to confirm within {CONFIRM_WITHIN_HOURS} hours, and no message before that"
    )


def _addresses(body: Body) -> set[str]:
    resources = body.get("Resources", {}).values()
    return {str(its["Properties"]["Endpoint"]) for its in resources if its["Type"] == SUBSCRIPTION}
