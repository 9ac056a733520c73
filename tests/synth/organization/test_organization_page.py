"""`docs/how-to/organization.md` prints what the constructs make; its policies do what it says."""

import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from bedrock_lifecycle import contract
from settings import Model
from settings.allow import Allow
from tests.conftest import ROOT
from tests.synth.organized import ACCOUNT, REGION, VPC, Organized
from tests.synth.templates import Json, readable, resources_of_type

PAGE = ROOT / "docs" / "how-to" / "organization.md"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/Administrator"
BUYING = "bedrock:CreateProvisionedModelThroughput"
FOUNDATION = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/bedrock-tuning-dev-Foundation"
MODEL = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"

Organize = Callable[..., Organized]


@pytest.fixture(scope="module")
def organize(dev: Model, context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Organize:
    """Make the `dev` environment with keys of `[organization]`."""
    return lambda **organization: Organized(dev, context, tmp_path_factory.mktemp("page"), **organization)


def policy_of(template: Json, kind: str, starts: str) -> Any:
    (found,) = (
        each["Properties"] for name, each in resources_of_type(template, kind).items() if name.startswith(starts)
    )
    document = found.get("KeyPolicy") or found.get("PolicyDocument") or found["AssumeRolePolicyDocument"]
    return readable(document)["Statement"]


@pytest.fixture(scope="module")
def printed(organize: Organize) -> dict[str, str]:
    """Every policy of the page, as a key, a bucket and a role of our own have it."""
    own = organize().templates()["Foundation"]
    role = policy_of(own, "AWS::IAM::Policy", "ServiceRole")
    networked = policy_of(organize(job_vpc=VPC).templates()["Foundation"], "AWS::IAM::Policy", "ServiceRole")
    policies = {
        "key": policy_of(own, "AWS::KMS::Key", "DataStoreKey"),
        "second key": policy_of(own, "AWS::KMS::Key", "OperationsKey"),
        "bucket": policy_of(own, "AWS::S3::BucketPolicy", "DataStoreBucketPolicy"),
        "service role, trust": policy_of(own, "AWS::IAM::Role", "ServiceRole"),
        "service role": role,
        "service role, network": [each for each in networked if each not in role],
    }
    return {name: _block(statements, own) for name, statements in policies.items()}


def _block(statements: Any, own: Json) -> str:
    text = json.dumps(statements, indent=2)
    for name, each in own["Resources"].items():
        arns = {"AWS::S3::Bucket": "arn:aws:s3:::<your bucket>", "AWS::KMS::Key": "<ARN of your key>"}
        if each["Type"] in arns:
            text = text.replace(f"<{name}.Arn>", arns[each["Type"]])
    return f"```json\n{text}\n```\n"


def between(begin: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {re.escape(begin)} -->\n).*?(?=<!-- end -->)", re.DOTALL)


def section(begin: str) -> str:
    found = between(begin).search(PAGE.read_text(encoding="utf-8"))
    assert found is not None, begin
    return found[0]


POLICIES = ["key", "second key", "bucket", "service role, trust", "service role", "service role, network"]


@pytest.mark.parametrize("name", POLICIES)
def test_the_page_is_a_snapshot_of_what_our_own_would_allow(printed: dict[str, str], name: str) -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        page = between(f"policy: {name}").sub(lambda _: printed[name], PAGE.read_text(encoding="utf-8"), count=1)
        PAGE.write_text(page, encoding="utf-8")
    assert section(f"policy: {name}") == printed[name]


def test_the_page_has_these_policies_and_each_is_one(printed: dict[str, str]) -> None:
    assert list(printed) == POLICIES
    assert re.findall(r"<!-- policy: (.*) -->", PAGE.read_text(encoding="utf-8")) == POLICIES
    for block in printed.values():
        assert len(json.loads(block.removeprefix("```json").removesuffix("```\n"))) >= 1
        assert ".Arn>" not in block


def test_the_page_names_every_service_that_the_functions_call() -> None:
    endpoints = {"stepfunctions": "states", "service-quotas": "servicequotas"}
    called = set()
    for path in sorted((ROOT / "lambda").rglob("*.py")):
        for name in re.findall(
            r"\b(?:client|brisk|evaluating|_reading\.read)\(\s*\"([a-z0-9-]+)\"", path.read_text(encoding="utf-8")
        ):
            called.add(endpoints.get(name, name))
    assert {"bedrock", "dynamodb", "s3"} <= called
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", section("services"), re.MULTILINE)) == called


# --- the service control policy ----------------------------------------------------------------------------------


def decision(principal: str, action: str, resource: str, allowed: list[Any], scp: Any) -> str:
    """Return what IAM decides: the policies of the principal, within what the organization leaves."""
    context = EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
        principal_keys={"aws:principalarn": principal},
        service_context={f"aws:requesttag/{contract.TAG_FOUNDATION}": FOUNDATION},
    )
    # What an organization starts with besides: AWS's FullAWSAccess.
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    within = [parse_policy_document(everything), parse_policy_document(scp)]
    document = {"Version": "2012-10-17", "Statement": allowed}
    return str(evaluate(context, [parse_policy_document(document)], within).decision)


