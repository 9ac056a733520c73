"""Stacks over the API of CloudFormation, each operation waited for."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.e2e.patience import until

_CAPABILITIES: Final = ["CAPABILITY_NAMED_IAM"]


class Stacks:
    """The stacks of an account and Region: those of a client of CloudFormation."""

    def __init__(self, cloudformation: Any) -> None:
        self.cloudformation = cloudformation

    def create(self, name: str, template: Mapping[str, Any]) -> str:
        self.cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=_CAPABILITIES)
        return self._end(name)

    def update(self, name: str, template: Mapping[str, Any]) -> str:
        self.cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=_CAPABILITIES)
        return self._end(name)

    def delete(self, name: str) -> None:
        self.cloudformation.delete_stack(StackName=name)
        until(lambda: name not in self._standing(), seconds=30)

    def exports(self) -> dict[str, str]:
        return {each["Name"]: each["Value"] for each in self.cloudformation.list_exports()["Exports"]}

    def reasons(self, name: str) -> list[str]:
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event.get("ResourceStatusReason")]

    def resource(self, name: str, logical_id: str) -> str:
        found = self.cloudformation.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def _end(self, name: str) -> str:
        return until(lambda: self._settled(name), seconds=30)

    def _settled(self, name: str) -> str | None:
        (stack,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        status = str(stack["StackStatus"])
        return None if status.endswith("_IN_PROGRESS") else status

    def _standing(self) -> set[str]:
        return {stack["StackName"] for stack in self.cloudformation.describe_stacks()["Stacks"]}
