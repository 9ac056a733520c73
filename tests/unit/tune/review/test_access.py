"""What a change lets a role do: narrowings say nothing, and nothing that is allowed now and was not goes unsaid."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tune.review import iam_oracle
from tests.unit.tune.review.stacks import ACCOUNT, stack, with_policy
from tune.review.access import findings
from tune.review.containment import pattern_covers

PAIRS: Final = 500
ACTIONS: Final = ("*", "s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "kms:Decrypt", "s3:?etObject")
RESOURCES: Final = ("*", "arn:aws:s3:::*", "arn:aws:s3:::one*", "arn:aws:s3:::one/train/*", *iam_oracle.RESOURCES)
OPERATORS: Final = ("StringEquals", "StringLike", "StringNotEquals", "StringEqualsIfExists")
VALUES: Final = ("red", "blue", "red*", "reddish")

Statement = dict[str, Any]


def drawn(chance: random.Random) -> Statement:
    statement: Statement = {
        "Effect": chance.choices(("Allow", "Deny"), (4, 1))[0],
        "Action": chance.sample(ACTIONS, chance.randint(1, 2)),
        "Resource": chance.sample(RESOURCES, chance.randint(1, 2)),
    }
    if chance.random() < 0.5:
        values = chance.sample(VALUES, chance.randint(1, 2))
        statement["Condition"] = {chance.choice(OPERATORS): {chance.choice(iam_oracle.KEYS): values}}
    return statement


def narrowed(chance: random.Random, statements: Sequence[Statement]) -> list[Statement]:
    """Return statements that allow no more, written another way."""
    found: list[Statement] = []
    for its in statements:
        if its["Effect"] == "Deny":
            found.append(its)
            continue
        match chance.randrange(5):
            case 0:
                continue
            case 1:
                found += [{**its, "Action": [each]} for each in its["Action"]]
            case 2:
                found.append({**its, "Resource": [each.replace("*", "one/train/*") for each in its["Resource"][:1]]})
            case 3:
                condition = {**its.get("Condition", {}), "Bool": {"aws:SecureTransport": ["true"]}}
                found.append({**its, "Condition": condition})
            case _:
                found.append({**its, "Action": list(reversed(its["Action"]))})
    chance.shuffle(found)
    return found


def test_narrowings_say_nothing() -> None:
    chance = random.Random(7)
    for _ in range(PAIRS):
        base = [drawn(chance) for _ in range(chance.randint(1, 4))]
        head = narrowed(chance, base)
        assert list(findings(with_policy(base), with_policy(head))) == [], (base, head)


def test_whatever_is_allowed_now_and_was_not_is_said() -> None:
    chance, wider = random.Random(11), 0
    for _ in range(PAIRS):
        base = [drawn(chance) for _ in range(chance.randint(1, 3))]
        head = [*base, drawn(chance)] if chance.random() < 0.5 else [drawn(chance) for _ in range(chance.randint(1, 3))]
        if iam_oracle.allowed(head) - iam_oracle.allowed(base):
            wider += 1
            assert list(findings(with_policy(base), with_policy(head))) != [], (base, head)
    assert wider > PAIRS / 4


@given(st.text("ab*?", max_size=6), st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_a_pattern_covers_whatever_matches_a_narrower_one(wide: str, narrow: str, text: str) -> None:
    if pattern_covers(wide, narrow) and iam_oracle._like(narrow, text):
        assert iam_oracle._like(wide, text)


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_of_a_text_without_wildcards_covering_is_matching(wide: str, text: str) -> None:
    assert pattern_covers(wide, text) == iam_oracle._like(wide, text)


def role(**properties: Any) -> Mapping[str, Any]:
    trust = {
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "bedrock.amazonaws.com"}}
        ]
    }
    return {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}}


def trusting(principal: Any) -> Mapping[str, Any]:
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]}
    return role(AssumeRolePolicyDocument=trust)


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"Service": "lambda.amazonaws.com"}, "widens"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "widens"),
        ({"AWS": "arn:aws:iam::444455556666:root"}, "shares"),
        ({"AWS": "444455556666"}, "shares"),
        ({"AWS": "*"}, "shares"),
        ("*", "shares"),
    ],
)
def test_trust_is_shared_with_whom_it_names(principal: Any, expected: str) -> None:
    (found,) = findings(stack(role()), stack(trusting(principal)))
    assert (found.finding_class, found.path) == (expected, "Role")


def test_a_boundary_that_is_gone_is_wider() -> None:
    (found,) = findings(stack(role(PermissionsBoundary="arn:aws:iam::aws:policy/Limits")), stack(role()))
    assert (found.finding_class, found.certainty) == ("widens", "unknown")
    assert list(findings(stack(role()), stack(role(PermissionsBoundary="arn:aws:iam::aws:policy/Limits")))) == []


def test_a_managed_policy_that_is_new_cannot_be_compared() -> None:
    (found,) = findings(stack(role()), stack(role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])))
    assert (found.finding_class, found.certainty) == ("widens", "unknown")
    assert "AdministratorAccess" in found.says


@pytest.mark.parametrize("negated", ["NotAction", "NotResource"])
def test_what_says_all_but_something_is_told_when_it_differs(negated: str) -> None:
    statement = {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}
    plain = negated.removeprefix("Not")
    before = {**{key: value for key, value in statement.items() if key != plain}, negated: ["s3:PutObject"]}
    after = {**before, negated: ["s3:PutObjectAcl"]}
    assert list(findings(with_policy([before]), with_policy([before, statement]))) != []
    (found,) = findings(with_policy([before]), with_policy([after]))
    assert (found.finding_class, found.certainty) == ("widens", "unknown")
    assert list(findings(with_policy([before]), with_policy([dict(reversed(before.items()))]))) == []


def test_a_bucket_s_policy_names_whom_it_lets_in() -> None:
    def bucket(account: str) -> Mapping[str, Any]:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:role/reader"},
            "Action": "s3:GetObject",
            "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]},
        }
        properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Statement": [statement]}}
        return {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}

    (found,) = findings(stack(bucket(ACCOUNT)), stack(bucket("444455556666")))
    assert found.finding_class == "shares"
    assert "444455556666" in found.says
    assert "s3:GetObject on <Bucket.Arn>/" in found.source


STRANGER = "arn:aws:iam::999988887777:root"


def test_a_stranger_is_named_first_however_many_there_are() -> None:
    known = [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in "abcde"]
    (found,) = findings(stack(role()), stack(trusting({"AWS": [*known, STRANGER]})))
    assert found.finding_class == "shares"
    assert found.says.startswith(f"AWS {STRANGER}, ")
    assert "and 3 more" in found.says


def test_everybody_is_called_everybody() -> None:
    (found,) = findings(stack(role()), stack(trusting("*")))
    assert found.says.startswith("everybody may sts:AssumeRole")
    denying = [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]
    (found,) = findings(stack(policy_on("AWS::S3::BucketPolicy", "Bucket", denying)), stack({}))
    assert found.says.startswith("everybody is no longer denied s3:*")


def test_a_canonical_user_is_another_account() -> None:
    (found,) = findings(stack(role()), stack(trusting({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"})))
    assert found.finding_class == "shares"


def policy_on(kind: str, on: str, statements: Sequence[Statement], name: str = "PolicyDocument") -> Mapping[str, Any]:
    return {"It": {"Type": kind, "Properties": {on: "any", name: {"Statement": list(statements)}}}}


ALLOWS = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]
LETS_IN = [{**ALLOWS[0], "Principal": {"AWS": STRANGER}}]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (policy_on("AWS::IAM::Policy", "Users", ALLOWS), "widens"),
        (policy_on("AWS::IAM::Policy", "Groups", ALLOWS), "widens"),
        (policy_on("AWS::IAM::ManagedPolicy", "Path", ALLOWS), "widens"),
        (policy_on("AWS::IAM::RolePolicy", "RoleName", ALLOWS), "widens"),
        (policy_on("AWS::IAM::UserPolicy", "UserName", ALLOWS), "widens"),
        (policy_on("AWS::IAM::GroupPolicy", "GroupName", ALLOWS), "widens"),
        (
            {"It": {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyDocument": {"Statement": ALLOWS}}]}}},
            "widens",
        ),
        (policy_on("AWS::SecretsManager::ResourcePolicy", "SecretId", LETS_IN, "ResourcePolicy"), "shares"),
        (policy_on("AWS::S3::AccessPoint", "Bucket", LETS_IN, "Policy"), "shares"),
        (
            {
                "It": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {"ResourcePolicy": {"PolicyDocument": {"Statement": LETS_IN}}},
                }
            },
            "shares",
        ),
        (
            {
                "It": {
                    "Type": "AWS::Lambda::LayerVersionPermission",
                    "Properties": {"Action": "lambda:GetLayerVersion", "LayerVersionArn": "any", "Principal": "*"},
                }
            },
            "shares",
        ),
    ],
)
def test_whatever_has_a_policy_is_read(resources: Mapping[str, Any], expected: str) -> None:
    (found,) = findings(stack({}), stack(resources))
    assert found.finding_class == expected
    assert list(findings(stack(resources), stack(resources))) == []


@pytest.mark.parametrize(("account", "expected"), [(ACCOUNT, "widens"), ("999988887777", "shares")])
def test_a_service_that_acts_for_another_account_shares(account: str, expected: str) -> None:
    permission = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "any",
        "Principal": "sns.amazonaws.com",
        "SourceArn": f"arn:aws:sns:us-east-1:{account}:topic",
    }
    (found,) = findings(stack({}), stack({"It": {"Type": "AWS::Lambda::Permission", "Properties": permission}}))
    assert found.finding_class == expected
    statement = {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": "*",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    (found,) = findings(stack({}), stack(policy_on("AWS::S3::BucketPolicy", "Bucket", [statement])))
    assert found.finding_class == expected


ASSETS = "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-us-east-1"


def reading(resource: str) -> Any:
    return with_policy([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}])


def test_another_version_of_an_asset_is_no_wider() -> None:
    first, second = (reading(f"{ASSETS}/{letter * 64}.jsonl") for letter in "ab")
    assert list(findings(first, second)) == []
    assert list(findings(first, reading(f"{ASSETS}/*"))) != []
    assert list(findings(first, reading(f"{ASSETS}/{'a' * 64}.zip"))) != []
    assert list(findings(first, reading(f"{ASSETS.replace('111122223333', '999988887777')}/{'b' * 64}.jsonl"))) != []


def test_a_policy_that_becomes_the_role_s_own_is_no_wider() -> None:
    trusted = trusting({"Service": "bedrock.amazonaws.com"})
    attached = {"Policy": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}], **document(ALLOWS)}}}
    own = role(Policies=[document(ALLOWS)])
    assert list(findings(stack({**trusted, **attached}), stack(own))) == []
    assert list(findings(stack(own), stack({**trusted, **attached}))) == []


def document(statements: Sequence[Statement]) -> Mapping[str, Any]:
    return {"PolicyDocument": {"Statement": list(statements)}}


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotPrincipal": {"AWS": STRANGER}, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "NotAction": "s3:PutObject", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "NotResource": "any"},
    ],
)
def test_what_cannot_be_compared_may_share_too(statement: Statement) -> None:
    (found,) = findings(stack({}), stack(policy_on("AWS::S3::BucketPolicy", "Bucket", [statement])))
    assert (found.finding_class, found.certainty) == ("shares", "unknown")


@pytest.mark.parametrize(("account", "expected"), [(ACCOUNT, "widens"), ("999988887777", "shares")])
def test_who_is_logged_in_by_another_account_is_a_stranger(account: str, expected: str) -> None:
    provider = {"Federated": f"arn:aws:iam::{account}:saml-provider/any"}
    (found,) = findings(stack(role()), stack(trusting(provider)))
    assert found.finding_class == expected


def test_wildcards_are_named_first_however_many_actions_there_are() -> None:
    actions = ["a:One", "b:Two", "c:Three", "iam:*", "s3:DeleteBucket"]
    (found,) = findings(stack({}), with_policy([{"Effect": "Allow", "Action": actions, "Resource": "*"}]))
    assert "may iam:*, a:One, b:Two and 2 more on *" in found.says
    assert found.now.startswith("iam:* on *, ")


@pytest.mark.parametrize(
    "resource",
    [
        {"Fn::GetAtt": "Bucket.Arn"},
        {"Fn::Join": ["", {"Fn::Split": ["|", {"Ref": "Bucket"}]}]},
        {"Fn::Join": ["", [{"Fn::GetAtt": "Bucket.Arn"}, "/*"]]},
        {"Fn::Sub": ["${it}/*", {"it": {"Fn::GetAtt": "Bucket.Arn"}}]},
        {"Fn::If": ["IsBig", "one", {"Ref": "AWS::NoValue"}]},
    ],
)
def test_every_function_of_a_template_is_read(resource: Any) -> None:
    before, after = (with_policy([{**ALLOWS[0], "Resource": each}]) for each in ("arn:aws:s3:::one", resource))
    (found,) = findings(before, after)
    assert found.finding_class == "widens"
    assert list(findings(after, after)) == []


@pytest.mark.parametrize(
    "statements",
    [
        [{"Fn::If": ["IsBig", ALLOWS[0], {"Ref": "AWS::NoValue"}]}],
        [{**ALLOWS[0], "Condition": {"Fn::If": ["IsBig", {"Bool": {"aws:SecureTransport": "true"}}, {}]}}],
        [{**ALLOWS[0], "Condition": {"Bool": {"Fn::If": ["IsBig", {}, {}]}}}],
    ],
)
def test_what_depends_on_a_condition_of_the_template_cannot_be_compared(statements: Sequence[Statement]) -> None:
    (found,) = findings(with_policy([]), with_policy(statements))
    assert (found.finding_class, found.certainty) == ("widens", "unknown")
    assert list(findings(with_policy(statements), with_policy(statements))) == []
