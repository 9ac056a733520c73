"""AWS as the commands need it: stacks with a status, and what Bedrock lists."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from stacks.settings import load_environment
from tune.environments import Target

ROOT = Path(__file__).resolve().parents[2]


def target(name: str = "local") -> Target:
    folder = ROOT / "environments"
    return Target(load_environment(folder / f"{name}.toml"), folder)


def owner_tags(environment: str = "local") -> list[dict[str, str]]:
    return [
        {"key": contract.TAG_OWNER, "value": "arn:aws:cloudformation:us-west-2:1:stack/any"},
        {"key": contract.TAG_ENVIRONMENT, "value": environment},
    ]


class CloudFormation:
    """Stacks by name, with their status; `delete_stack` deletes at once."""

    def __init__(self, statuses: dict[str, str], resources: list[dict[str, str]] | None = None) -> None:
        self.statuses = statuses
        self.protected = {name for name in statuses if name.endswith("Foundation")}
        self.resources = resources or []
        self.calls: list[str] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        if StackName not in self.statuses:
            raise _missing(StackName)
        status = self.statuses[StackName]
        return {"Stacks": [{"StackStatus": status, "EnableTerminationProtection": StackName in self.protected}]}

    def update_termination_protection(self, *, StackName: str, EnableTerminationProtection: bool) -> None:  # noqa: N803
        assert EnableTerminationProtection is False
        self.calls.append(f"unprotect {StackName}")
        self.protected.remove(StackName)

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        self.calls.append(f"delete {StackName}")
        del self.statuses[StackName]

    def get_paginator(self, operation: str) -> "_Pages":
        if operation == "list_stack_resources":
            return _Pages([{"StackResourceSummaries": self.resources}])
        return _Pages([{"StackEvents": []}])


class Bedrock:
    """What Bedrock lists; `tags` by ARN."""

    def __init__(self, tags: dict[str, list[dict[str, str]]], **lists: list[dict[str, Any]]) -> None:
        self._tags = tags
        self.lists = lists

    def get_paginator(self, operation: str) -> "_Pages":
        member = {
            "list_provisioned_model_throughputs": "provisionedModelSummaries",
            "list_custom_model_deployments": "modelDeploymentSummaries",
            "list_model_customization_jobs": "modelCustomizationJobSummaries",
            "list_custom_models": "modelSummaries",
        }[operation]
        return _Pages([{member: self.lists.get(member, [])}])

    def list_tags_for_resource(self, *, resourceARN: str) -> dict[str, Any]:  # noqa: N803
        if resourceARN not in self._tags:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "ListTagsForResource")
        return {"tags": self._tags[resourceARN]}

    def get_model_customization_job(self, *, jobIdentifier: str) -> Any:  # noqa: N803
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetModelCustomizationJob")


class Cli:
    """A CDK CLI that destroys what it is told, or fails."""

    def __init__(self, cloudformation: CloudFormation, code: int = 0) -> None:
        self._cloudformation = cloudformation
        self._code = code
        self.runs: list[list[str]] = []

    def run(self, arguments: list[str], _tick: Any = None) -> int:
        self.runs.append(list(arguments))
        if not self._code and arguments[0] == "destroy":
            for pattern in (argument for argument in arguments if "/" in argument and "=" not in argument):
                del self._cloudformation.statuses[pattern.replace("/", "-")]
        return self._code


class Lines:
    """A screen that remembers what was said."""

    is_terminal = False

    def __init__(self) -> None:
        self.said: list[str] = []

    def output(self, text: str) -> None:
        self.said.append(text)

    def status(self, text: str | None) -> None:
        self.said.append(f"status {text}")

    def say(self, text: str) -> None:
        self.said.append(text)


class _Pages:
    def __init__(self, pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        return iter(self._pages)


def _missing(name: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": "ValidationError", "Message": f"Stack with id {name} does not exist"}}, "DescribeStacks"
    )
