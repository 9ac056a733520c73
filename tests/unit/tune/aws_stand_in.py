"""AWS as the commands need it: stacks with a status, and what Bedrock lists."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from settings import EnvironmentLocation
from settings.app import DEFAULT_APP
from settings.stack_names import DEFAULT_PREFIX
from tune.terminal.environments import DeployTarget, EnvironmentRef, find
from tune.terminal.folders import DEFAULT_FOLDER

ROOT = Path(__file__).resolve().parents[3]


def target(name: str = "local", model: str | None = None) -> DeployTarget:
    return find(ROOT / "environments", name, model)


def ref(environment: str, *models: str, account: str = "0" * 12, folder: Path = DEFAULT_FOLDER) -> EnvironmentRef:
    """Return where an environment with these models is, without anything that only a deployment needs."""
    location = EnvironmentLocation(name=environment, account=account, region="us-west-2")
    return EnvironmentRef(location=location, folder=folder, app=DEFAULT_APP, models=models)


ANCHOR = ref("local", "docstrings")
FOUNDATION = "bedrock-tuning-local-Foundation"
TRAINING = "bedrock-tuning-local-docstrings-Training"
SERVING = "bedrock-tuning-local-docstrings-Serving"


# What stacks began with before `stack_prefix` was changed.
OLD_PREFIX = "old-"


def stack_tags(name: str, app: str | None = DEFAULT_APP) -> list[dict[str, str]]:
    """Return the tags that a deploy gives a stack of this name; none to a stack of another form, or of no app."""
    found = re.fullmatch(
        rf"(?:{DEFAULT_PREFIX}|{OLD_PREFIX})([a-z]+)-(?:(.+)-)?(?:Foundation|Training|Promotion|Evaluation|Serving|Access)",
        name,
    )
    if not found or app is None:
        return []
    named = {contract.TAG_APP: app, contract.TAG_ENVIRONMENT: found[1], contract.TAG_MODEL: found[2]}
    return [{"Key": key, "Value": value} for key, value in named.items() if value]


def owner_tags(environment: str = "local", app: str = DEFAULT_APP) -> list[dict[str, str]]:
    return [
        {"key": contract.TAG_APP, "value": app},
        {"key": contract.TAG_OWNER, "value": "arn:aws:cloudformation:us-west-2:1:stack/any"},
        {"key": contract.TAG_ENVIRONMENT, "value": environment},
    ]


THEIRS = "another-app"


class CloudFormation:
    """Stacks by name, with their status; `delete_stack` deletes at once, unless a stack is in `undeletable`.

    `apps` are those of stacks that are not this app's, None for one without the tag; `tags` take the place of those
    that follow from a stack's name; `change_sets` by the stack's name;
    `held` are the resources of single stacks, `resources` of all others.
    """

    def __init__(self, statuses: dict[str, str], resources: list[dict[str, str]] | None = None) -> None:
        self.statuses = statuses
        self.protected = {name for name in statuses if name.endswith("Foundation")}
        self.resources = resources or []
        self.held: dict[str, list[dict[str, str]]] = {}
        self.apps: dict[str, str | None] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.change_sets: dict[str, list[str]] = {}
        self.undeletable: dict[str, str] = {}
        self.events: list[dict[str, str]] = []
        self.calls: list[str] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        if StackName not in self.statuses:
            raise _missing(StackName)
        return {"Stacks": [self._described(StackName)]}

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

    def describe_change_set(self, *, StackName: str, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803
        assert ChangeSetName in self._changes(StackName)
        return {"Tags": self._tags(StackName)}

    def get_paginator(self, operation: str) -> "_Pages | _Asked":
        if operation == "describe_stacks":
            return _Pages([{"Stacks": [self._described(name)]} for name in self.statuses])
        if operation == "list_stack_resources":
            return _Asked(lambda StackName: [{"StackResourceSummaries": self.held.get(StackName, self.resources)}])  # noqa: N803
        if operation == "list_change_sets":
            return _Asked(
                lambda StackName: [{"Summaries": [{"ChangeSetName": each} for each in self._changes(StackName)]}]  # noqa: N803
            )
        return _Pages([{"StackEvents": self.events}])

    def _described(self, name: str) -> dict[str, Any]:
        status = self.statuses[name]
        protected = {"EnableTerminationProtection": name in self.protected}
        # A stack that was never executed has none yet.
        tags = [] if status == "REVIEW_IN_PROGRESS" else self._tags(name)
        its = {"StackName": name, "StackId": f"arn:any:stack/{name}/any"}
        return {**its, "StackStatus": status, "Tags": tags, **protected}

    def _tags(self, name: str) -> list[dict[str, str]]:
        its = {tag["Key"]: tag["Value"] for tag in stack_tags(name, self.apps.get(name, DEFAULT_APP))}
        return [{"Key": key, "Value": value} for key, value in {**its, **self.tags.get(name, {})}.items() if value]

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

    def beside(self, _screen: Any) -> "Cli":
        return self


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
