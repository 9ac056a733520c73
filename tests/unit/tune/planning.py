"""`tune plan` on the lifecycle in one process: real clients of the simulated Bedrock, and CloudFormation's views."""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import NUMBERS
from settings.app import DEFAULT_APP
from tests.support.bedrock_client import ACCOUNT, REGION, client
from tests.support.cloudformation import Ref, Stack, on_the_wire
from tests.support.cloudformation import Template as Templated
from tests.support.environment import Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.unit.tune.aws_stand_in import ref, stack_tags
from tune.account.location import Location
from tune.account.templates import Template, TemplateResource, read
from tune.plan import bake
from tune.plan.environment import Plan, Planner
from tune.plan.planned import Planned

PROD = ref("prod", "faq", account=ACCOUNT)
PLACE = Location(ACCOUNT, REGION)
PARAMETER = "/bedrock-tuning/prod/faq/model-id"
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
STACKS_CREATED = datetime(2024, 11, 15, tzinfo=UTC)


def place_of(account: Account) -> Location:
    return Location(ACCOUNT, account.lifecycle.region)


# What the lifecycle asks of Bedrock for each action of a plan.
OPERATIONS = {
    ("customization job", "create"): "CreateModelCustomizationJob",
    ("customization job", "retag"): "Tag",
    ("promoted model", "hold"): "Tag",
    ("promoted model", "release"): "Tag",
    ("provisioned throughput", "create"): "CreateProvisionedModelThroughput",
    ("provisioned throughput", "swap"): "UpdateProvisionedModelThroughput",
    ("provisioned throughput", "delete"): "DeleteProvisionedModelThroughput",
    ("provisioned throughput", "retag"): "Tag",
    ("provisioned throughput", "retire"): "DeleteCustomModel",
    ("custom model deployment", "create"): "CreateCustomModelDeployment",
    ("custom model deployment", "swap"): "UpdateCustomModelDeployment",
    ("custom model deployment", "delete"): "DeleteCustomModelDeployment",
    ("custom model deployment", "retag"): "Tag",
    ("custom model deployment", "retire"): "DeleteCustomModel",
}


class Views:
    """What CloudFormation says of the stacks of one account: a page for each thing that is listed."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.busy: dict[str, str] = {}
        self.working_on: set[str] = set()
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.apps: dict[str, str | None] = {}
        """The apps of stacks that are not this one's; None for one without the tag."""
        self.asked: list[str] = []

    def get_paginator(self, operation: str) -> "_Pages":
        self.asked.append(operation)
        pages = {
            "describe_stacks": self._stacks,
            "list_stack_resources": self._resources,
            "describe_stack_events": self._events,
            "list_change_sets": lambda name: self.change_sets(name),
        }
        return _Pages(pages[operation])

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append("describe_stacks")
        return next(self._stacks(StackName))

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        assert TemplateStage == "Original"
        self.asked.append("get_template")
        stack = self._stack(StackName)
        body = {
            logical_id: {"Type": live.type, "Properties": _with_references(logical_id, live.properties)}
            for logical_id, live in stack.resources.items()
        }
        if stack.status == "ROLLBACK_COMPLETE":
            # It has no resource any more, and still the template that failed.
            body = {f"Failed{number}": {"Type": each} for number, each in enumerate(sorted(stack.first))}
        return {"TemplateBody": {"Resources": {**body, "Parameter": {"Type": "AWS::SSM::Parameter"}}}}

    def change_sets(self, _name: str) -> Iterator[dict[str, Any]]:
        yield {"Summaries": []}

    def _stacks(self, name: str | None) -> Iterator[dict[str, Any]]:
        if name is None:
            for each in self._account.cloudformation.names():
                yield from self._stacks(each)
            return
        stack = self._stack(name)
        status = self.busy.get(name, stack.status)
        its = {"StackName": name, "StackId": stack.stack_id, "StackStatus": status, "CreationTime": STACKS_CREATED}
        tags = [] if status == "REVIEW_IN_PROGRESS" else stack_tags(name, self.apps.get(name, DEFAULT_APP))
        yield {
            "Stacks": [{**its, "Tags": tags}],
            "ResponseMetadata": {"HTTPHeaders": {"date": "Fri, 15 Nov 2024 02:10:00 GMT"}},
        }

    def _resources(self, name: str) -> Iterator[dict[str, Any]]:
        for logical_id, live in self._stack(name).resources.items():
            known = {"StackId": self._stack(name).stack_id, "LogicalResourceId": logical_id, "RequestType": "Update"}
            is_updated = any(known.items() <= event.items() for event in self._account.cloudformation.events)
            status = "UPDATE_COMPLETE" if is_updated else "CREATE_COMPLETE"
            status = "CREATE_IN_PROGRESS" if logical_id in self.working_on else status
            its = {"LogicalResourceId": logical_id, "ResourceType": live.type, "ResourceStatus": status}
            yield {"StackResourceSummaries": [{**its, "PhysicalResourceId": live.physical_id}]}

    def _events(self, name: str) -> Iterator[dict[str, Any]]:
        yield {"StackEvents": self.events.get(name, [])}

    def _stack(self, name: str) -> Stack:
        stack = self._account.cloudformation.stack(name)
        if stack is None:
            message = f"Stack with id {name} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        return stack


class S3:
    """Whether there are objects, and how large they are; of their content it gives the numbers of evaluations alone."""

    def __init__(self, objects: Mapping[tuple[str, str], bytes]) -> None:
        self._objects = objects

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if (Bucket, Key) not in self._objects:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        return {"ContentLength": len(self._objects[Bucket, Key])}

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": []}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:  # noqa: N803
        keys = sorted(key for bucket, key in self._objects if bucket == Bucket and key.startswith(Prefix))
        return {"Contents": [{"Key": key} for key in keys[:MaxKeys]]}

    def get_paginator(self, operation: str) -> "S3":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield self.list_objects_v2(Bucket=Bucket, Prefix=Prefix, MaxKeys=1000)

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Key.startswith(NUMBERS)
        return {"Body": io.BytesIO(self._objects[Bucket, Key])}


