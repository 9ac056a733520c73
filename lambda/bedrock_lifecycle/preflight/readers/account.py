"""Reads of the services around Bedrock: quotas, the service role, data objects, the key."""

from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import UNVERSIONED
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.preflight.facts import Fact, KeyFacts, Known, NotChecked, Permission, Quota, TargetLocation
from bedrock_lifecycle.preflight.readers.reading import Reading, told

_BEDROCK: Final = "bedrock"
_VIA_SERVICE: Final = "kms:ViaService"
_NO_SUCH_OBJECT: Final = frozenset({"NoSuchBucket", "NoSuchKey", "404"})


class AccountReader:
    def __init__(self, reading: Reading, place: TargetLocation) -> None:
        self._reading = reading
        self._place = place

    def quota(self, code: str | None) -> Fact[Quota]:
        """Return the applied value of a quota of Bedrock; without a code there is none to ask for."""
        if code is None:
            return NotChecked("the template names no quota code")

        def read(quotas: Any) -> Quota | None:
            found = quotas.get_service_quota(ServiceCode=_BEDROCK, QuotaCode=code)
            its = found.get("Quota", {})
            if "Value" not in its:
                return None
            return Quota(code, its.get("QuotaName", "unnamed"), its["Value"], its.get("Adjustable", True))

        operation = f"GetServiceQuota {code}"
        return told(self._reading.read("service-quotas", operation, read), f"{operation} gives no value")

    def trust_policy(self, role_arn: str) -> Fact[object]:
        """Return a role's trust policy, or None when there is no such role."""
        return self._reading.read("iam", "GetRole", lambda iam: self._trust_policy(iam, role_arn))

    def missing(self, role_arn: str, wanted: Sequence[Permission]) -> Fact[tuple[Permission, ...]]:
        """Return those permissions that the role's own policies do not give."""
        missing: list[Permission] = []
        # One question for each resource and way there: the answer then needs no telling apart.
        for resource, via in dict.fromkeys((each.resource, each.via) for each in wanted):
            asked = [each for each in wanted if (each.resource, each.via) == (resource, via)]
            found = self._simulated(role_arn, resource, via, [each.action for each in asked])
            if isinstance(found, NotChecked):
                return found
            missing += [each for each in asked if each.action in found.value]
        return Known(tuple(missing))

    def object_exists(self, uri: str) -> Fact[bool]:
        """Return whether an object is in its bucket, without reading anything of it."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")

        def read(s3: Any) -> bool:
            try:
                listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
            except ClientError as error:
                if aws_errors.code(error) not in _NO_SUCH_OBJECT:
                    raise
                return False
            # The shortest key with this beginning comes first.
            return [each["Key"] for each in listed.get("Contents", [])] == [key]

        return self._reading.read("s3", "ListObjectsV2", read)

    def object_version(self, uri: str) -> Fact[str | None]:
        """Return the version of an object that is there now, None for none, without reading anything of it."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")

        def read(s3: Any) -> str | None:
            try:
                found = s3.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if aws_errors.code(error) not in _NO_SUCH_OBJECT:
                    raise
                return None
            return str(found.get("VersionId") or UNVERSIONED)

        return self._reading.read("s3", "HeadObject", read, must=True)

    def key(self, key_arn: str) -> Fact[KeyFacts | None]:
        """Return a key, or None when there is no such key."""

        def read(kms: Any) -> KeyFacts | None:
            try:
                found = kms.describe_key(KeyId=key_arn)["KeyMetadata"]
            except ClientError as error:
                if aws_errors.code(error) != "NotFoundException":
                    raise
                return None
            return KeyFacts(found["KeyState"], found.get("KeyUsage", ""), found.get("KeySpec", ""))

        return self._reading.read("kms", "DescribeKey", read)

    def _trust_policy(self, iam: Any, role_arn: str) -> object:
        try:
            role = iam.get_role(RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
        except ClientError as error:
            if aws_errors.code(error) != "NoSuchEntity":
                raise
            if self._reading.fresh:
                raise Again(f"role {role_arn} does not exist, or not yet") from None
            return None
        return role["AssumeRolePolicyDocument"]

    def _simulated(self, role_arn: str, resource: str, via: str, actions: list[str]) -> Fact[frozenset[str]]:
        """Return the actions that the role's policies do not allow on a resource."""
        context = [] if not via else [self._via(via)]
        answer = self._reading.read(
            "iam",
            "SimulatePrincipalPolicy",
            lambda iam: iam.simulate_principal_policy(
                PolicySourceArn=role_arn, ActionNames=actions, ResourceArns=[resource], ContextEntries=context
            )["EvaluationResults"],
        )
        if isinstance(answer, NotChecked):
            return answer
        refused = [each for each in answer.value if each["EvalDecision"] != "allowed"]
        unknown = sorted({key for each in refused for key in _missing_context(each)})
        if unknown:
            return NotChecked(
                f"{', '.join(unknown)} in its policies: only the request itself can show whether they apply"
            )
        return Known(frozenset(each["EvalActionName"] for each in refused))

    def _via(self, service: str) -> dict[str, Any]:
        value = f"{service}.{self._place.region}.amazonaws.com"
        return {"ContextKeyName": _VIA_SERVICE, "ContextKeyValues": [value], "ContextKeyType": "string"}


def _missing_context(result: Any) -> list[str]:
    """Return the condition keys for which no value was given: told for each resource where resources are named."""
    places = (result, *result.get("ResourceSpecificResults", ()))
    return [key for place in places for key in place.get("MissingContextValues", ())]
