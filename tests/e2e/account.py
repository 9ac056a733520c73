"""What an account of the sandbox holds of one environment."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.server import REGION, Sandbox
from tests.e2e.settings_file import NAME, stack_of


@dataclass(frozen=True)
class Request:
    """A request that a custom resource of the lifecycle received, and how it was answered.

    `answer` is what its workflow decided to answer (status, physicalId, reason, attributes); None for none.
    `turns` and `waits` count how often it looked and how often it waited.
    """

    type: str
    kind: str
    logical_id: str
    physical_id: str | None
    properties: Mapping[str, Any]
    execution_arn: str
    execution_status: str
    turns: int
    waits: int
    answer: Mapping[str, Any] | None

    @property
    def status(self) -> str | None:
        return self.answer["status"] if self.answer else None


class Account:
    """Looks at what exists, over the AWS API and the meter of the simulated Bedrock.

    `name` is what stands in the settings.
    """

    def __init__(self, sandbox: Sandbox, environment: str, *, name: str = NAME, region: str = REGION) -> None:
        self.sandbox = sandbox
        self.environment = environment
        self.bedrock = sandbox.client("bedrock", region)
        self.s3 = sandbox.client("s3", region)
        self.cloudformation = sandbox.client("cloudformation", region)
        self._workflows = sandbox.client("stepfunctions", region)
        self._logs = sandbox.client("logs", region)
        self._name = name
        self._prefix = f"{name}-{environment}-"
        self._ended: dict[str, Request] = {}

    def jobs(self) -> list[dict[str, Any]]:
        """Return the meter's jobs of this environment, oldest first."""
        return [job for job in self.sandbox.control("meter")["jobs"] if self._owns(job["jobName"])]

    def throughputs(self) -> list[dict[str, Any]]:
        """Return the meter's throughputs of this environment, also those that were deleted."""
        every = self.sandbox.control("meter")["throughputs"]
        return [each for each in every if self._owns(each["provisionedModelName"])]

    def throughput(self) -> dict[str, Any]:
        """Return what Bedrock says of the one throughput that exists."""
        (standing,) = (each for each in self.throughputs() if not each["deleted"])
        return _content(
            self.bedrock.get_provisioned_model_throughput(provisionedModelId=standing["provisionedModelArn"])
        )

    def deployments(self) -> list[dict[str, Any]]:
        """Return the meter's custom model deployments of this environment, also those that were deleted."""
        every = self.sandbox.control("meter")["deployments"]
        return [each for each in every if self._owns(each["modelDeploymentName"])]

    def deployment(self) -> dict[str, Any]:
        """Return what Bedrock says of the one custom model deployment that exists."""
        (standing,) = (each for each in self.deployments() if not each["deleted"])
        arn = standing["customModelDeploymentArn"]
        return _content(self.bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=arn))

    def job(self, name: str) -> dict[str, Any]:
        return _content(self.bedrock.get_model_customization_job(jobIdentifier=name))

    def model(self, name: str) -> dict[str, Any]:
        return _content(self.bedrock.get_custom_model(modelIdentifier=name))

    def stack_status(self, stack: str) -> str | None:
        """Return a stack's status, or None when there is no such stack."""
        try:
            found = self.cloudformation.describe_stacks(StackName=self.stack(stack))["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return None
            raise
        return str(found[0]["StackStatus"])

    def reasons(self, stack: str) -> list[str]:
        """Return the reasons of a stack's events, oldest first."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.stack(stack))
        events = [event for page in pages for event in page["StackEvents"]]
        return [event["ResourceStatusReason"] for event in reversed(events) if event.get("ResourceStatusReason")]

    def workflow(self, starts: str) -> str | None:
        """Return the ARN of a state machine of Foundation, None before there is one."""
        found = self.cloudformation.describe_stack_resources(StackName=self.stack("Foundation"))["StackResources"]
        arns = (
            str(each["PhysicalResourceId"])
            for each in found
            if each["ResourceType"] == "AWS::StepFunctions::StateMachine"
            and each["LogicalResourceId"].startswith(starts)
            and "PhysicalResourceId" in each
        )
        return next(arns, None)

    def physical_ids(self, stack: str, resource_type: str) -> list[str]:
        """Return the physical ids of a stack's resources of one type."""
        found = self.cloudformation.describe_stack_resources(StackName=self.stack(stack))["StackResources"]
        return [str(each["PhysicalResourceId"]) for each in found if each["ResourceType"] == resource_type]

    def outputs(self, stack: str) -> dict[str, str]:
        """Return a stack's outputs by their construct ids."""
        found = self.cloudformation.describe_stacks(StackName=self.stack(stack))["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}

    def bucket(self) -> str:
        """Return the name of the bucket that the first job read its data from."""
        uri: str = self.job(self.jobs()[0]["jobName"])["trainingDataConfig"]["s3Uri"]
        return uri.removeprefix("s3://").partition("/")[0]

    def data_bucket(self) -> str:
        """Return the name of the data store's bucket, as soon as Foundation stands."""
        return self._of_foundation("AWS::S3::Bucket", "DataStoreBucket")

    def data_key(self) -> str:
        """Return the id of the key of data and models, as soon as Foundation stands."""
        return self._of_foundation("AWS::KMS::Key", "DataStoreKey")

    def operations_key(self) -> str:
        """Return the id of the key of everything else, as soon as Foundation stands."""
        return self._of_foundation("AWS::KMS::Key", "OperationsKey")

    def key_state(self, key: str) -> str:
        """Return the state of a key."""
        return str(self.sandbox.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"])

    def aliases(self) -> set[str]:
        """Return the ids of the keys that have an alias of this environment's Foundation."""
        ours = f"alias/{self.stack('Foundation')}-"
        found = self.sandbox.client("kms").list_aliases()["Aliases"]
        return {its["TargetKeyId"] for its in found if its["AliasName"].startswith(ours)}

    def _of_foundation(self, kind: str, starts: str) -> str:
        found = self.cloudformation.describe_stack_resources(StackName=self.stack("Foundation"))["StackResources"]
        (name,) = (
            str(each["PhysicalResourceId"])
            for each in found
            if each["ResourceType"] == kind and each["LogicalResourceId"].startswith(starts)
        )
        return name

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Return what a bucket holds."""
        found = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found}

    def requests(self, kind: str = "", **filters: str) -> list[Request]:
        """Return the requests that the lifecycle received, oldest first; `kind` is the end of a resource type.

        `filters` are those of `ListExecutions`.
        """
        arn = self.workflow("LifecycleStateMachine")
        listing = self._workflows.get_paginator("list_executions")
        pages = listing.paginate(stateMachineArn=arn, **filters) if arn else []
        listed = [execution for page in pages for execution in page["executions"]]
        found = (self._request(each) for each in sorted(listed, key=lambda each: each["startDate"]))
        return [request for request in found if request.kind.endswith(kind)]

    def stop_workflow(self, request: Request) -> None:
        self._workflows.stop_execution(executionArn=request.execution_arn)

    def log_lines(self) -> list[str]:
        """Return what the functions of this environment have logged."""
        return list(_log_lines(self._logs, self.environment))

    def _request(self, listed: Mapping[str, Any]) -> Request:
        arn = listed["executionArn"]
        if arn in self._ended:
            return self._ended[arn]
        described = self._workflows.describe_execution(executionArn=arn)
        event = json.loads(described["input"])["event"]
        pages = self._workflows.get_paginator("get_execution_history").paginate(executionArn=arn)
        entered = [
            its["stateEnteredEventDetails"]
            for page in pages
            for its in page["events"]
            if "stateEnteredEventDetails" in its
        ]
        request = Request(
            type=event["RequestType"],
            kind=event["ResourceType"],
            logical_id=event["LogicalResourceId"],
            physical_id=event.get("PhysicalResourceId"),
            properties=event["ResourceProperties"],
            execution_arn=arn,
            execution_status=described["status"],
            turns=sum(state["name"].startswith("Reconcile") for state in entered),
            waits=sum(state["name"] == "Wait" for state in entered),
            answer=_answer(entered),
        )
        if request.execution_status == "SUCCEEDED":
            self._ended[arn] = request
        return request

    def stack(self, stack: str) -> str:
        """Return the name of a stack of this model, or of Foundation."""
        return stack_of(self.environment, stack, name=self._name)

    def _owns(self, name: str) -> bool:
        return name.startswith(self._prefix)


def _content(response: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def _answer(entered: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    for state in entered:
        if state["name"] == "Respond":
            step: Mapping[str, Any] | None = json.loads(state["input"]).get("step")
            return step
    return None


def _log_lines(logs: Any, prefix: str) -> Iterator[str]:
    for group in logs.get_paginator("describe_log_groups").paginate(logGroupNamePattern=prefix):
        for each in group["logGroups"]:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=each["logGroupName"]):
                yield from (event["message"] for event in page["events"])
