"""Who may do what: every grant and denial of a stack, and which of them a change makes wider.

A grant of the head is new unless one of the base covers it, for the same holder: so statements that are split, merged,
reordered or narrowed say nothing. What cannot be compared is told as wider.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tune.review.assembly import StackTemplate
from tune.review.containment import Conditions, conditions_cover, pattern_covers
from tune.review.findings import Finding, FindingClass

# The policies of resources: on what they are, and where the document stands.
_POLICIES_ON: Final = {
    "AWS::EC2::VPCEndpoint": ("VpcId", "PolicyDocument"),
    "AWS::S3::AccessPoint": ("Bucket", "Policy"),
    "AWS::S3::BucketPolicy": ("Bucket", "PolicyDocument"),
    "AWS::SNS::TopicPolicy": ("Topics", "PolicyDocument"),
    "AWS::SQS::QueuePolicy": ("Queues", "PolicyDocument"),
    "AWS::SecretsManager::ResourcePolicy": ("SecretId", "ResourcePolicy"),
}
_POLICIES_OF: Final = (
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
)
_HOLDERS: Final = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")
_EVERYBODY: Final = "AWS *"
# Conditions that tell for whom a service acts.
_ON_BEHALF: Final = ("sourceaccount", "sourcearn", "aws:sourceaccount", "aws:sourcearn")
_ACCOUNT: Final = re.compile(r"(?:^|:)(\d{12})(?::|$)")
# What the CDK stores for a deploy, named by its content: other content is another name, and no other permission.
_ASSET: Final = re.compile(r"(:::cdk-[a-z0-9]+-assets-[^/*?]*/)[0-9a-f]{64}(?=\.\w+$)")
_FUNCTION: Final = "Fn::"
_MOST_SHOWN: Final = 3


@dataclass(frozen=True)
class Grant:
    """One action of one holder on one resource.

    holder: the role, or the resource whose policy it is, by its construct.
    principal: whom a resource's policy names; nothing for a role's own policy.
    exact: how the statement is written, where its parts cannot be compared: `NotAction` and its like.
    """

    holder: str
    effect: str
    principal: str
    action: str
    resource: str
    conditions: Conditions = field(default_factory=dict, hash=False)
    exact: str = ""

    def covers(self, other: "Grant") -> bool:
        """Tell whether all that another grant says, this one says too."""
        if (self.holder, self.effect) != (other.holder, other.effect):
            return False
        if self.exact or other.exact:
            return self.exact == other.exact
        return (
            pattern_covers(self.principal, other.principal)
            and pattern_covers(self.action.lower(), other.action.lower())
            and pattern_covers(self.resource, other.resource)
            and conditions_cover(self.conditions, other.conditions)
        )


@dataclass(frozen=True)
class Statement:
    """A statement with its grants, and where it stands."""

    path: str
    grants: tuple[Grant, ...]


def findings(before: StackTemplate | None, after: StackTemplate) -> Iterator[Finding]:
    """Yield what is allowed in the head and was not in the base."""
    statements = list(_statements(after))
    former = list(_statements(before)) if before else []
    if former == statements:
        return
    old = [grant for each in former for grant in each.grants]
    allowed = [grant for grant in old if grant.effect == "Allow"]
    for statement in statements:
        new = [
            grant
            for grant in statement.grants
            if grant.effect == "Allow" and not any(each.covers(grant) for each in allowed)
        ]
        if new:
            yield _wider(after, statement, new)
    denied = [grant for each in statements for grant in each.grants if grant.effect == "Deny"]
    for grant in old:
        if grant.effect == "Deny" and not any(each.covers(grant) for each in denied):
            yield _less_denied(after, grant)


def _wider(stack: StackTemplate, statement: Statement, new: Sequence[Grant]) -> Finding:
    some = new[0]
    strangers = {_who(grant) for grant in new if _is_strange(grant, stack.account)}
    finding_class: FindingClass = "shares" if strangers else "widens"
    if some.exact:
        says = f"a statement that cannot be compared is new: {_shortened(some.exact)}"
        return stack.finding(statement.path, finding_class, says, certainty="unknown", now=_shortened(some.exact))
    new = sorted(new, key=lambda its: ("*" not in its.action, its.action, its.resource))
    actions = _listed(list(dict.fromkeys(grant.action for grant in new)))
    resources = _listed(sorted({_short(grant.resource) for grant in new}))
    # Those of other accounts first: whoever is not shown must not be one of them alone.
    who = _listed(sorted({_who(grant) for grant in new}, key=lambda its: (its not in strangers, its)))
    under = f", under conditions on {', '.join(_keys(some.conditions))}" if some.conditions else ""
    witness = f"{some.action.replace('*', 'Any')} on {_short(some.resource).replace('*', 'any')}"
    return stack.finding(
        statement.path,
        finding_class,
        f"{who} may {actions} on {resources}{under}",
        was="not allowed",
        now=_told(new),
        source=f"for example {witness}",
    )


def _less_denied(stack: StackTemplate, grant: Grant) -> Finding:
    if grant.exact:
        says = f"what denied is gone, or another one: {_shortened(grant.exact)}"
        return stack.finding(grant.holder, "widens", says, certainty="unknown", was=_shortened(grant.exact))
    who, what = _who(grant), f"{grant.action} on {_short(grant.resource)}"
    return stack.finding(grant.holder, "widens", f"{who} is no longer denied {what}", was="denied", now="not denied")


def _who(grant: Grant) -> str:
    return "everybody" if grant.principal == _EVERYBODY else _short(grant.principal or grant.holder)


def _is_strange(grant: Grant, account: str) -> bool:
    """Tell whether everybody, or another account, is let in: itself, or by a service that acts for it."""
    kind, _, value = grant.principal.partition(" ")
    if kind in ("AWS", "CanonicalUser"):
        return value == "*" or kind == "CanonicalUser" or _is_of_another(value, account)
    if kind == "Federated":
        return _is_of_another(value, account)
    behalf = (
        value
        for keys in grant.conditions.values()
        for key, values in keys.items()
        if key.lower() in _ON_BEHALF
        for value in values
    )
    return bool(grant.principal) and any(_is_of_another(each, account) for each in behalf)


def _is_of_another(value: str, account: str) -> bool:
    named = _ACCOUNT.search(value)
    return named is not None and named[1] != account


def _statements(stack: StackTemplate) -> Iterator[Statement]:
    for logical_id, resource in stack.resources.items():
        path, properties = stack.path_of(logical_id), resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group":
                yield from _of_role(stack, path, properties)
            case kind if kind in _POLICIES_OF:
                # Whoever attaches a policy that is attached to nobody yet, gets it.
                holders = [its for name in _HOLDERS for its in _list(properties.get(name, []))] or [path]
                for holder in holders:
                    yield from _of_document(stack, path, _text(stack, holder), properties.get("PolicyDocument", {}))
            case "AWS::Lambda::Permission" | "AWS::Lambda::LayerVersionPermission":
                yield Statement(path, (_permission(stack, properties),))
            case kind:
                holder, document = _on_resource(stack, path, kind, properties)
                yield from _of_document(stack, path, holder, document)


def _on_resource(
    stack: StackTemplate, path: str, kind: str, properties: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    """Return on what a resource has a policy, and the policy; an empty one for a resource without."""
    if kind == "AWS::KMS::Key":
        return path, properties.get("KeyPolicy", {})
    if kind == "AWS::DynamoDB::Table":
        return path, properties.get("ResourcePolicy", {}).get("PolicyDocument", {})
    if kind in _POLICIES_ON:
        on, document = (properties.get(name, {}) for name in _POLICIES_ON[kind])
        return _text(stack, on), document
    return path, {}


def _of_role(stack: StackTemplate, path: str, properties: Mapping[str, Any]) -> Iterator[Statement]:
    yield from _of_document(stack, path, f"trust of {path}", properties.get("AssumeRolePolicyDocument", {}), on=path)
    for policy in properties.get("Policies", []):
        # As a policy of its own names its role.
        yield from _of_document(stack, path, f"<{path}>", policy.get("PolicyDocument", {}))
    for arn in properties.get("ManagedPolicyArns", []):
        managed = f"managed policy {_text(stack, arn)}"
        yield Statement(path, (Grant(path, "Allow", "", "", "", exact=managed),))
    if boundary := properties.get("PermissionsBoundary"):
        # A boundary denies what it does not name: to lose it, or to get another one, may widen.
        yield Statement(path, (Grant(path, "Deny", "", "", "", exact=f"boundary {_text(stack, boundary)}"),))


def _permission(stack: StackTemplate, properties: Mapping[str, Any]) -> Grant:
    conditions = {
        name: (_text(stack, properties[name]),)
        for name in ("SourceArn", "SourceAccount", "PrincipalOrgID", "OrganizationId")
        if name in properties
    }
    principal = _text(stack, properties.get("Principal", ""))
    return Grant(
        holder=_text(stack, properties.get("FunctionName") or properties.get("LayerVersionArn", "")),
        effect="Allow",
        principal=principal if principal.endswith(".amazonaws.com") else f"AWS {principal}",
        action=_text(stack, properties.get("Action", "")),
        resource="",
        conditions={"ArnLike": conditions} if conditions else {},
    )


def _of_document(
    stack: StackTemplate, path: str, holder: str, document: Mapping[str, Any], *, on: str = ""
) -> Iterator[Statement]:
    for statement in _list(document.get("Statement", [])):
        yield Statement(path, tuple(_grants(stack, holder, statement, on)))


def _grants(stack: StackTemplate, holder: str, statement: Mapping[str, Any], on: str) -> Iterator[Grant]:
    effect = str(statement.get("Effect", "Allow"))
    if any(name.startswith(("Not", _FUNCTION)) for name in (*statement, *_keys(statement.get("Condition", {})))):
        exact = json.dumps(_canonical(stack, statement), sort_keys=True)
        whom = "*" if "NotPrincipal" in statement else statement.get("Principal")
        yield from (Grant(holder, effect, its, "", "", exact=exact) for its in _principals(stack, whom))
        return
    conditions = {
        operator: {key: tuple(_text(stack, each) for each in _list(values)) for key, values in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    for principal in _principals(stack, statement.get("Principal")):
        for action in _list(statement.get("Action", [])):
            for resource in _list(statement.get("Resource", on)):
                on_what = _ASSET.sub(r"\1<asset>", _text(stack, resource))
                yield Grant(holder, effect, principal, _text(stack, action), on_what, conditions)


def _principals(stack: StackTemplate, principal: Any) -> Iterator[str]:
    if principal is None:
        yield ""
    elif isinstance(principal, Mapping) and not any(key.startswith("Fn::") or key == "Ref" for key in principal):
        yield from (f"{kind} {_text(stack, each)}" for kind, values in principal.items() for each in _list(values))
    else:
        yield f"AWS {_text(stack, principal)}"


def _text(stack: StackTemplate, value: Any) -> str:
    """Return a value of a template as one text: references by their constructs, which keep their names."""
    match value:
        case {"Fn::Join": [separator, parts]} if isinstance(parts, list):
            return str(separator).join(_text(stack, part) for part in parts)
        case {"Ref": name}:
            return f"<{_named(stack, str(name))}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{_named(stack, str(name))}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return f"<import {_text(stack, name)}>"
        case {"Fn::Sub": text} if isinstance(text, str):
            return text
        case Mapping() | list():
            return json.dumps(_canonical(stack, value), sort_keys=True)
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _canonical(stack: StackTemplate, value: Any) -> Any:
    match value:
        case {"Ref": _} | {"Fn::GetAtt": [_, _]} | {"Fn::Join": [_, [*_]]} | {"Fn::ImportValue": _}:
            return _text(stack, value)
        case Mapping():
            return {key: _canonical(stack, each) for key, each in value.items()}
        case list():
            return [_canonical(stack, each) for each in value]
        case _:
            return value


def _named(stack: StackTemplate, logical_id: str) -> str:
    return logical_id if logical_id.startswith("AWS::") else stack.path_of(logical_id)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _keys(conditions: Conditions) -> list[str]:
    """Return on what there are conditions; the functions of the template among them, where those make some."""
    functions = {operator for operator in conditions if operator.startswith(_FUNCTION)}
    keys = {key for operator in conditions.keys() - functions for key in conditions[operator]}
    return sorted(keys | functions)


def _told(grants: Sequence[Grant]) -> str:
    return _listed([f"{grant.action} on {_short(grant.resource)}" for grant in grants])


def _short(text: str) -> str:
    """Return an ARN or a construct without what is the same in all of them."""
    return (
        text.replace("arn:<AWS::Partition>:", "").replace("<AWS::AccountId>", "").replace("<AWS::Region>", "") or "it"
    )


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_MOST_SHOWN])
    return f"{shown} and {len(texts) - _MOST_SHOWN} more" if len(texts) > _MOST_SHOWN else shown


def _shortened(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
