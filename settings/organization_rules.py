"""Rules between what the organization prescribes or gives and the rest of a settings file."""

from collections.abc import Iterator, Mapping

from bedrock_tuning.common.messages import shown
from settings.toml_file import Document, table

# Without a role that is made, these say nothing to anybody.
_OF_MADE_ROLES = ("permissions_boundary", "role_path")
_IN_PLACE_OF = {"key": "key_arn", "operations_key": "operations_key_arn", "bucket": "bucket"}
_SAME_ACCOUNT = {"permissions_boundary": "policy", "service_role_arn": "role"}
# A key encrypts in its own Region alone.
_KEYS = (("organization", "key_arn"), ("organization", "operations_key_arn"), ("bootstrap", "key_arn"))


def broken_organization_rules(document: Document) -> Iterator[tuple[str, str]]:
    """Yield place and message of every rule that the tables of the organization break."""
    for name, key in _KEYS:
        yield from _other_region(document, name, key)
    organization = document.get("organization")
    if not isinstance(organization, Mapping):
        return
    for key, kind in _SAME_ACCOUNT.items():
        yield from _other_account(organization, key, kind, document.get("account"))
    if "roles" in organization:
        for key in _OF_MADE_ROLES:
            if key in organization:
                why = "has no effect beside organization.roles, with which this project creates no role"
                yield f"organization.{key}", f"{why}; remove the line"
    yield from _nothing_to_keep(organization)


def _nothing_to_keep(organization: Document) -> Iterator[tuple[str, str]]:
    """Yield what would be made by a line that is about what was made before."""
    keep = organization.get("keep")
    if not isinstance(keep, Mapping):
        return
    for key, given in _IN_PLACE_OF.items():
        if keep.get(key) is True and given not in organization:
            why = f"has no effect without organization.{given}, the replacement of what is kept"
            yield f"organization.keep.{key}", f"{why}; remove the line"
    if "service_role" not in keep:
        return
    if "roles" in organization:
        why = "has no effect beside organization.roles, with which this project creates no role"
        advice = "deploy with organization.service_role_arn before you write [organization.roles]"
        yield "organization.keep.service_role", f"{why}; {advice}"
    elif "service_role_arn" not in organization and keep["service_role"] == organization.get("role_path", "/"):
        why = f"must be the path that the service role had before (got {shown(keep['service_role'])}, its path now)"
        yield "organization.keep.service_role", f"{why}; remove the line"


def _other_account(organization: Document, key: str, kind: str, account: object) -> Iterator[tuple[str, str]]:
    its = _part_of(organization.get(key), 4)
    if its and isinstance(account, str) and its not in (account, "aws"):
        why = f"must be a {kind} of account {account} (got {shown(organization[key])} of account {its})"
        yield f"organization.{key}", f"{why}; correct this ARN, or the environment's account"


def _other_region(document: Document, name: str, key: str) -> Iterator[tuple[str, str]]:
    arn, region = table(document, name).get(key), document.get("region")
    its = _part_of(arn, 3)
    if its and isinstance(region, str) and its != region:
        why = f"must be a KMS key in Region {region}, where it is used (got {shown(arn)}, in {its})"
        yield f"{name}.{key}", f"{why}; name a key in {region}"


def _part_of(arn: object, index: int) -> str | None:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[index] if len(parts) > index else None
