"""Whose stacks and things are: by their tags, since a name alone proves nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from bedrock_lifecycle import contract
from settings.stack_names import STACK_KINDS
from tune.account import stack_states
from tune.account.location import place_of
from tune.account.stack_states import StackState
from tune.account.stacks import Stack, StackReader
from tune.terminal.environments import EnvironmentRef
from tune.terminal.problems import CannotBeDone

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


class NameTaken(CannotBeDone):
    """A stack stands that a deploy would take over, or leave to bill; CloudFormation would delete what is in it."""


def taken(cloudformation: "CloudFormationClient", anchor: EnvironmentRef, stacks: Iterable[str]) -> str:
    """Return why a deploy of these stacks must not be begun, in one line; nothing when nobody else has such a name."""
    states = [stack_states.read(cloudformation, name) for name in stacks]
    others = [state for state in states if is_anothers(cloudformation, anchor, state)]
    if not others:
        return ""
    names = ", ".join(f"{state.name} ({state.status}, {_whose(cloudformation, state)})" for state in others)
    return (
        "another app has a stack of a name that a deploy would take, or another environment or model, and a deploy "
        f"would delete what is in it: {names}; this is {anchor} of app {anchor.app!r}, as app.toml says: set another "
        "stack_prefix in environment.toml, or correct app"
    )


def moved(cloudformation: "CloudFormationClient", anchor: EnvironmentRef) -> str:
    """Return why a deploy would leave stacks behind that bill, in one line; nothing when all have the prefix."""
    prefix = anchor.location.stack_prefix
    found = StackReader(cloudformation).of_app(anchor.app)
    behind = [its for its in found if its.environment == anchor.name and its.prefix != prefix]
    if not behind:
        return ""
    command = f"python -m tune destroy {anchor.name}{anchor.option} --every-model --all"
    return (
        f"environment {anchor.name} of app {anchor.app!r} is deployed under another stack_prefix: "
        f"{', '.join(its.name for its in behind)}; a deploy would create {anchor.foundation} too, and both would "
        f"bill: set stack_prefix = {behind[0].prefix!r} in {anchor.name}/environment.toml, or first destroy what "
        f"exists: {command}"
    )


def is_anothers(cloudformation: "CloudFormationClient", anchor: EnvironmentRef, state: StackState) -> bool:
    """Tell whether there is a stack of this name, and it is not what an environment calls so."""
    wanted = anchor.tags_of(state.name)
    return state.is_there and any(stack_states.whose(tags) != wanted for tags in _tags(cloudformation, state))


def is_made_for(anchor: EnvironmentRef, tags: Mapping[str, str]) -> bool:
    """Tell whether tags prove that something was made for an environment of an app.

    Where they name no app, which older templates did not give, the stack that made it, or its Foundation, proves it.
    """
    if tags.get(contract.TAG_ENVIRONMENT) != anchor.name:
        return False
    if contract.TAG_APP in tags:
        return tags[contract.TAG_APP] == anchor.app
    own = [name for name in anchor.stacks(*STACK_KINDS) if name not in anchor.theirs]
    owners = {place_of(anchor).stack_owner(name) for name in own}
    return not owners.isdisjoint({tags.get(contract.TAG_OWNER), tags.get(contract.TAG_FOUNDATION)})


def is_another_apps(app: str, tags: Mapping[str, str], find_owner: Callable[[str], Stack | None]) -> bool:
    """Tell whether something is known to be another app's: by its tags, or by those of the stack that made it."""
    made_by = (find_owner(tags[key]) for key in (contract.TAG_OWNER, contract.TAG_FOUNDATION) if key in tags)
    apps = (its.get(contract.TAG_APP) for its in (tags, *(stack.tags for stack in made_by if stack)))
    return next(filter(None, apps), app) != app


def _whose(cloudformation: "CloudFormationClient", state: StackState) -> str:
    found = [stack_states.whose(tags) for tags in _tags(cloudformation, state)]
    told = [f"{key.rpartition(':')[2]} {value}" for tags in found for key, value in tags.items()]
    has_app = any(contract.TAG_APP in tags for tags in found)
    return ", ".join([*dict.fromkeys(told), *([] if has_app else [f"without the tag {contract.TAG_APP}"])])


def _tags(cloudformation: "CloudFormationClient", state: StackState) -> Iterator[Mapping[str, str]]:
    """Yield the tags of a stack."""
    if not state.was_never_executed:
        yield state.tags
        return
    # It has no tags yet; those of its change sets are what it would have. Without any it is nothing but a name.
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=state.name)
    for name in [change_set["ChangeSetName"] for page in pages for change_set in page["Summaries"]]:
        found = cloudformation.describe_change_set(StackName=state.name, ChangeSetName=name)
        yield {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}
