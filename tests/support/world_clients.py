"""The services around Bedrock as a preflight asks them, on the world of the simulated Bedrock and without the wire."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sandbox.bedrock import InMemoryWorld, Role, SimulatedBedrock
from sandbox.bedrock.errors import ServiceError
from sandbox.bedrock.names import Scope
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.operations.performing import perform
from sandbox.bedrock.service_quotas import service as service_quotas
from tests.support.bedrock_client import ACCOUNT, CALLER_ARN, REGION
from tests.support.calls import Calls, client_error

T = TypeVar("T")


class WorldClients:
    """Gives a client by the service's name: `Aws` of a preflight. Every call goes through the gate."""

    def __init__(self, simulated: SimulatedBedrock, world: InMemoryWorld, calls: Calls, region: str = REGION) -> None:
        self._made: Mapping[str, Any] = {
            "service-quotas": _ServiceQuotas(simulated, calls, region),
            "iam": _Iam(world, calls),
            "s3": _S3(world, calls),
            "kms": _Kms(world, calls),
            "cloudwatch": _CloudWatch(world, calls),
            "bedrock-runtime": _Runtime(simulated, calls, region),
        }

    def __call__(self, service: str) -> Any:
        return self._made[service]


class _Gate:
    def __init__(self, service: str, calls: Calls) -> None:
        self._service = service
        self._calls = calls

    def read(self, operation: str, effect: Callable[[], T]) -> T:
        return self._calls.make(self._service, operation, effect, mutating=False)


