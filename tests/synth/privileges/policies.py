"""Every allow statement of one synthesized environment, and what they allow together."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from aws_cdk import CfnResource, Stack
from constructs import IConstruct
from ministack.core.iam_evaluator import EvalContext, evaluate, fnmatch_iam, parse_policy_document

from bedrock_lifecycle.contract import stack_owner
from bedrock_tuning.checks.policies import arns_overlap
from settings.allow import Allow
from stacks.environment_stage import EnvironmentStage
from tests.synth.iam_reference import Resolver, exported_arns
from tests.synth.privileges.uses import Use
from tests.synth.stages import place_of, stacks_of
from tests.synth.templates import Json, as_list, logical_id

# Those of the environments: what other accounts may do is told by their ARN.
OWN_ACCOUNTS: Final = ("000000000000", "111122223333")
_PLACE: Final = re.compile(r"<([^>#]+)(?:#(\w+))?>")


@dataclass(frozen=True)
class Grant:
    """One action that one statement allows. `holder` is a role's path, or that of the resource whose policy it is.

    `principal` is a service or an account for a policy on a resource, and the holder itself for a role's policy.
    """

    holder: str
    document: str
    index: int
    principal: str
    action: str
    resources: tuple[str, ...]
    condition: str

    def __str__(self) -> str:
        return f"{self.principal} {self.action} on {', '.join(self.resources)}"


@dataclass(frozen=True)
class _Statement:
    grants: tuple[Grant, ...]
    conditions: Mapping[str, Any]

    def allows(self, use: Use, principal: str, resource: str, without: Grant | None) -> bool:
        return any(
            grant.principal == principal
            and _matches(use.action, grant.action)
            and grant != without
            and any(_overlap(on, resource) for on in grant.resources)
            and _conditions_hold(self.conditions, use)
            for grant in self.grants
        )


class Policies:
    """What an environment's templates allow."""

    def __init__(self, stage: EnvironmentStage, templates: Mapping[str, Json], allow: Allow) -> None:
        self._allow = allow
        self._paths: dict[str, tuple[str, str]] = {}
        self._resolvers: dict[str, Resolver] = {}
        self._by_place: dict[tuple[str, str], str] = {}
        exported: dict[str, str] = {}
        for template in templates.values():
            exported |= exported_arns(template) if "Outputs" in template else {}
        for kind, stack in stacks_of(stage).items():
            self._resolvers[kind] = Resolver(templates[kind], exported)
            for resource in _resources(stack):
                path = _short(resource)
                self._paths[path] = (kind, logical_id(resource))
                self._by_place[kind, logical_id(resource)] = path
        self._substitutes = {
            "region": str(stage.region),
            "account": str(stage.account),
            "environment": stage.node.id,
            "foundation": owner_of(stage, stage.foundation.stack_name),
        }
        self._statements = [
            statement for name, template in templates.items() for statement in self._statements_of(name, template)
        ]

    def grants(self) -> list[Grant]:
        """Return everything that is allowed to anyone, action by action."""
        return [grant for statement in self._statements for grant in statement.grants]

    def roles(self) -> dict[str, str]:
        """Return the construct paths of the roles, by the logical id with which CloudFormation names them."""
        held = {grant.holder for grant in self.grants()}
        return {identifier: path for path, (_, identifier) in self._paths.items() if path in held}

    def knows(self, use: Use) -> bool:
        """Return whether the environment has what the use is about, and settings that ask for it."""
        if use.allow and not getattr(self._allow, use.allow):
            return False
        named = [place for text in (use.resource, *use.context.values()) for place, _ in _PLACE.findall(str(text))]
        places = [*named, *([use.principal] if "/" in use.principal else []), *([use.beside] if use.beside else [])]
        return all(place in self._paths for place in places)

    def allow(self, use: Use, without: Grant | None = None) -> bool:
        """Return whether the policies allow a use, also when one grant is taken away."""
        resource = self._text(use.resource)
        context = {key: self._texts(value) for key, value in use.context.items()}
        asked = replace(use, resource=resource, context=context)
        if "/" not in use.principal:
            return self._someone_allows(asked, self._text(use.principal), without)
        identity = self._someone_allows(asked, use.principal, without)
        # The policy of a key decides alone; ours hands the decision to the account's policies.
        is_ours = use.action.startswith("kms:") and not use.elsewhere
        delegated = not is_ours or self._someone_allows(asked, "account", without)
        return identity and delegated

    def _someone_allows(self, use: Use, principal: str, without: Grant | None) -> bool:
        return any(statement.allows(use, principal, use.resource, without) for statement in self._statements)

    def _texts(self, value: object) -> str | list[str]:
        """Return a value of a context; a key of several values has a list."""
        return [self._text(str(each)) for each in value] if isinstance(value, list) else self._text(str(value))

    def _text(self, text: str) -> str:
        def made(found: re.Match[str]) -> str:
            stack, identifier = self._paths[found[1]]
            resolver = self._resolvers[stack]
            return resolver.property(identifier, found[2]) if found[2] else resolver.made(identifier)

        return _PLACE.sub(made, text).format(**self._substitutes)

    def _path_of_role(self, principal: str) -> str:
        """Return the construct path of a role by its ARN; a service as it is."""
        name = principal.rpartition(":role/")[2]
        paths = (path for path, (_, identifier) in self._paths.items() if identifier.lower() == name)
        return next(paths, principal) if ":role/" in principal else principal

    def _statements_of(self, stack: str, template: Json) -> Iterator[_Statement]:
        resolver = self._resolvers[stack]
        for name, each in template["Resources"].items():
            where = self._by_place.get((stack, name), name)
            properties = each.get("Properties", {})
            match each["Type"]:
                case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy":
                    for role in properties["Roles"]:
                        path = self._by_place[stack, role["Ref"]]
                        yield from _read(properties["PolicyDocument"], resolver, path, where, path)
                case "AWS::IAM::Role":
                    own = resolver.made(name)
                    yield from _read(properties["AssumeRolePolicyDocument"], resolver, where, where, None, own)
                case "AWS::KMS::Key":
                    yield from _read(properties["KeyPolicy"], resolver, where, where, None, resolver.made(name))
                case "AWS::S3::BucketPolicy" | "AWS::SNS::TopicPolicy":
                    yield from _read(properties["PolicyDocument"], resolver, where, where, None)
                case "AWS::Lambda::Permission":
                    yield _permission(properties, resolver, where, self._path_of_role)


