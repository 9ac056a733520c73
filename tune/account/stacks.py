"""What CloudFormation has: stacks, what they were deployed from, and the physical ids that they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import aws_errors
from settings.stack_names import ACCESS, MODEL_STACKS, STACK_KINDS, StackKind, stack_id
from tune.account import stack_states
from tune.account.location import Location
from tune.account.templates import Template, read
from tune.terminal.environments import EnvironmentRef

# The CDK CLI deletes a stack whose creation failed, and makes it anew.
_MADE_ANEW: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")
# The template of such a stack is what exists.
COMPLETE: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
_LEFT_FAILED: Final = ("CREATE_FAILED", "UPDATE_FAILED")


@dataclass(frozen=True)
class Stack:
    """A stack that exists. `held` has the physical ids of its resources by their logical ids."""

    name: str
    stack_id: str
    status: str
    held: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """What the owner tag says of what this stack made."""
        return contract.owner_of(self.stack_id)

    @property
    def of_app(self) -> "StackOfApp | None":
        """Whose it is by its tags."""
        return StackOfApp.of(stack_states.StackState(self.name, self.status, tags=self.tags))

    @property
    def is_busy(self) -> bool:
        return stack_states.is_in_progress(self.status)

    @property
    def is_made_anew(self) -> bool:
        return self.status in _MADE_ANEW

    @property
    def is_complete(self) -> bool:
        """Whether its template is what exists."""
        return self.status in COMPLETE

    @property
    def has_failed(self) -> bool:
        """Whether its last deployment failed and was not rolled back."""
        return self.status in _LEFT_FAILED


@dataclass(frozen=True)
class StackOfApp:
    """A stack of this project, and whose it is by its tags; `model` is empty for Foundation."""

    app: str
    name: str
    status: str
    environment: str
    kind: StackKind
    model: str = ""

    @property
    def id(self) -> str:
        """What it is called in its environment."""
        return stack_id(self.kind, self.model)

    @property
    def prefix(self) -> str:
        """What its name begins with."""
        return self.name.removesuffix(f"{self.environment}-{self.id}")

    @classmethod
    def of(cls, state: stack_states.StackState) -> "StackOfApp | None":
        """Return what the tags say; None for a stack that is none of an environment's."""
        app, environment = state.tags.get(contract.TAG_APP), state.tags.get(contract.TAG_ENVIRONMENT)
        model = state.tags.get(contract.TAG_MODEL, "")
        for kind in (*MODEL_STACKS, ACCESS) if model else STACK_KINDS[:1]:
            if app and environment and state.name.endswith(f"{environment}-{stack_id(kind, model)}"):
                return cls(app, state.name, str(state.status), environment, kind, model)
        return None


class StackReader:
    """Reads stacks, each one once."""

    def __init__(self, cloudformation: Any) -> None:
        self._cloudformation = cloudformation
        self._found: dict[str, Stack | None] = {}
        self._states: list[stack_states.StackState] | None = None

    def find(self, name: str) -> Stack | None:
        """Return the stack of a name, None when there is none, or only a change set that was never executed."""
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def status(self, name: str) -> str | None:
        """Return the status of a stack, also of one of which there is only a change set; None when there is none."""
        return stack_states.read(self._cloudformation, name).status

    def of_app(self, app: str) -> list["StackOfApp"]:
        """Return every stack of an app in the account and Region, sorted by name."""
        found = map(StackOfApp.of, self.states())
        return sorted((its for its in found if its and its.app == app), key=lambda its: its.name)

    def states(self) -> list[stack_states.StackState]:
        """Return the state of every stack in the account and Region, whoever made it."""
        if self._states is None:
            pages = self._cloudformation.get_paginator("describe_stacks").paginate()
            self._states = [stack_states.state_of(each) for page in pages for each in page["Stacks"]]
        return self._states

    def owner(self, tag: str) -> Stack | None:
        """Return the stack that an owner tag names."""
        stack = self.find(tag.rpartition("/")[2])
        return stack if stack and stack.owner == tag else None

    def template(self, name: str) -> Template:
        """Return what a stack that exists was deployed from."""
        return read(self.body(name))

    def body(self, name: str) -> Mapping[str, Any]:
        """Return the whole template that a stack that exists was deployed from."""
        body: Mapping[str, Any] = self._cloudformation.get_template(StackName=name, TemplateStage="Original")[
            "TemplateBody"
        ]
        return body

    def _read(self, name: str) -> Stack | None:
        try:
            described = self._all("describe_stacks", "Stacks", name)
            if not described or not stack_states.exists(described[0]["StackStatus"]):
                return None
            return Stack(
                name,
                described[0]["StackId"],
                described[0]["StackStatus"],
                self._held(name),
                _exports(described[0]),
                stack_states.state_of(described[0]).tags,
            )
        except ClientError as error:
            if stack_states.is_missing(error):
                return None
            raise

    def _held(self, name: str) -> dict[str, str]:
        return {
            its["LogicalResourceId"]: its["PhysicalResourceId"]
            for its in self._all("list_stack_resources", "StackResourceSummaries", name)
            if its.get("PhysicalResourceId") and its["ResourceStatus"] != "DELETE_COMPLETE"
        }

    def _all(self, operation: str, member: str, name: str) -> list[Mapping[str, Any]]:
        pages = self._cloudformation.get_paginator(operation).paginate(StackName=name)
        return [found for page in pages for found in page[member]]


def with_stacks(ref: EnvironmentRef, cloudformation: Any) -> EnvironmentRef:
    """Return an environment with every model that has a file or a stack, or the named one, wherever its stacks stand.

    Who may not look at all stacks of the account is told of the models that have a file, under the prefix of now.
    """
    try:
        stacks = StackReader(cloudformation)
        found = [its for its in stacks.of_app(ref.app) if its.environment == ref.name]
    except ClientError as error:
        if aws_errors.is_denied(error):
            return ref
        raise
    models = ref.models if ref.named else {*ref.models, *(its.model for its in found if its.model)}
    old = {its.prefix for its in found if not ref.named or its.model in ("", ref.named)} - {ref.location.stack_prefix}
    whole = replace(ref.about(models), old_prefixes=tuple(sorted(old)))
    theirs = {its.name for its in stacks.states() if its.exists and whole.tags_of(its.name) not in ({}, its.whose)}
    return replace(whole, theirs=frozenset(theirs))


def known_values(foundation: Stack | None, place: Location) -> dict[str, str]:
    """Return what a template's references are known to be: exports and pseudo parameters, by their names."""
    return {
        **(foundation.exports if foundation else {}),
        "AWS::Partition": place.partition,
        "AWS::AccountId": place.account,
        "AWS::Region": place.region,
    }


def _exports(described: Mapping[str, Any]) -> dict[str, str]:
    return {its["ExportName"]: its["OutputValue"] for its in described.get("Outputs", []) if "ExportName" in its}
