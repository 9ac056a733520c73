"""AWS as the commands need it: stacks with a status, and what Bedrock lists."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from settings import EnvironmentLocation, load_environment
from tune.terminal.environments import DeployTarget, EnvironmentRef
from tune.terminal.folders import DEFAULT_FOLDER

ROOT = Path(__file__).resolve().parents[3]


def target(name: str = "local") -> DeployTarget:
    folder = ROOT / "environments"
    return DeployTarget(load_environment(folder / f"{name}.toml"), folder)


# Where the environment is, without anything that only a deployment needs.
ANCHOR = EnvironmentRef(
    EnvironmentLocation(environment="local", name="docstrings", account="0" * 12, region="us-west-2"), DEFAULT_FOLDER
)


def owner_tags(environment: str = "local") -> list[dict[str, str]]:
    return [
        {"key": contract.TAG_OWNER, "value": "arn:aws:cloudformation:us-west-2:1:stack/any"},
        {"key": contract.TAG_ENVIRONMENT, "value": environment},
    ]


OURS = {"Resources": {"Any": {"Type": contract.MODEL_CUSTOMIZATION}}}
FOREIGN = {"Resources": {"Any": {"Type": "AWS::ECS::Service"}}}


class CloudFormation:
    """Stacks by name, with their status; `delete_stack` deletes at once, unless a stack is in `undeletable`.

    `templates` are those of stacks that are not made from one of this project's; `change_sets` by the stack's name.
    """

    def __init__(self, statuses: dict[str, str], resources: list[dict[str, str]] | None = None) -> None:
        self.statuses = statuses
        self.protected = {name for name in statuses if name.endswith("Foundation")}
        self.resources = resources or []
        self.templates: dict[str, Any] = {}
        self.change_sets: dict[str, list[str]] = {}
        self.undeletable: dict[str, str] = {}
        self.events: list[dict[str, str]] = []
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
        if StackName in self.protected:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "TerminationProtection"}}, "DeleteStack")
        self.calls.append(f"delete {StackName}")
        if StackName not in self.undeletable:
            del self.statuses[StackName]
            return
        self.statuses[StackName] = "DELETE_FAILED"
        failed = {"ResourceType": "Custom::Thing", "ResourceStatus": "DELETE_FAILED", "EventId": f"{len(self.events)}"}
        self.events.insert(0, {**failed, "ResourceStatusReason": self.undeletable[StackName]})

    def get_template(self, *, StackName: str, **which: str) -> dict[str, Any]:  # noqa: N803
        assert which in ({"TemplateStage": "Original"}, *({"ChangeSetName": each} for each in self._changes(StackName)))
        return {"TemplateBody": self.templates.get(StackName, OURS)}

    def get_paginator(self, operation: str) -> "_Pages | _Asked":
        if operation == "list_stack_resources":
            return _Pages([{"StackResourceSummaries": self.resources}])
        if operation == "list_change_sets":
            return _Asked(
                lambda StackName: [{"Summaries": [{"ChangeSetName": each} for each in self._changes(StackName)]}]  # noqa: N803
            )
        return _Pages([{"StackEvents": self.events}])

    def _changes(self, name: str) -> list[str]:
        return self.change_sets.get(name, [])


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


class NoStores:
    """S3 and KMS of an account that has no bucket and no key."""

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": []}

    def get_paginator(self, operation: str) -> "_Pages":
        assert operation == "list_keys"
        return _Pages([{"Keys": []}])


class Cli:
    """A CDK CLI that remembers what it is told, and ends with a code."""

    def __init__(self, cloudformation: CloudFormation, code: int = 0) -> None:
        self._cloudformation = cloudformation
        self._code = code
        self.runs: list[list[str]] = []
        self.said = ""

    def has_said(self, text: str) -> bool:
        return text in self.said

    def run(self, arguments: list[str], _tick: Any = None) -> int:
        self.runs.append(list(arguments))
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


class _Asked:
    def __init__(self, pages: Callable[..., list[dict[str, Any]]]) -> None:
        self._pages = pages

    def paginate(self, **which: str) -> Iterator[dict[str, Any]]:
        return iter(self._pages(**which))


def _missing(name: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": "ValidationError", "Message": f"Stack with id {name} does not exist"}}, "DescribeStacks"
    )