def owner_of(stage: EnvironmentStage, stack: str) -> str:
    """Return what the tags say of a stack in the place of an environment."""
    return stack_owner(partition="aws", region=str(stage.region), account=str(stage.account), stack_name=stack)


def _read(
    document: Json, resolver: Resolver, holder: str, where: str, principal: str | None, own: str | None = None
) -> Iterator[_Statement]:
    for index, statement in enumerate(document["Statement"]):
        if statement["Effect"] != "Allow":
            continue
        conditions = resolved(statement.get("Condition", {}), resolver)
        resources = tuple(resolver.text(each) for each in as_list(statement.get("Resource", own or "*")))
        # In a key's own policy "*" is that key.
        resources = (own,) if own and resources == ("*",) else resources
        grants = [
            Grant(holder, where, index, who, action, resources, repr(conditions) if conditions else "")
            for who in ([principal] if principal else _principals(statement["Principal"], resolver))
            for action in as_list(statement["Action"])
        ]
        yield _Statement(tuple(grants), conditions)


def _permission(properties: Json, resolver: Resolver, where: str, principal_of: Callable[[str], str]) -> _Statement:
    function = resolver.text(properties["FunctionName"])
    source = properties.get("SourceArn")
    conditions = {"ArnLike": {"aws:SourceArn": resolver.text(source)}} if source else {}
    principal = principal_of(resolver.text(properties["Principal"]))
    grant = Grant(where, where, 0, principal, properties["Action"], (function,), repr(conditions) if conditions else "")
    return _Statement((grant,), conditions)


def _principals(principal: Any, resolver: Resolver) -> list[str]:
    if principal == "*":
        return ["*"]
    services = [str(resolver.text(each)) for each in as_list(principal.get("Service", []))]
    accounts = [str(resolver.text(each)) for each in as_list(principal.get("AWS", []))]
    return [*services, *("account" if each.split(":")[4] in OWN_ACCOUNTS else each for each in accounts)]


def resolved(value: Any, resolver: Resolver) -> Any:
    """Return a condition with its references as text."""
    match value:
        case Mapping() if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::Join", "Fn::GetAtt", "Fn::ImportValue"):
            return resolver.text(value)
        case Mapping():
            return {key: resolved(each, resolver) for key, each in value.items()}
        case list():
            return [resolved(each, resolver) for each in value]
        case _:
            return value


@cache
def _matches(action: str, pattern: str) -> bool:
    return bool(fnmatch_iam(action, pattern))


@cache
def _overlap(pattern: str, resource: str) -> bool:
    if pattern.startswith("arn:") and resource.startswith("arn:"):
        return arns_overlap(pattern, resource)
    return bool(fnmatch_iam(resource, pattern))


def _conditions_hold(conditions: Mapping[str, Any], use: Use) -> bool:
    if not conditions:
        return True
    document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions}]}
    context = EvalContext(
        principal_arn=use.context.get("aws:PrincipalArn", "arn:aws:sts::111122223333:assumed-role/role/session"),
        principal_type="AssumedRole",
        principal_account="111122223333",
        action=use.action,
        resource_arn=use.resource,
        region="us-west-2",
        # A request that names no tags has no such key.
        service_context={"aws:tagkeys": None, **{key.lower(): value for key, value in use.context.items()}},
    )
    return bool(evaluate(context, [parse_policy_document(document)]).decision == "Allow")


def _resources(stack: Stack) -> Iterator[CfnResource]:
    found: Sequence[IConstruct] = stack.node.find_all()
    yield from (each for each in found if isinstance(each, CfnResource))


def _short(resource: CfnResource) -> str:
    """Return a resource's place, without the last part if that is CDK's own."""
    return place_of(resource.node.path).removesuffix("/Resource")


def unused(policies: Policies, uses: Iterable[Use]) -> list[Grant]:
    """Return the grants without which every use is still allowed."""
    return [grant for grant, needed in needs(policies, uses).items() if not needed]


def needs(policies: Policies, uses: Iterable[Use]) -> dict[Grant, list[Use]]:
    """Return for each grant the uses that are denied without it; duplicates of a grant would need each other."""
    known = [use for use in uses if policies.knows(use) and policies.allow(use)]
    return {grant: [use for use in known if not policies.allow(use, without=grant)] for grant in policies.grants()}
