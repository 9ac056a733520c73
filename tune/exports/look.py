"""Looks at what Foundation exports and who uses it, before an update of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.account import stack_states
from tune.account.location import Location, place_of
from tune.exports.changes import Body, ExportChange, Fate, changes
from tune.exports.remedy import needless, remedy
from tune.exports.replacement import replacement
from tune.terminal.environments import DeployTarget

_NOT_IMPORTED = "not imported"


@dataclass(frozen=True)
class HeldExport:
    """An export in use that an update may not leave as it is."""

    change: ExportChange
    users: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.change.export} {self.change.why} (used by {', '.join(self.users)})"


@dataclass(frozen=True)
class Exports:
    """What an update makes of Foundation's exports in use.

    `refused` is what CloudFormation will refuse, and `what_to_do` about it; `untold` are those of which only the
    deployment will tell. `needless` is what the settings keep and nobody has made. `not_looked` says why nothing is
    known.
    """

    stack: str
    refused: tuple[HeldExport, ...] = ()
    what_to_do: str = ""
    untold: tuple[HeldExport, ...] = ()
    needless: tuple[str, ...] = ()
    not_looked: str = ""

    @property
    def refusals(self) -> list[str]:
        """Why the update must not be begun, each with what to do."""
        told = [
            f"organization.keep.{name} would create a new {name} in {self.stack}, which is kept and billed; it is "
            "allowed only if Foundation made one before; remove the line"
            for name in self.needless
        ]
        if self.refused:
            what = "; ".join(map(str, self.refused))
            why = f"CloudFormation would refuse the update of {self.stack} after everything else in it is done: {what}"
            told.append(f"{why}; {self.what_to_do}")
        return told

    @property
    def notes(self) -> list[str]:
        """What is not known before the deployment."""
        if self.not_looked:
            return [f"could not check whether exports of {self.stack} are in use: {self.not_looked}"]
        return [f"only the deployment shows whether this export in use changes: {each}" for each in self.untold]


def held(found: Iterable[ExportChange], users_of: Callable[[str], Sequence[str]]) -> Iterator[HeldExport]:
    """Yield those of the changes that are of exports in use."""
    for change in found:
        if using := tuple(users_of(change.export)):
            yield HeldExport(change, using)


def look(cloudformation: Any, target: DeployTarget, wanted: Body) -> Exports:
    """Compare what Foundation exports with the template that is to be deployed; whatever AWS refuses stops nothing."""
    stack = target.foundation
    try:
        return _looked(cloudformation, target, stack, wanted)
    except ClientError as error:
        return Exports(stack, not_looked=aws_errors.sentence(error))
    except BotoCoreError as error:
        return Exports(stack, not_looked=f"the connection to AWS failed ({type(error).__name__})")


def _looked(cloudformation: Any, target: DeployTarget, stack: str, wanted: Body) -> Exports:
    if not stack_states.read(cloudformation, stack).exists:
        return Exports(stack, needless=tuple(needless(target.environment, {}, wanted)))
    deployed = cloudformation.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    values = {**pseudo(place_of(target), stack), **_exports(cloudformation, stack)}
    found = list(held(changes(deployed, wanted, values, replacement), partial(users, cloudformation)))
    refused = tuple(each for each in found if each.change.fate is Fate.CHANGES)
    return Exports(
        stack,
        refused=refused,
        what_to_do=remedy(target, deployed, [each.change for each in refused], values) if refused else "",
        untold=tuple(each for each in found if each.change.fate is Fate.UNKNOWN),
        needless=tuple(needless(target.environment, deployed, wanted)),
    )


def _exports(cloudformation: Any, stack: str) -> dict[str, str]:
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {its["ExportName"]: its["OutputValue"] for its in described.get("Outputs", []) if "ExportName" in its}


def users(cloudformation: Any, export: str) -> tuple[str, ...]:
    """Return the stacks that import an export."""
    try:
        pages = cloudformation.get_paginator("list_imports").paginate(ExportName=export)
        return tuple(name for page in pages for name in page["Imports"])
    except ClientError as error:
        if _NOT_IMPORTED in str(error):
            return ()
        raise


def pseudo(place: Location, stack: str) -> Mapping[str, str]:
    """Return the pseudo parameters of a stack by their names."""
    return {
        "AWS::Partition": place.partition,
        "AWS::AccountId": place.account,
        "AWS::Region": place.region,
        "AWS::StackName": stack,
    }
