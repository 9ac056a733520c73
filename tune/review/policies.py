"""The grants and denials of a stack, of whatever has a policy or gives without one."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from tune.account.templates import is_function
from tune.review.conditions import Test
from tune.review.grants import Grant, Patterns
from tune.review.references import ACCOUNT, References, sign, variants
from tune.review.roles import ROLE_NAME
from tune.review.statements import EVERYBODY, listed, of_document, principal_text, unread

THROUGH: Final = "through "
"""How the holder of an endpoint's policy begins: it lets in nobody, and limits who is."""
LOGS_IN: Final = "(log in)"
RUNS: Final = "(run)"
SENDS: Final = "(send)"
"""Actions of no policy: somebody can log in by the holder, it runs code of another account, or sends to one."""
POLICY_NAME: Final = re.compile(r"Polic(?:y|ies)(?:Document|Text)?$")
"""How properties are named that may hold a policy."""
# On what a policy is that is a resource of its own.
_POLICIES_ON: Final = {
    "AWS::S3::AccessPoint": "Bucket",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicInlinePolicy": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueueInlinePolicy": "Queue",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
}
_HOLDERS: Final = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")
_REPLICATION: Final = "ReplicationConfiguration"
_DESTINATION: Final = re.compile("Destination|Target|DeadLetter")
_ARN: Final = re.compile(r"arn:[^:]*:(?P<service>[^:]*):[^:]*:(?P<account>[^:]*):")
# A private registry of an account in Amazon ECR.
_REGISTRY: Final = re.compile(r"\d{12}\.dkr[.-]ecr[.-]")
# What a Lambda permission says of requests, as conditions.
_OF_PERMISSIONS: Final = {
    "SourceArn": ("ArnLike", "aws:SourceArn"),
    "SourceAccount": ("StringEquals", "aws:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "OrganizationId": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
}
_EVERYTHING: Final = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
# Outside of every account.
_ADDRESSES: Final = ("email", "email-json", "http", "https", "sms")


ByResource = Mapping[str, Sequence[Grant]]
"""Grants and denials by the logical id of the resource that makes them."""


def grants(references: References, known: ByResource | None = None) -> ByResource:
    """Return every grant and denial of a stack.

    known: those of some of its resources, which are not read again.
    """
    there = known or {}
    return {its: there[its] if its in there else list(_of(references, its)) for its in references.stack.resources}


def _of(references: References, logical_id: str) -> Iterator[Grant]:
    resource = references.stack.resources[logical_id]
    path, condition = references.stack.path_of(logical_id), resource.get("Condition")
    all_properties = resource.get("Properties", {})
    has_conditions = "Conditions" in references.stack.body
    for chosen, properties in variants(all_properties) if has_conditions else [({}, all_properties)]:
        all_chosen = {**chosen, **({str(condition): True} if condition else {})}
        guards = frozenset((references.condition(name), value) for name, value in all_chosen.items())
        itself = sign(references.name(logical_id))
        kind = resource["Type"]
        reads = _READERS.get(kind, _of_any), _GIVING.get(kind, _of_nothing), _of_destinations
        each = (found for read in reads for found in read(references, itself, properties))
        for statement, found in enumerate(each):
            yield from (replace(its, guards=guards, path=path, statement=statement) for its in found)


_Found = Iterator[Iterable[Grant]]
_Reader = Callable[[References, str, Mapping[str, Any]], _Found]


def _of_identity(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    yield from of_document(references, f"trust of {itself}", properties.get("AssumeRolePolicyDocument", {}))
    for policy in properties.get("Policies", []):
        yield from of_document(references, itself, policy.get("PolicyDocument", {}), whom="")
    for arn in properties.get("ManagedPolicyArns", []):
        reference = arn.get("Ref", "") if isinstance(arn, Mapping) else ""
        managed = references.stack.resources.get(reference, {}).get("Properties", {})
        if "PolicyDocument" in managed:
            yield from of_document(references, itself, managed["PolicyDocument"], whom="")
        else:
            yield [unread(itself, f"managed policy {references.text(arn)}")]
    yield [unread(itself, f"group {references.text(group)}") for group in properties.get("Groups", [])]
    if boundary := properties.get("PermissionsBoundary"):
        # A boundary denies what it does not name: to lose it, or to get another one, may widen.
        yield [unread(itself, f"boundary {references.text(boundary)}", effect="Deny")]


def _of_policy(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    holders = [references.text(its) for name in _HOLDERS for its in listed(properties.get(name, []))]
    # Whoever attaches a policy that is attached to nobody yet, gets it.
    for holder in holders or [itself]:
        yield from of_document(references, holder, properties.get("PolicyDocument", {}), whom="")


def _of_membership(references: References, _: str, properties: Mapping[str, Any]) -> _Found:
    group = references.text(properties.get("GroupName", ""))
    yield [unread(references.text(user), f"group {group}") for user in listed(properties.get("Users", []))]


def _on(name: str) -> _Reader:
    def read(references: References, _: str, properties: Mapping[str, Any]) -> _Found:
        for on in listed(properties.get(name, "")):
            for _where, document in _documents(properties):
                yield from of_document(references, references.text(on), document)

    return read


def _of_endpoint(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    yield from of_document(references, f"{THROUGH}{itself}", properties.get("PolicyDocument") or _EVERYTHING)


def _of_event_bus(references: References, _: str, properties: Mapping[str, Any]) -> _Found:
    statement = properties.get("Statement")
    if not statement:
        statement = {
            "Effect": "Allow",
            "Action": properties.get("Action", ""),
            "Principal": properties.get("Principal", ""),
        }
        if its := properties.get("Condition"):
            statement["Condition"] = {its["Type"]: {its["Key"]: its["Value"]}}
    bus = references.text(properties.get("EventBusName", "default"))
    yield from of_document(references, f"event bus {bus}", {"Statement": statement})


def _of_permission(references: References, _: str, properties: Mapping[str, Any]) -> _Found:
    principal = references.text(properties.get("Principal", ""))
    kind = "Service" if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
    tests = [
        Test(key, operator, (references.text(properties[name]),))
        for name, (operator, key) in _OF_PERMISSIONS.items()
        if name in properties
    ]
    holder = references.text(properties.get("FunctionName") or properties.get("LayerVersionArn", ""))
    action = references.text(properties.get("Action", ""))
    yield [_given(holder, principal_text(references, kind, principal), action, tests=tests)]


def _of_url(references: References, _: str, properties: Mapping[str, Any]) -> _Found:
    if properties.get("AuthType") == "NONE":
        function = references.text(properties.get("TargetFunctionArn", ""))
        tests = [Test("lambda:FunctionUrlAuthType", "StringEquals", ("NONE",))]
        yield [_given(function, EVERYBODY, "lambda:InvokeFunctionUrl", tests=tests)]


def _of_share(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    for principal in listed(properties.get("Principals", [])):
        whom = principal_text(references, "AWS", principal)
        resources = map(references.text, listed(properties.get("ResourceArns", [])))
        yield [_given(itself, whom, "ram:Share", resource) for resource in resources]


def _of_subscription(references: References, _: str, properties: Mapping[str, Any]) -> _Found:
    topic, protocol, endpoint = (
        references.text(properties.get(its, "")) for its in ("TopicArn", "Protocol", "Endpoint")
    )
    if protocol in _ADDRESSES:
        yield [_given(topic, f"address {endpoint}", "sns:Receive", topic)]
    elif not references.is_own(endpoint):
        yield [_given(topic, f"AWS {endpoint}", "sns:Receive", topic)]


def _of_bucket(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    for rule in properties.get("ReplicationConfiguration", {}).get("Rules", []):
        destination = rule.get("Destination", {})
        bucket, account = (references.text(destination.get(name, "")) for name in ("Bucket", "Account"))
        if not references.is_own(account or bucket):
            # Without an account the template does not say whose bucket it is.
            whose = principal_text(references, "AWS", account) if account else f"bucket {bucket}"
            yield [replace(_given(itself, whose, "s3:Replicate", bucket), is_understood=bool(account))]


def _of_destinations(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    for text in dict.fromkeys(map(references.text, _destinations(properties))):
        if not references.is_own(text):
            arn = _ARN.match(text)
            if ACCOUNT.fullmatch(arn["account"] if arn else text):
                yield [_given(f"{SENDS} {itself}", principal_text(references, "AWS", text), SENDS)]
            elif arn and arn["service"] == "s3":
                # Without an account the template does not say whose bucket it is.
                yield [replace(_given(f"{SENDS} {itself}", f"bucket {text}", SENDS), is_understood=False)]


@cache
def _is_destination(name: str) -> bool:
    return bool(_DESTINATION.search(name))


def _destinations(properties: Mapping[str, Any], *, is_in: bool = False) -> Iterator[Any]:
    """Yield what is named as a destination; replication has a reader of its own, and roles are no destinations."""
    for name, values in properties.items():
        is_named = is_in or _is_destination(name)
        for value in listed(values):
            if isinstance(value, dict) and not is_function(value):
                yield from _destinations(value, is_in=is_named) if name != _REPLICATION else ()
            elif is_named and not ROLE_NAME.search(name):
                yield value


def _of_function(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    for layer in map(references.text, listed(properties.get("Layers", []))):
        if not references.is_own(layer) and _ARN.match(layer):
            yield [_given(itself, f"layer {layer}", RUNS)]
    yield from _of_images(references, itself, [properties.get("Code", {}).get("ImageUri")])


def _of_task(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    containers = listed(properties.get("ContainerDefinitions", []))
    yield from _of_images(references, itself, [its.get("Image") for its in containers if isinstance(its, dict)])


def _of_images(references: References, itself: str, images: Iterable[Any]) -> _Found:
    for image in map(references.text, filter(None, images)):
        if not references.is_own(image) and _REGISTRY.match(image):
            yield [_given(itself, f"image {image}", RUNS)]


def _of_login(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    yield [_given(itself, "login", LOGS_IN, "a user")]
    if "LoginProfile" in properties:
        yield [_given(itself, "login", LOGS_IN, "a user with a password")]


def _of_access_key(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    if properties.get("Status") != "Inactive":
        user = references.text(properties.get("UserName", ""))
        yield [_given(itself, "login", LOGS_IN, f"an access key of {user}")]


def _of_oidc(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    url = references.text(properties.get("Url", ""))
    for client in listed(properties.get("ClientIdList", "")):
        yield [_given(itself, "login", LOGS_IN, f"OIDC provider {url} for {references.text(client)}")]


def _of_saml(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    metadata = references.text(properties.get("SamlMetadataDocument", ""))
    digest = hashlib.sha256(metadata.encode()).hexdigest()[:12]
    yield [_given(itself, "login", LOGS_IN, f"SAML provider with metadata {digest}")]


def _of_profile(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    yield [_given(itself, "login", LOGS_IN, "an instance profile")]


def _of_any(references: References, itself: str, properties: Mapping[str, Any]) -> _Found:
    for where, document in _documents(properties):
        yield from of_document(references, f"{itself}{where}", document)


def _of_nothing(_references: References, _itself: str, _properties: Mapping[str, Any]) -> _Found:
    yield from ()


def _given(holder: str, principal: str, action: str, resource: str = "", *, tests: Iterable[Test] = ()) -> Grant:
    return Grant(holder, "Allow", Patterns((principal,)), Patterns((action,)), Patterns((resource,)), frozenset(tests))


def _documents(properties: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield whatever looks like a policy, with the properties that lead to it."""
    for name, values in properties.items():
        is_policy = bool(POLICY_NAME.search(name))
        here = where if is_policy else f"{where}/{name}"
        for value in listed(values):
            if is_function(value) or isinstance(value, str):
                if is_policy and (is_function(value) or '"Statement"' in value):
                    yield here, value
            elif isinstance(value, dict) and "Statement" in value:
                yield here, value
            elif isinstance(value, dict):
                yield from _documents(value, here)


_READERS: Final[Mapping[str, _Reader]] = {
    **dict.fromkeys(("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"), _of_identity),
    **{
        f"AWS::IAM::{kind}": _of_policy
        for kind in ("GroupPolicy", "ManagedPolicy", "Policy", "RolePolicy", "UserPolicy")
    },
    **{kind: _on(name) for kind, name in _POLICIES_ON.items()},
    "AWS::EC2::VPCEndpoint": _of_endpoint,
    "AWS::Events::EventBusPolicy": _of_event_bus,
    "AWS::IAM::UserToGroupAddition": _of_membership,
    "AWS::Lambda::LayerVersionPermission": _of_permission,
    "AWS::Lambda::Permission": _of_permission,
}
# What gives without a policy.
_GIVING: Final[Mapping[str, _Reader]] = {
    "AWS::ECS::TaskDefinition": _of_task,
    "AWS::IAM::AccessKey": _of_access_key,
    "AWS::IAM::InstanceProfile": _of_profile,
    "AWS::IAM::OIDCProvider": _of_oidc,
    "AWS::IAM::SAMLProvider": _of_saml,
    "AWS::IAM::User": _of_login,
    "AWS::Lambda::Function": _of_function,
    "AWS::Lambda::Url": _of_url,
    "AWS::RAM::ResourceShare": _of_share,
    "AWS::S3::Bucket": _of_bucket,
    "AWS::SNS::Subscription": _of_subscription,
}
