"""The policy in place of AdministratorAccess allows what CloudFormation's handlers declare, and little more."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import CfnResource
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from settings import Model
from tests.synth.execution_policy.beyond import beyond
from tests.synth.execution_policy.requests import Request, requests_of, resource_types
from tests.synth.execution_policy.variants import Variant, variants
from tests.synth.iam_reference import problems
from tests.synth.organized import ACCOUNT, REGION
from tests.synth.stages import WITHOUT_HANDLERS, stacks_of, stage_of, templates_of
from tune.execution_policy.declared import DECLARED, Declared, declared
from tune.execution_policy.documents import MAX_CHARACTERS, Document, characters
from tune.execution_policy.policies import execution_policies
from tune.execution_policy.ungranted import NEVER, ONLY_FOR, is_granted

_ACTIONS_BEYOND_HANDLERS: Final = {"cloudformation:ListExports", "lambda:InvokeFunction", "ssm:GetParameters"}

Statement = Mapping[str, Any]


@pytest.fixture(scope="module")
def every(dev: Model, context: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[Variant]:
    return list(variants(dev, context, lambda _: tmp_path_factory.mktemp("variant"), declared()))


@pytest.fixture(scope="module")
def asked(every: Sequence[Variant]) -> dict[str, list[Request]]:
    return {each.name: requests_of(each.templates, declared(), each.bootstrap_key) for each in every}


def in_schemas(kinds: Sequence[str], region: str = REGION) -> Declared:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind in sorted(kinds):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, kind).schema
        handlers = {name: its["permissions"] for name, its in schema["handlers"].items()}
        if permissions := (schema.get("tagging") or {}).get("permissions"):
            handlers["tagging"] = permissions
        found[kind] = {name: tuple(sorted(handlers[name])) for name in sorted(handlers)}
    return found


def kinds_of(every: Sequence[Variant]) -> set[str]:
    return {
        each["Type"]
        for variant in every
        for template in variant.templates
        for each in template.content["Resources"].values()
    }


def statements(documents: Sequence[Document]) -> Iterator[Statement]:
    for document in documents:
        yield from document["Statement"]


def is_allowed(request: Request, statement: Statement) -> bool:
    if request.action not in statement["Action"]:
        return False
    asked = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/execution/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=request.action,
        resource_arn=request.resource,
        region=REGION,
        service_context={key.lower(): value for key, value in request.context.items()},
    )
    parsed = parse_policy_document({"Version": "2012-10-17", "Statement": [dict(statement)]})
    return bool(evaluate(asked, [parsed]).decision == "Allow")


def allowing(request: Request, documents: Sequence[Document]) -> list[Statement]:
    return [each for each in statements(documents) if is_allowed(request, each)]


def test_the_snapshot_of_what_handlers_declare_is_what_the_schemas_say(every: Sequence[Variant]) -> None:
    kinds = [each for each in kinds_of(every) if not WITHOUT_HANDLERS.fullmatch(each)]
    assert len(kinds) >= 18
    expected = in_schemas(kinds)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        DECLARED.write_text(f"{json.dumps(expected, indent=2)}\n", encoding="utf-8")
    assert declared() == expected


@pytest.mark.parametrize("kind", ["AWS::Made::Up", "AWS::SQS::Queue"])
def test_a_type_that_the_policy_does_not_know_is_noticed_whatever_test_makes_it(
    kind: str, dev: Model, context: Mapping[str, Any], tmp_path: Path
) -> None:
    stage = stage_of(dev, tmp_path, context)
    CfnResource(stacks_of(stage)["Serving"], "New", type=kind)
    with pytest.raises(AssertionError, match=f"Serving/New: .* {kind};"):
        templates_of(stage)


@pytest.mark.parametrize("region", ["us-west-2", "us-gov-west-1"])
def test_the_schemas_of_another_region_declare_the_same(region: str) -> None:
    assert in_schemas([*declared()], region) == declared()


def test_every_request_is_allowed(every: Sequence[Variant], asked: Mapping[str, Sequence[Request]]) -> None:
    for variant in every:
        assert len(asked[variant.name]) > 300, variant.name
        denied = [str(each) for each in asked[variant.name] if not allowing(each, variant.policies)]
        assert denied == [], variant.name


def test_every_declared_action_that_is_granted_is_asked_for(asked: Mapping[str, Sequence[Request]]) -> None:
    known = {(each.kind, each.action) for requests in asked.values() for each in requests}
    granted = {
        (kind, action)
        for kind, handlers in declared().items()
        for actions in handlers.values()
        for action in actions
        if is_granted(kind, action)
    }
    assert granted - known == set()
    assert {action for kind, action in known if kind not in declared()} == _ACTIONS_BEYOND_HANDLERS
    assert ("AWS::Lambda::Function", "kms:Decrypt") in known  # of the bootstrap's bucket, if it has a key of somebody's


def test_without_any_one_action_some_request_is_denied(
    every: Sequence[Variant], asked: Mapping[str, Sequence[Request]]
) -> None:
    granted, needed = set(), set()
    for variant in every:
        granted |= {name_of(each, action) for each in statements(variant.policies) for action in each["Action"]}
        for request in asked[variant.name]:
            found = allowing(request, variant.policies)
            if len(found) == 1:
                needed.add(name_of(found[0], request.action))
    assert len(granted) > 150
    assert granted - needed == set()


def name_of(statement: Statement, action: str) -> tuple[str, str, str]:
    """Return which permission of the policy this is, in whichever variant."""
    kind = re.split("[/:]", f"{statement['Resource'][0]}:::::".split(":", 5)[5])[0] if "kms:" in action else ""
    return action, kind, " ".join(sorted(key for its in statement.get("Condition", {}).values() for key in its))


def test_every_resource_that_a_policy_names_is_asked_about(
    every: Sequence[Variant], asked: Mapping[str, Sequence[Request]]
) -> None:
    whole = [each for each in every if each.name in ("plain", "named", "long names", "kept")]  # the rest make less
    assert len(whole) == 4
    for variant in whole:
        named = {arn for each in statements(variant.policies) for arn in each["Resource"]}
        used = {
            arn
            for request in asked[variant.name]
            for each in statements(variant.policies)
            for arn in each["Resource"]
            if is_allowed(request, {**each, "Resource": [arn]})
        }
        assert named - used == set(), variant.name


def test_what_an_administrator_may_do_beyond_is_denied(every: Sequence[Variant]) -> None:
    for variant in every:
        requests = beyond(_place(variant))
        assert len(requests) > 60
        assert [str(each) for each in requests if allowing(each, variant.policies)] == [], variant.name


def test_requests_beyond_are_denied_for_what_they_ask(every: Sequence[Variant]) -> None:
    administrator = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
    for each in beyond(_place(every[0])):
        assert is_allowed(each, {**administrator, "Action": [each.action]}), str(each)


def _place(variant: Variant) -> dict[str, str]:
    scope = variant.scope
    return {
        "account": scope.account,
        "region": scope.region,
        "app": scope.app,
        "role": scope.role_arns[0].replace("*", "role"),
        "bucket": f"arn:aws:s3:::{scope.stack}bucket",
        "table": scope.arn("dynamodb", f"table/{scope.name}table"),
        "function": scope.arn("lambda", f"function:{scope.name}function"),
        "code": f"arn:aws:s3:::cdk-{scope.qualifier}-assets-{scope.account}-{scope.region}/code.zip",
    }


def test_every_role_is_made_under_the_boundary(every: Sequence[Variant]) -> None:
    (named,) = (each for each in every if each.name == "named")
    role = named.scope.role_arn("/teams/search/acme-role")
    for operation in ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePolicy"):
        for boundary in ({}, {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}):
            assert not allowing(Request("", f"iam:{operation}", role, boundary), named.policies), operation
    assert not allowing(Request("", "iam:DeleteRolePermissionsBoundary", role), named.policies)


def test_the_table_may_let_go_of_the_key_before_as_long_as_it_is_kept(every: Sequence[Variant]) -> None:
    by_name = {each.name: each for each in every}
    for name, may in {"kept": True, "given": False}.items():
        key = by_name[name].scope.arn("kms", "key/before")
        request = Request("", "kms:RevokeGrant", key, {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"})
        assert bool(allowing(request, by_name[name].policies)) == may, name


def test_the_role_of_an_application_is_made_and_given_its_rights(
    every: Sequence[Variant], asked: Mapping[str, Sequence[Request]]
) -> None:
    for variant in (each for each in every if each.name.startswith("invoked")):
        role = variant.scope.role_arn(variant.settings.access_role("222222222222"))
        found = {
            each.action: bool(allowing(each, variant.policies)) for each in asked[variant.name] if each.resource == role
        }
        assert {"iam:CreateRole", "iam:DeleteRole", "iam:PutRolePolicy"} <= found.keys()
        assert all(found.values()), found


def test_where_every_role_exists_nothing_in_iam_is_written(every: Sequence[Variant]) -> None:
    (roles,) = (each for each in every if each.name == "roles")
    written = {action for each in statements(roles.policies) for action in each["Action"] if action.startswith("iam:")}
    assert written == {"iam:PassRole"}


def test_every_policy_is_as_short_as_iam_wants_it(every: Sequence[Variant]) -> None:
    for variant in every:
        assert len(variant.policies) > 1
        assert all(characters(each) <= MAX_CHARACTERS for each in variant.policies), variant.name
        # A role can have ten managed policies.
        assert len(variant.policies) <= 4


def test_every_statement_is_one_that_aws_knows(every: Sequence[Variant]) -> None:
    unknown = {
        action
        for handlers in declared().values()
        for actions in handlers.values()
        for action in actions
        if resource_types(action) is None
    }
    for variant in every:
        resources = {
            str(number): {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": each}}
            for number, each in enumerate(variant.policies)
        }
        found = [each for each in problems({"Resources": resources}) if not any(f" {its} " in each for its in unknown)]
        assert found == [], variant.name


def test_what_is_not_granted_is_declared_and_for_properties_that_exist() -> None:
    for kind, actions in ONLY_FOR.items():
        every_action = {action for its in declared()[kind].values() for action in its}
        assert actions.keys() <= every_action, kind
        schema = json.dumps(PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema)
        for names in actions.values():
            assert any(f'"{name}": {{' in schema for name in names), names
    assert all(
        actions <= {each for its in declared()[kind].values() for each in its} for kind, actions in NEVER.items()
    )


@pytest.mark.parametrize("kind", ["AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::IAM::Role"])
def test_a_type_that_needs_more_is_noticed(kind: str, every: Sequence[Variant]) -> None:
    more = {**declared(), kind: {**declared()[kind], "create": ("ec2:DescribeImages",)}}
    plain = every[0]
    requests = requests_of(plain.templates, more, None)
    assert any(each.action == "ec2:DescribeImages" and not allowing(each, plain.policies) for each in requests)


def test_an_action_of_an_unknown_service_is_no_silent_grant(every: Sequence[Variant]) -> None:
    with pytest.raises(ValueError, match="cloudfront:CreateDistribution"):
        execution_policies({"AWS::S3::Bucket": {"create": ("cloudfront:CreateDistribution",)}}, every[0].scope)
