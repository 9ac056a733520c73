"""Which stacks are this app's: every stack of it carries its tag, and a name alone proves nothing."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bedrock_lifecycle import contract
from tune.account import stack_states
from tune.account.stack_states import StackState
from tune.terminal.problems import CannotBeDone

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


class NameTaken(CannotBeDone):
    """A stack that a deploy would update is another app's; CloudFormation would delete what that app has in it."""


def taken(cloudformation: "CloudFormationClient", app: str, stacks: Iterable[str]) -> str:
    """Return why a deploy of these stacks must not be begun, in one line; nothing when no other app has such a name."""
    states = [stack_states.read(cloudformation, name) for name in stacks]
    others = [state for state in states if is_anothers(cloudformation, app, state)]
    if not others:
        return ""
    names = ", ".join(f"{state.name} ({state.status}, {_app_of(cloudformation, state)})" for state in others)
    return (
        f"another app has a stack of a name that a deploy would take, and would delete what is in it: {names}; this "
        f"app is {app!r}, as app.toml says: set another stack_prefix in environment.toml, or correct app"
    )


def is_anothers(cloudformation: "CloudFormationClient", app: str, state: StackState) -> bool:
    """Tell whether there is a stack of this name, and another app made it."""
    return state.is_there and any(tags != app for tags in _apps(cloudformation, state))


def _app_of(cloudformation: "CloudFormationClient", state: StackState) -> str:
    named = sorted(filter(None, _apps(cloudformation, state)))
    return f"app {', '.join(named)}" if named else f"without the tag {contract.TAG_APP}"


def _apps(cloudformation: "CloudFormationClient", state: StackState) -> Iterator[str | None]:
    """Yield the apps that a stack's tags name, None where they name none."""
    if not state.was_never_executed:
        yield state.tags.get(contract.TAG_APP)
        return
    # It has no tags yet; those of its change sets are what it would have. Without any it is nothing but a name.
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=state.name)
    for name in [change_set["ChangeSetName"] for page in pages for change_set in page["Summaries"]]:
        found = cloudformation.describe_change_set(StackName=state.name, ChangeSetName=name)
        yield {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}.get(contract.TAG_APP)
