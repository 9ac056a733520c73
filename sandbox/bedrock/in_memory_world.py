"""A world in a few dictionaries, for tests."""

from collections import UserDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Self

from sandbox.bedrock.world import CannotAssumeRole, WorldDenied


@dataclass
class Role:
    """A service role: whom it trusts (`None` is no condition, `*` in a source ARN is a wildcard), what it may do."""

    trusts_bedrock: bool = True
    source_account: str | None = None
    source_arn: str | None = None
    may_read: bool = True
    may_write: bool = True
    may_use_keys: bool = True
    may_use_networks: bool = True

    def may(self, action: str) -> bool:
        """Tell whether its policies allow an action."""
        allowed = {"s3:GetObject": self.may_read, "s3:PutObject": self.may_write}
        return allowed.get(action, self.may_use_keys)


@dataclass(frozen=True)
class Event:
    """An event that was put on a default bus."""

    account: str
    region: str
    source: str
    detail_type: str
    resources: tuple[str, ...]
    detail: Mapping[str, Any]


class Alarms(UserDict[str, str]):
    """The states of alarms by their names, and since when each has its own by a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.since: dict[str, datetime] = {}

    def __setitem__(self, name: str, state: str) -> None:
        if self.get(name) != state:
            self.since[name] = self.now()
        super().__setitem__(name, state)

    def __ior__(self, other: Mapping[str, str]) -> Self:  # type: ignore[override,misc]  # each by its setter
        self.update(other)
        return self


@dataclass
class InMemoryWorld:
    """Objects by (bucket, key), roles by ARN, and a record of what was emitted and who acted.

    `keys` has the ARNs of keys by id or alias; `disabled_keys` are ARNs of those that nobody may use at present,
    `keys_denied_to_callers` of those that who calls Bedrock may not use through it; `alarms` has the states of
    CloudWatch's alarms, by their names.
    """

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    disabled_keys: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    may_pass_roles: bool = True
    keys_denied_to_callers: set[str] = field(default_factory=set)
    alarms: Alarms = field(default_factory=Alarms)
    assumed_for: list[str] = field(default_factory=list)

    def check_trust(self, role_arn: str, source_account: str, source_arn: str) -> None:
        """See `World`."""
        role = self.roles.get(role_arn)
        if role is None:
            msg = f"role {role_arn} does not exist"
            raise CannotAssumeRole(msg)
        right_account = role.source_account in {None, source_account}
        right_source = role.source_arn is None or fnmatchcase(source_arn, role.source_arn)
        if not (role.trusts_bedrock and right_account and right_source):
            msg = f"role {role_arn} does not trust bedrock.amazonaws.com for {source_arn}"
            raise CannotAssumeRole(msg)

    def check_pass_role(self, caller: str, role_arn: str) -> None:
        """See `World`."""
        if not self.may_pass_roles:
            msg = f"User: {caller} is not authorized to perform: iam:PassRole on resource: {role_arn}"
            raise WorldDenied(msg)

    def check_key_use(self, caller: str, key_arn: str) -> None:
        """See `World`."""
        if key_arn in self.keys_denied_to_callers:
            raise WorldDenied(f"User: {caller} is not authorized to perform: kms:Decrypt on resource: {key_arn}")

    def read_object(self, role_arn: str, source_arn: str, bucket: str, key: str) -> bytes:
        """See `World`."""
        role = self._assume(role_arn, source_arn)
        if not role.may_read:
            raise WorldDenied(_refusal(role_arn, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"))
        body = self.objects.get((bucket, key))
        if body is None:
            msg = f"NoSuchKey: The specified key does not exist: {key}"
            raise WorldDenied(msg)
        return body

    def write_object(self, role_arn: str, source_arn: str, bucket: str, key: str, body: bytes) -> None:
        """See `World`."""
        role = self._assume(role_arn, source_arn)
        if not role.may_write:
            raise WorldDenied(_refusal(role_arn, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}"))
        self.objects[bucket, key] = body

    def use_key(self, role_arn: str, source_arn: str, key: str) -> str:
        """See `World`; ids and aliases are looked up in `keys`, an ARN stands for itself."""
        role = self._assume(role_arn, source_arn)
        if not role.may_use_keys:
            raise WorldDenied(_refusal(role_arn, "kms:CreateGrant", key))
        arn = self.keys.get(key, key)
        if arn in self.disabled_keys:
            msg = f"DisabledException: {arn} is disabled."
            raise WorldDenied(msg)
        return arn

    def use_network(
        self, role_arn: str, source_arn: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
    ) -> None:
        """See `World`; every network exists."""
        role = self._assume(role_arn, source_arn)
        if not role.may_use_networks:
            raise WorldDenied(_refusal(role_arn, "ec2:CreateNetworkInterface", subnet_ids[0]))

    def emit(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        resources: Sequence[str],
        detail: Mapping[str, Any],
    ) -> None:
        """See `World`."""
        self.events.append(Event(account, region, source, detail_type, tuple(resources), dict(detail)))

    def _assume(self, role_arn: str, source_arn: str) -> Role:
        self.check_trust(role_arn, source_arn.split(":")[4], source_arn)
        self.assumed_for.append(source_arn)
        return self.roles[role_arn]


def _refusal(role_arn: str, action: str, resource: str) -> str:
    name = role_arn.rsplit("/", 1)[-1]
    account = role_arn.split(":")[4]
    return (
        f"AccessDenied: User: arn:aws:sts::{account}:assumed-role/{name}/bedrock is not authorized to perform: "
        f"{action} on resource: {resource} because no identity-based policy allows the {action} action"
    )
