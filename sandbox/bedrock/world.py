"""What the simulation needs from outside: IAM, S3, KMS and EventBridge."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class WorldDenied(Exception):
    """Something outside said no; the message holds that service's own words, never content of an object."""


class CannotAssumeRole(WorldDenied):
    """The role does not exist, or its trust policy does not let Bedrock in for this account and source ARN."""


class World(Protocol):
    """The services around Bedrock.

    `source_arn` is the ARN of the customization job on whose behalf Bedrock acts: it is the `aws:SourceArn` of
    the assumption. Methods that act as a role raise `CannotAssumeRole` when the role cannot be assumed (any
    more) and `WorldDenied` when its permissions do not suffice or the thing does not exist. Every other
    exception means that the world itself is broken: it reaches the caller, and the step is tried again at the
    next tick.

    `read_object`, `write_object`, `use_key`, `use_network` and `emit` are called while no state lock is held;
    `check_trust`, `check_pass_role` and `check_key_use` are called inside an operation and must not wait for another
    Bedrock call.
    """

    def check_trust(self, role_arn: str, source_account: str, source_arn: str) -> None:
        """Return when Bedrock may assume the role for this source; raise `CannotAssumeRole` otherwise."""

    def check_pass_role(self, caller: str, role_arn: str) -> None:
        """Return when the caller may pass the role to Bedrock; raise `WorldDenied` otherwise."""

    def check_key_use(self, caller: str, key_arn: str) -> None:
        """Return when the caller may decrypt with the key through Bedrock; raise `WorldDenied` otherwise."""

    def read_object(self, role_arn: str, source_arn: str, bucket: str, key: str) -> bytes:
        """Return an object's content, read as the role."""

    def write_object(self, role_arn: str, source_arn: str, bucket: str, key: str, body: bytes) -> None:
        """Write an object as the role."""

    def use_key(self, role_arn: str, source_arn: str, key: str) -> str:
        """Return the ARN of the KMS key named by ARN, id or alias, once the role may use it through Bedrock."""

    def use_network(
        self, role_arn: str, source_arn: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
    ) -> None:
        """Return once the role may make the job's network interfaces in these subnets, which exist."""

    def emit(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        resources: Sequence[str],
        detail: Mapping[str, Any],
    ) -> None:
        """Put an event on the default bus of the account and region."""