@pytest.fixture(scope="module")
def scp() -> Any:
    return json.loads(section("scp").removeprefix("```json").removesuffix("```\n"))


@pytest.fixture(scope="module")
def roles(organize: Organize) -> dict[str, list[Any]]:
    """The statements of each role of an organization's environment, by its ARN."""
    template = organize(allow=Allow(buy=True), role_path="/fine-tuning/", name_prefix="acme-").templates()["Foundation"]
    made = resources_of_type(template, "AWS::IAM::Role")
    return {
        f"arn:aws:iam::{ACCOUNT}:role{made[name]['Properties']['Path']}{made[name]['Properties']['RoleName']}": (
            readable(policy["Properties"]["PolicyDocument"])["Statement"]
        )
        for policy in resources_of_type(template, "AWS::IAM::Policy").values()
        for name in (policy["Properties"]["Roles"][0]["Ref"],)
    }


def test_the_service_control_policy_lets_the_lifecycle_buy(roles: dict[str, list[Any]], scp: Any) -> None:
    bought = {arn for arn, held in roles.items() if decision(arn, BUYING, MODEL, held, scp) == "Allow"}
    assert len(bought) == 1
    assert "Foundation-Serving-Turn" in bought.pop()


def test_the_service_control_policy_lets_the_role_buy_that_the_page_has_for_it_where_roles_exist(
    roles: dict[str, list[Any]], scp: Any
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = dict(re.findall(r'^ *"(Foundation/[A-Za-z/]+)" = "([^"]+)"$', page, re.MULTILINE))
    (held,) = (statements for arn, statements in roles.items() if "Foundation-Serving-Turn" in arn)
    arns = {place: f"arn:aws:iam::{ACCOUNT}:role/{name}" for place, name in names.items()}
    assert decision(arns.pop("Foundation/Serving/Turn"), BUYING, MODEL, held, scp) == "Allow"
    assert arns
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    assert {decision(arn, BUYING, MODEL, everything, scp) for arn in arns.values()} == {"Deny"}


def test_the_service_control_policy_lets_nobody_else_buy_whatever_they_are_allowed(
    roles: dict[str, list[Any]], scp: Any
) -> None:
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    others = [arn for arn in roles if "Serving" not in arn]
    assert len(others) >= 5
    alike = ("dev-Foundation-Serving", "fine-tuning/any-Foundation-Serving-Turn-Role-1", "other/buyer")
    for arn in (ADMINISTRATOR, *(f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in alike), *others):
        assert decision(arn, BUYING, MODEL, everything, scp) == "Deny"


def test_the_service_control_policy_takes_nothing_else_from_anybody(scp: Any) -> None:
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    for action in ("bedrock:DeleteProvisionedModelThroughput", "bedrock:CreateModelCustomizationJob", "s3:GetObject"):
        assert decision(ADMINISTRATOR, action, "*", everything, scp) == "Allow"


def test_the_how_to_index_links_to_the_page() -> None:
    assert "(organization.md)" in (PAGE.parent / "index.md").read_text(encoding="utf-8")