class Kms:
    """No key that this project made; what else is asked of KMS, the world around the lifecycle answers."""

    def __init__(self, around: Any) -> None:
        self._around = around

    def get_paginator(self, operation: str) -> "_Pages":
        assert operation == "list_keys"
        return _Pages(lambda _: [{"Keys": []}])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._around, name)


class Aws:
    """The services of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.views = Views(account)
        self.bedrock = client(account.lifecycle.simulated, "bedrock", region=account.lifecycle.region)
        self.changes: list[str] = []
        self.is_bootstrapped = True
        self.bedrock.meta.events.register("before-call.bedrock", self._note)
        self.s3 = S3(account.lifecycle.world.objects)
        self._around = account.lifecycle.around

    def __call__(self, service: str) -> Any:
        services = {"bedrock": self.bedrock, "cloudformation": self.views, "s3": self.s3, "sts": self, "ssm": self}
        if service == "kms":
            return Kms(self._around(service))
        return services.get(service) or self._around(service)

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803
        if Name == BOOTSTRAP:
            if not self.is_bootstrapped:
                raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
            return {"Parameter": {"Value": "31"}}
        ((environment, model),) = re.findall("^/bedrock-tuning/([^/]+)/([^/]+)/model-id$", Name)
        stack = self._account.cloudformation.stack(ref(environment, model).stack("Serving", model))
        assert stack is not None
        return {"Parameter": {"Value": stack.resources["ModelId"].properties["Value"]}}

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": ACCOUNT}

    def _note(self, model: Any, **_: Any) -> None:
        if not model.name.startswith(("Get", "List")):
            self.changes.append(model.name)


def templates(
    wanted: Wanted, *, data_file: bool = False, pushed: bool = False, trained: bool = True
) -> dict[str, Template]:
    """Return what a synthesis would give for what is wanted."""
    training = wanted.stack("Training")
    found = {training: _template(wanted.training())} if trained and not wanted.giver else {}
    if wanted.giver:
        found[wanted.stack("Promotion")] = _template(wanted.promotion())
    if wanted.evaluates:
        found[wanted.evaluation_stack] = _template(wanted.evaluation())
    if wanted.is_served:
        found[wanted.stack("Serving")] = _template(wanted.serving())
    if data_file and training in found:
        properties = {"DestinationBucket": BUCKET, "DestinationKey": f"train/{wanted.sha256}.jsonl"}
        if not pushed:
            properties |= {"SourceBucket": "assets", "SourceKey": "any.jsonl"}
        found[training] = {"Data": TemplateResource(contract.DATASET, properties), **found[training]}
    return found


def plan_of(
    account: Account, wanted: Wanted, *, data_file: bool = False, pushed: bool = False, trained: bool = True
) -> Plan:
    """Plan what is wanted, and see that nothing was changed by it."""
    aws = Aws(account)
    wished = templates(wanted, data_file=data_file, pushed=pushed, trained=trained)
    plan = Planner(aws, place_of(account), DEFAULT_APP).environment(PROD, wished)
    assert aws.changes == []
    return plan


def survey_of(account: Account) -> Plan:
    """Plan without an environment."""
    aws = Aws(account)
    plan = Planner(aws, place_of(account), DEFAULT_APP).account()
    assert aws.changes == []
    return plan


def line(plan: Plan, kind: str) -> Planned:
    """Return the one line of a kind."""
    (only,) = (each for each in plan.resources if each.kind == kind)
    return only


def operations(plan: Plan) -> list[str]:
    """Return what a deploy asks of Bedrock when it does what the plan says, and what bakes passes."""
    found = [
        OPERATIONS[each.kind, step.action]
        for each in plan.resources
        for step in each.steps
        if (each.kind, step.action) in OPERATIONS and step.changes
    ]
    bakes = [each for each in plan.resources if each.kind == bake.KIND and each.steps]
    return sorted([*found, *("Tag" for each in bakes if each.observed != contract.PASSED)])


class _Pages:
    def __init__(self, pages: Any) -> None:
        self._pages = pages

    def paginate(self, *, StackName: str | None = None) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield from self._pages(StackName)


def _template(template: Templated) -> Template:
    return read(
        {
            "Resources": {
                logical_id: {"Type": resource.type, "Properties": on_the_wire(resource.properties, _get_att)}
                for logical_id, resource in template.items()
            }
        }
    )


def _get_att(reference: Ref) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [reference.logical_id, reference.attribute]}


def _with_references(logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties of a rung or a bake as the template has them, before CloudFormation put names and ARNs in."""
    if "ServedArn" in properties:
        is_deployed = ":custom-model-deployment/" in properties["ServedArn"]
        served = ["Deployment", "CustomModelDeploymentArn"] if is_deployed else ["Purchase", "ProvisionedModelArn"]
        return {**properties, "ServedArn": {"Fn::GetAtt": served}}
    if "GateEvaluationId" in properties and "State" in properties:
        return {**properties, "State": {"Fn::GetAtt": ["Wait1", "State"]}}
    if "Execution" in properties:
        told = {name: {"Fn::GetAtt": ["Evaluation", name]} for name in ("EvaluationId", "Execution")}
        return {**properties, **told}
    if "Rung" not in properties:
        return dict(properties)
    before = "Job" if properties["Rung"] == "1" else f"Await{int(properties['Rung']) - 1}"
    return {**properties, "TrainingName": {"Fn::GetAtt": [before, "TrainingName"]}}