class _ServiceQuotas(_Gate):
    def __init__(self, simulated: SimulatedBedrock, calls: Calls, region: str) -> None:
        super().__init__("service-quotas", calls)
        self._scope = Scope(ACCOUNT, region)
        self._simulation = simulated._simulation

    def get_service_quota(self, **params: Any) -> dict[str, Any]:
        return self.read("GetServiceQuota", lambda: self._perform("GetServiceQuota", params))

    def _perform(self, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return service_quotas.perform(self._simulation, name, params, self._scope)
        except ServiceError as error:
            raise client_error(error.code, error.message, 400, name) from None


class _Iam(_Gate):
    def __init__(self, world: InMemoryWorld, calls: Calls) -> None:
        super().__init__("iam", calls)
        self._world = world

    def get_role(self, *, RoleName: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        return self.read("GetRole", lambda: self._role(RoleName))

    def simulate_principal_policy(
        self,
        *,
        PolicySourceArn: str,  # noqa: N803
        ActionNames: Sequence[str],  # noqa: N803
        ResourceArns: Sequence[str],  # noqa: N803
        ContextEntries: Sequence[Mapping[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        del ContextEntries
        return self.read("SimulatePrincipalPolicy", lambda: self._simulated(PolicySourceArn, ActionNames, ResourceArns))

    def _simulated(self, arn: str, actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
        role = self._world.roles.get(arn)
        if role is None:
            raise client_error("NoSuchEntity", f"The entity {arn} cannot be found.", 404, "SimulatePrincipalPolicy")
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": "allowed" if role.may(action) else "implicitDeny",
            }
            for action in actions
            for resource in resources
        ]
        return {"EvaluationResults": results}

    def _role(self, name: str) -> dict[str, Any]:
        for arn, role in self._world.roles.items():
            if arn.rsplit("/", 1)[-1] == name:
                return {"Role": {"Arn": arn, "RoleName": name, "AssumeRolePolicyDocument": trust_policy(role)}}
        raise client_error("NoSuchEntity", f"The role with name {name} cannot be found.", 404, "GetRole")


class _S3(_Gate):
    def __init__(self, world: InMemoryWorld, calls: Calls) -> None:
        super().__init__("s3", calls)
        self._world = world

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int = 1000) -> dict[str, Any]:  # noqa: N803
        def listed() -> dict[str, Any]:
            keys = sorted(key for bucket, key in self._world.objects if bucket == Bucket and key.startswith(Prefix))
            return {"Contents": [{"Key": key} for key in keys[:MaxKeys]]}

        return self.read("ListObjectsV2", listed)

    def get_paginator(self, method: str) -> "_Pages":
        assert method == "list_objects_v2"
        return _Pages(self.list_objects_v2)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        def put() -> dict[str, Any]:
            self._world.objects[Bucket, Key] = Body
            return {}

        return self._calls.make("s3", "PutObject", put, mutating=True)

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        def found() -> dict[str, Any]:
            body = self._world.objects.get((Bucket, Key))
            if body is None:
                # Listing is allowed by prefix, which this call has none of: S3 does not say that there is no object.
                raise client_error("403", "Forbidden", 403, "HeadObject")
            return {"ContentLength": len(body), "VersionId": version_of(body)}

        return self.read("HeadObject", found)

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        def found() -> dict[str, Any]:
            body = self._world.objects.get((Bucket, Key))
            if body is None:
                raise client_error("AccessDenied", "Access Denied", 403, "GetObject")
            return {"ContentLength": len(body), "Body": io.BytesIO(body)}

        return self.read("GetObject", found)


class _Pages:
    def __init__(self, method: Callable[..., dict[str, Any]]) -> None:
        self._method = method

    def paginate(self, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield the one page."""
        yield self._method(**params)


class _CloudWatch(_Gate):
    def __init__(self, world: InMemoryWorld, calls: Calls) -> None:
        super().__init__("cloudwatch", calls)
        self._world = world

    def describe_alarms(self, *, AlarmNames: Sequence[str], AlarmTypes: Sequence[str]) -> dict[str, Any]:  # noqa: N803
        assert set(AlarmTypes) == {"MetricAlarm", "CompositeAlarm"}

        def found() -> dict[str, Any]:
            alarms = {name: state for name, state in self._world.alarms.items() if name in AlarmNames}
            since = self._world.alarms.since
            return {
                "MetricAlarms": [
                    {"AlarmName": name, "StateValue": state, "StateTransitionedTimestamp": since[name]}
                    for name, state in alarms.items()
                ]
            }

        return self.read("DescribeAlarms", found)


class _Runtime:
    """Answers as what serves does. A question counts as a change, since it is paid for."""

    def __init__(self, simulated: SimulatedBedrock, calls: Calls, region: str) -> None:
        self._simulated = simulated
        self._calls = calls
        self._scope = Scope(ACCOUNT, region)
        self.generated = 0
        """How many questions were answered, and so are paid for, whether or not the answer arrived."""

    def converse(self, **params: Any) -> dict[str, Any]:
        return self._calls.make("bedrock-runtime", "Converse", lambda: self._answer(params), mutating=True)

    def _answer(self, params: Mapping[str, Any]) -> dict[str, Any]:
        self._simulated.settle()
        simulation = self._simulated._simulation
        simulation.count("Converse")
        call = Call(simulation, self._scope, CALLER_ARN, simulation.now())
        try:
            answer = dict(perform("bedrock-runtime", "Converse", call, params))
        except ServiceError as error:
            raise client_error(error.code, error.message, error.status, "Converse") from None
        self.generated += 1
        return answer


class _Kms(_Gate):
    def __init__(self, world: InMemoryWorld, calls: Calls) -> None:
        super().__init__("kms", calls)
        self._world = world

    def describe_key(self, *, KeyId: str) -> dict[str, Any]:  # noqa: N803
        state = "Disabled" if KeyId in self._world.disabled_keys else "Enabled"
        metadata = {"KeyId": KeyId, "KeyState": state, "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT"}
        return self.read("DescribeKey", lambda: {"KeyMetadata": metadata})


def version_of(body: bytes) -> str:
    """Return the version of an object with these bytes; other bytes are another version."""
    return f"version-{hashlib.sha256(body).hexdigest()[:8]}"


def trust_policy(role: Role) -> dict[str, Any]:
    """Return the trust policy that says what a role of the world says."""
    conditions: dict[str, Any] = {}
    if role.source_account:
        conditions["StringEquals"] = {"aws:SourceAccount": role.source_account}
    if role.source_arn:
        conditions["ArnEquals"] = {"aws:SourceArn": role.source_arn}
    service = "bedrock.amazonaws.com" if role.trusts_bedrock else "lambda.amazonaws.com"
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": conditions} if conditions else {})}]}
