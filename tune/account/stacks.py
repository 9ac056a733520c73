"""What CloudFormation has: stacks, what they were deployed from, and the physical ids that they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from tune.account import ownership, stack_states
from tune.account.templates import Template, read
from tune.terminal.environments import STACK_KINDS, StackKind

# The CDK CLI deletes a stack whose creation failed, and makes it anew.
_MADE_ANEW: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


@dataclass(frozen=True)
class Stack:
    """A stack that exists. `held` has the physical ids of its resources by their logical ids."""

    name: str
    stack_id: str
    status: str
    held: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """What the owner tag says of what this stack made."""
        return contract.owner_of(self.stack_id)

    @property
    def is_busy(self) -> bool:
        return stack_states.is_in_progress(self.status)

    @property
    def is_made_anew(self) -> bool:
        return self.status in _MADE_ANEW


class Stacks:
    """Reads stacks, each one once."""

    def __init__(self, cloudformation: Any) -> None:
        self._cloudformation = cloudformation
        self._found: dict[str, Stack | None] = {}

    def find(self, name: str) -> Stack | None:
        """Return the stack of a name, None when there is none, or only a change set that was never executed."""
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def status(self, name: str) -> str | None:
        """Return the status of a stack, also of one of which there is only a change set; None when there is none."""
        return stack_states.read(self._cloudformation, name).status

    def ours(self) -> dict[str, dict[StackKind, str]]:
        """Return every stack of this project in the account and Region: its status by environment and kind."""
        found: dict[str, dict[StackKind, str]] = {}
        for page in self._cloudformation.get_paginator("describe_stacks").paginate():
            for each in page["Stacks"]:
                for kind in STACK_KINDS:
                    name, environment = each["StackName"], each["StackName"].removesuffix(f"-{kind}")
                    if environment != name and ownership.is_of_this_project(self._cloudformation, name):
                        found.setdefault(environment, {})[kind] = each["StackStatus"]
        return dict(sorted(found.items()))

    def owner(self, tag: str) -> Stack | None:
        """Return the stack that an owner tag names."""
        stack = self.find(tag.rpartition("/")[2])
        return stack if stack and stack.owner == tag else None

    def template(self, name: str) -> Template:
        """Return what a stack that exists was deployed from."""
        return read(self._cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"])

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


def _exports(described: Mapping[str, Any]) -> dict[str, str]:
    return {its["ExportName"]: its["OutputValue"] for its in described.get("Outputs", []) if "ExportName" in its}
