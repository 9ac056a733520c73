"""What a change lets a role do: narrowings say nothing, and nothing that is allowed now and was not goes unsaid."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.unit.tune.review.stacks import ACCOUNT, stack, with_policy
from tune.review.access import findings
from tune.review.assembly import StackTemplate

Statement = dict[str, Any]


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
    assert (found.finding_class, found.certainty) == ("widens", "will")
    assert "s3:PutObject on " in found.source if negated == "NotAction" else "on s3:PutObject" in found.source
    narrower = {**before, negated: ["s3:PutObject", "s3:PutObjectAcl"]}
    assert list(findings(with_policy([before]), with_policy([narrower]))) == []


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
    assert found.says.startswith("everybody may call sts:AssumeRole")
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
        {"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "NotAction": "s3:PutObject", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "NotResource": "any"},
    ],
)
def test_all_but_something_is_shared_too(statement: Statement) -> None:
    (found,) = findings(stack({}), stack(policy_on("AWS::S3::BucketPolicy", "Bucket", [statement])))
    assert (found.finding_class, found.certainty) == ("shares", "will")


@pytest.mark.parametrize(("account", "expected"), [(ACCOUNT, "widens"), ("999988887777", "shares")])
def test_who_is_logged_in_by_another_account_is_a_stranger(account: str, expected: str) -> None:
    provider = {"Federated": f"arn:aws:iam::{account}:saml-provider/any"}
    (found,) = findings(stack(role()), stack(trusting(provider)))
    assert found.finding_class == expected


def test_wildcards_are_named_first_however_many_actions_there_are() -> None:
    actions = ["a:One", "b:Two", "c:Three", "iam:*", "s3:DeleteBucket"]
    (found,) = findings(stack({}), with_policy([{"Effect": "Allow", "Action": actions, "Resource": "*"}]))
    assert "may call iam:*, a:One, b:Two and 2 more on *" in found.says
    assert found.details[0].endswith(" may call iam:* on *")


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


def with_role(path: str, logical_id: str = "Role", policy: str = "Policy", **properties: Any) -> Mapping[str, Any]:
    """Return a role of a construct with a policy of its own, and a queue that lets it in."""
    made = {**role(**properties)["Role"], "Metadata": {"aws:cdk:path": f"app/{path}/Resource"}}
    attached = {"Roles": [{"Ref": logical_id}], **document(ALLOWS)}
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}
    lets_in = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sqs:*", "Resource": "*"}]}
    return {
        logical_id: made,
        policy: {"Type": "AWS::IAM::Policy", "Properties": attached},
        "Queue": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["any"], "PolicyDocument": lets_in}},
    }


@pytest.mark.parametrize(
    "after",
    [
        with_role("stack/Renamed"),
        with_role("stack/Role", "RoleAB12", "PolicyAB12"),
        with_role("stack/Renamed", "RenamedCD34", "PolicyCD34"),
        with_role("stack/Renamed", "RenamedCD34"),
        with_role("stack/Role", "RoleAB12", Description="another"),
    ],
    ids=["path", "logical id", "both", "role alone", "logical id and content"],
)
def test_a_construct_that_is_renamed_gets_nothing(after: Mapping[str, Any]) -> None:
    assert list(findings(stack(with_role("stack/Role")), stack(after))) == []


def test_a_renamed_role_that_gets_more_gets_just_that() -> None:
    more = with_role("stack/Renamed", "RenamedCD34")
    more["Policy"]["Properties"]["PolicyDocument"] = {
        "Statement": [*ALLOWS, {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]
    }
    (found,) = findings(stack(with_role("stack/Role")), stack(more))
    assert (found.finding_class, len(found.details)) == ("widens", 1)
    assert "s3:PutObject" in found.says


def test_a_role_that_trusts_another_is_no_renamed_one() -> None:
    other = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": STRANGER}}]}
    after = with_role("stack/Renamed", "RenamedCD34", AssumeRolePolicyDocument=other)
    assert "shares" in [its.finding_class for its in findings(stack(with_role("stack/Role")), stack(after))]


def denying(*statements: Mapping[str, Any]) -> Any:
    return with_policy(
        [ALLOWS[0] | {"Action": "*"}, *({"Effect": "Deny", "Resource": "*", **its} for its in statements)]
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([{"Action": ["s3:Get*", "s3:Put*"]}], [{"Action": "s3:Put*"}, {"Action": "s3:Get*"}]),
        ([{"Action": "s3:Get*"}, {"Action": "s3:Put*"}], [{"Action": ["s3:Put*", "s3:Get*"]}]),
        ([{"Action": "s3:Get*"}], [{"Action": "s3:*"}]),
        ([{"NotAction": "s3:Get*"}], [{"NotAction": "s3:GetObject"}]),
        ([{"NotAction": "s3:Get*"}], [{"Action": "*"}]),
        ([{"Action": "s3:*", "Resource": "one/*"}], [{"Action": "s3:*", "NotResource": ["two/*"]}]),
        (
            [{"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}],
            [
                {"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": False}}},
                {"Action": "s3:*", "Condition": {"NumericGreaterThan": {"s3:signatureAge": 10}}},
            ],
        ),
        (
            [{"Action": "s3:*"}],
            [{"Action": "s3:*", "Condition": {"Null": {"aws:Color": its}}} for its in ("true", "false")],
        ),
    ],
)
def test_what_is_still_denied_is_not_said(before: Sequence[Statement], after: Sequence[Statement]) -> None:
    assert list(findings(denying(*before), denying(*after))) == []


@pytest.mark.parametrize(
    ("before", "after", "now", "example"),
    [
        ({"Action": "s3:*"}, {"Action": "s3:Get*"}, "denied in part", "s3:"),
        ({"Action": "s3:Get*"}, {"Action": "kms:*"}, "not denied", "s3:Get"),
        (
            {"NotAction": "s3:GetObject"},
            {"NotAction": ["s3:GetObject", "s3:PutObject"]},
            "denied in part",
            "s3:PutObject",
        ),
        (
            {"Action": "s3:*"},
            {"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            "denied in part",
            "s3:",
        ),
    ],
)
def test_only_what_is_no_longer_denied_is_said(before: Statement, after: Statement, now: str, example: str) -> None:
    (found,) = findings(denying(before), denying(after))
    assert (found.finding_class, found.now) == ("widens", now)
    assert found.source.startswith(f"for example {example}")


def test_what_stays_denied_is_not_allowed_by_a_new_statement() -> None:
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert list(findings(with_policy([denied]), with_policy([denied, *ALLOWS]))) == []


JOINED = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": ACCOUNT}),
        ({"AWS": {"Ref": "AWS::AccountId"}}, {"AWS": JOINED}),
        ({"AWS": JOINED}, {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": {"Fn::Sub": ["arn:aws:iam::${a}:root", {"a": ACCOUNT}]}}),
        ("*", {"AWS": "*"}),
        ({"AWS": ["*"]}, "*"),
        (
            {"Service": ["lambda.amazonaws.com", "logs.us-east-1.amazonaws.com"]},
            {"Service": [{"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}, "lambda.amazonaws.com"]},
        ),
    ],
)
def test_the_same_in_another_spelling_says_nothing(before: Any, after: Any) -> None:
    assert list(findings(stack(trusting(before)), stack(trusting(after)))) == []
    assert list(findings(stack(trusting(after)), stack(trusting(before)))) == []


def test_a_bucket_and_its_arn_are_the_same() -> None:
    bucket = {"Bucket": {"Type": "AWS::S3::Bucket"}}

    def reads(resource: Any) -> Any:
        return stack({**bucket, **with_policy([{**ALLOWS[0], "Resource": resource}]).resources})

    by_arn = reads({"Fn::Join": ["/", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "*"]]})
    by_name = reads({"Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}/*"})
    assert list(findings(by_arn, by_name)) == list(findings(by_name, by_arn)) == []
    (found,) = findings(by_name, reads({"Fn::Sub": "${Bucket.Arn}*"}))
    assert found.finding_class == "widens"


def test_what_nobody_knows_before_a_deploy_is_compared_as_it_is_written() -> None:
    def anywhere(resources: Mapping[str, Any]) -> Any:
        return stack(resources, account="unknown-account", region="unknown-region")

    one, other = (anywhere(trusting({"AWS": its})) for its in ({"Ref": "AWS::AccountId"}, JOINED))
    assert list(findings(one, other)) == []


def test_a_condition_of_the_template_counts_where_it_matters() -> None:
    def under(condition: str | None, definition: Any = "x", effect: str = "Allow") -> Any:
        resources = {"It": {**policy_on("AWS::IAM::Policy", "Users", [{**ALLOWS[0], "Effect": effect}])["It"]}}
        if condition:
            resources["It"]["Condition"] = condition
        return stack(resources, body={"Resources": resources, "Conditions": {"IsBig": definition}})

    assert list(findings(under(None), under("IsBig"))) == []
    assert list(findings(under("IsBig"), under("IsBig"))) == []
    for before, after in (
        (under("IsBig"), under(None)),
        (under("IsBig"), under("IsBig", "y")),
        (under(None, effect="Deny"), under("IsBig", effect="Deny")),
    ):
        (found,) = findings(before, after)
        assert (found.finding_class, found.certainty) == ("widens", "unknown")


def test_a_choice_of_the_template_is_read_on_both_sides() -> None:
    def chosen(one: Any, other: Any) -> Any:
        return with_policy([{**ALLOWS[0], "Resource": [{"Fn::If": ["IsBig", one, other]}]}])

    assert list(findings(chosen("one", "two"), chosen("one", "two"))) == []
    assert list(findings(chosen("one", "two"), chosen("one", {"Ref": "AWS::NoValue"}))) == []
    assert list(findings(reading("*"), chosen("one", "two"))) == []
    (found,) = findings(chosen("one", "two"), chosen("one", "three"))
    assert (found.certainty, len(found.details)) == ("unknown", 1)
    assert "three" in found.says


def test_a_parameter_of_the_template_is_known_by_its_default() -> None:
    def given(default: str) -> Any:
        its = with_policy([{**ALLOWS[0], "Resource": {"Ref": "Where"}}])
        body = {"Resources": its.resources, "Parameters": {"Where": {"Type": "String", "Default": default}}}
        return dataclasses.replace(its, body=body)

    assert list(findings(given("one"), given("one"))) == []
    (found,) = findings(given("one"), given("*"))
    assert (found.finding_class, found.certainty) == ("widens", "unknown")


def test_another_asset_of_the_same_bucket_is_wider() -> None:
    one, other, third = (f"{ASSETS}/{letter * 64}.jsonl" for letter in "abc")
    both = {"Other": {"Type": "Custom::Any", "Properties": {"Key": f"{'b' * 64}.jsonl"}}}

    def reads(*resources: str) -> Any:
        return stack({**both, **with_policy([{**ALLOWS[0], "Resource": list(resources)}]).resources})

    # What is there already is another asset, and no newer version.
    (found,) = findings(reads(one), reads(other))
    assert found.finding_class == "widens"
    (found,) = findings(reads(one), reads(one, third))
    assert [third.rpartition("/")[2] in its for its in found.details] == [True]
    (found,) = findings(reads(one), reads(third, third.replace("c" * 64, "d" * 64)))
    assert len(found.details) == 1
    assert list(findings(reads(one), reads(third))) == []
    # Nobody but the CDK names what it stores by its content.
    elsewhere = [reads(f"arn:aws:s3:::any/{its.rpartition('/')[2]}") for its in (one, third)]
    assert [its.finding_class for its in findings(*elsewhere)] == ["widens"]


def test_all_grants_are_in_the_details() -> None:
    many = [{"Effect": "Allow", "Action": [f"s3:Get{letter}" for letter in "abcdefgh"], "Resource": "*"}]
    (found,) = findings(with_policy(ALLOWS), with_policy([*ALLOWS, *many]))
    assert "and 5 more" in found.says
    assert len(found.details) == 8


def lambda_role(number: int) -> Mapping[str, Any]:
    narrow = [{"Effect": "Allow", "Action": f"s3:Get{its}", "Resource": "arn:aws:s3:::one/*"} for its in "abcde"]
    return {f"Role{number}": role(Policies=[document(narrow)])["Role"]}


def test_a_new_stack_is_one_finding() -> None:
    after = stack({**lambda_role(1), **lambda_role(2)})
    (found,) = findings(None, after)
    assert (found.finding_class, found.path, len(found.details)) == ("widens", "", 12)
    assert "2 holders" in found.says


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Action": "s3:*", "Resource": "one"}, "widens"),
        ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, "widens"),
        ({"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "one"}, "widens"),
    ],
)
def test_what_is_unusual_in_a_new_stack_is_said_of_its_own(statement: Statement, expected: str) -> None:
    found = list(findings(None, stack({**lambda_role(1), **with_policy([statement]).resources})))
    assert [(its.finding_class, its.path) for its in found] == [(expected, "Policy"), ("widens", "")]


def test_what_is_shared_in_a_new_stack_is_said_of_its_own() -> None:
    found = list(findings(None, stack({**lambda_role(1), "Other": trusting({"AWS": STRANGER})["Role"]})))
    assert [its.finding_class for its in found] == ["shares", "widens"]


def test_a_new_role_in_a_stack_is_one_finding() -> None:
    (found,) = findings(stack(lambda_role(1)), stack({**lambda_role(1), **lambda_role(2), **with_policy([]).resources}))
    assert (found.finding_class, found.path, len(found.details)) == ("widens", "Role2", 6)


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("AWS::Events::EventBusPolicy", {"StatementId": "a", "Action": "events:PutEvents", "Principal": "*"}, "shares"),
        (
            "AWS::Events::EventBusPolicy",
            {"StatementId": "a", "Statement": {**ALLOWS[0], "Principal": {"AWS": ACCOUNT}}},
            "widens",
        ),
        (
            "AWS::Logs::ResourcePolicy",
            {"PolicyName": "a", "PolicyDocument": json.dumps({"Statement": LETS_IN})},
            "shares",
        ),
        ("AWS::Logs::ResourcePolicy", {"PolicyName": "a", "PolicyDocument": '{"Statement": '}, "shares"),
        ("AWS::SNS::Subscription", {"TopicArn": "a", "Protocol": "email", "Endpoint": "a@any.example"}, "shares"),
        (
            "AWS::SNS::Subscription",
            {"TopicArn": "a", "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:999988887777:q"},
            "shares",
        ),
        ("AWS::RAM::ResourceShare", {"Principals": ["999988887777"], "ResourceArns": ["any"]}, "shares"),
        (
            "AWS::RAM::ResourceShare",
            {"Principals": [f"arn:aws:organizations::{ACCOUNT}:ou/any"], "ResourceArns": ["any"]},
            "shares",
        ),
        ("AWS::Lambda::Url", {"AuthType": "NONE", "TargetFunctionArn": "any"}, "shares"),
        (
            "AWS::S3::Bucket",
            {
                "ReplicationConfiguration": {
                    "Rules": [{"Destination": {"Bucket": "arn:aws:s3:::b", "Account": "999988887777"}}]
                }
            },
            "shares",
        ),
        ("AWS::S3::Bucket", {"ReplicationConfiguration": {"Rules": [{"Destination": {"Bucket": "b"}}]}}, "shares"),
        ("AWS::IAM::UserToGroupAddition", {"GroupName": "admins", "Users": ["a"]}, "widens"),
        ("AWS::Any::Thing", {"AccessPolicy": {"Ref": "Parameter"}}, "shares"),
        ("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Ref": "Parameter"}}, "widens"),
    ],
)
def test_whatever_gives_is_read(kind: str, properties: Mapping[str, Any], expected: str) -> None:
    after = stack({"It": {"Type": kind, "Properties": properties}})
    (found,) = findings(stack({}), after)
    assert found.finding_class == expected
    assert list(findings(after, after)) == []


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Lambda::Url", {"AuthType": "AWS_IAM", "TargetFunctionArn": "any"}),
        ("AWS::SNS::Subscription", {"TopicArn": "a", "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["It", "Arn"]}}),
        ("AWS::SNS::Subscription", {"TopicArn": "a", "Protocol": "sqs", "Endpoint": {"Fn::ImportValue": "queue"}}),
        (
            "AWS::S3::Bucket",
            {
                "ReplicationConfiguration": {
                    "Rules": [{"Destination": {"Bucket": "arn:aws:s3:::b", "Account": ACCOUNT}}]
                }
            },
        ),
        ("AWS::SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 3}}),
    ],
)
def test_what_gives_nothing_says_nothing(kind: str, properties: Mapping[str, Any]) -> None:
    assert list(findings(stack({}), stack({"It": {"Type": kind, "Properties": properties}}))) == []


def test_the_secret_part_of_an_address_is_not_printed() -> None:
    address = {"TopicArn": "a", "Protocol": "https", "Endpoint": "https://any.example/hook?token=secret"}
    (found,) = findings(stack({}), stack({"It": {"Type": "AWS::SNS::Subscription", "Properties": address}}))
    assert "https://any.example" in found.says
    assert "secret" not in repr(found)


def test_a_managed_policy_of_the_stack_is_read_with_its_role() -> None:
    managed = {"Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": document(ALLOWS)}}
    plain, attached = role(), role(ManagedPolicyArns=[{"Ref": "Managed"}])
    (found,) = findings(stack({**managed, **plain}), stack({**managed, **attached}))
    assert (found.finding_class, found.certainty, found.path) == ("widens", "will", "Role")
    assert list(findings(stack({**managed, **role(Policies=[document(ALLOWS)])}), stack({**managed, **attached}))) == []


def test_a_role_that_stays_as_it_is_gets_what_its_managed_policy_gets() -> None:
    def attached(statements: list[Any]) -> Any:
        managed = {"Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": document(statements)}}
        return stack({**managed, **role(ManagedPolicyArns=[{"Ref": "Managed"}])})

    found = list(findings(attached(ALLOWS), attached([*ALLOWS, {**ALLOWS[0], "Action": "kms:Decrypt"}])))
    assert {(its.finding_class, its.path) for its in found} >= {("widens", "Role")}


def test_an_endpoint_without_a_policy_lets_everything_through() -> None:
    def endpoint(**properties: Any) -> Any:
        return stack({"It": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": "any", **properties}}})

    limited = endpoint(PolicyDocument={"Statement": [{**ALLOWS[0], "Principal": "*"}]})
    (found,) = findings(limited, endpoint())
    assert found.finding_class == "widens"
    assert list(findings(endpoint(), limited)) == []


def test_everybody_of_the_own_account_is_no_stranger() -> None:
    def lets_in(account: str) -> Any:
        only = {"StringEquals": {"aws:PrincipalAccount": account}}
        statement = {**ALLOWS[0], "Principal": "*", "Condition": only}
        return stack(policy_on("AWS::S3::BucketPolicy", "Bucket", [statement]))

    for account, expected in ((ACCOUNT, "widens"), ("999988887777", "shares")):
        (found,) = findings(stack({}), lets_in(account))
        assert found.finding_class == expected


def test_whoever_is_gone_need_not_be_denied() -> None:
    denied = [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]
    before = stack(role(Policies=[document(denied)], PermissionsBoundary="any"))
    assert list(findings(before, stack({}))) == []
    assert {its.now for its in findings(before, stack(role()))} == {"not denied"}


def two_roles(names: Sequence[str], actions: Sequence[str]) -> Any:
    resources: dict[str, Any] = {}
    for name, action in zip(names, actions, strict=True):
        grants = document([{"Effect": "Allow", "Action": action, "Resource": "one"}])
        resources[name] = role()["Role"]
        resources[f"{name}Policy"] = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": name}], **grants}}
    return stack(resources)


@pytest.mark.parametrize("names", [("C", "D"), ("D", "C"), ("A", "C"), ("C", "B")])
@pytest.mark.parametrize("actions", [("s3:Get", "s3:Put"), ("s3:Get", "s3:Get")])
def test_roles_that_look_the_same_are_told_apart_by_what_they_may(names: Sequence[str], actions: Sequence[str]) -> None:
    assert list(findings(two_roles(("A", "B"), actions), two_roles(names, actions))) == []


def test_roles_that_keep_their_names_and_change_places_are_wider() -> None:
    before, after = two_roles(("A", "B"), ("s3:Get", "s3:Put")), two_roles(("A", "B"), ("s3:Put", "s3:Get"))
    assert [its.finding_class for its in findings(before, after)] == ["widens", "widens"]


def test_an_action_is_the_same_in_either_case() -> None:
    upper, lower = ([{"Effect": "Allow", "Action": its, "Resource": "*"}] for its in ("S3:getobject", "s3:GetObject"))
    assert list(findings(with_policy(upper), with_policy(lower))) == []
    assert list(findings(with_policy(lower), with_policy(upper))) == []


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_each_partition_has_its_own_names(region: str) -> None:
    partition, _, suffix = {"cn": ("aws-cn", "", ".cn"), "us-gov": ("aws-us-gov", "", "")}.get(
        region.rpartition("-")[0].rpartition("-")[0], ("aws", "", "")
    )
    written = {"AWS": f"arn:{partition}:iam::{ACCOUNT}:root", "Service": f"states.amazonaws.com{suffix}"}
    by_names = {"AWS": {"Ref": "AWS::AccountId"}, "Service": {"Fn::Sub": "states.${AWS::URLSuffix}"}}
    one, other = (stack(trusting(its), region=region) for its in (written, by_names))
    assert list(findings(one, other)) == list(findings(other, one)) == []


@pytest.mark.parametrize(("account", "expected"), [(ACCOUNT, "widens"), ("999988887777", "shares")])
def test_a_denial_that_kept_a_stranger_out_shares_when_it_is_gone(account: str, expected: str) -> None:
    allowing = {**ALLOWS[0], "Principal": {"AWS": f"arn:aws:iam::{account}:role/reader"}}
    elsewhere = {**allowing, "Principal": {"AWS": STRANGER}, "Action": "s3:ListBucket"}
    denying = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    before = policy_on("AWS::S3::BucketPolicy", "Bucket", [allowing, elsewhere, denying])
    after = policy_on("AWS::S3::BucketPolicy", "Bucket", [allowing, elsewhere])
    (found,) = findings(stack(before), stack(after))
    assert (found.finding_class, found.was) == (expected, "denied")


def test_words_of_conditions_have_either_case() -> None:
    upper, lower = ({"Action": "s3:*", "Condition": {"Bool": {"aws:Any": its}}} for its in ("False", "false"))
    assert list(findings(denying(upper), denying(lower))) == []


def test_a_condition_that_the_template_leaves_out_is_none() -> None:
    only = {"Bool": {"aws:SecureTransport": "true"}}
    chosen = {"Fn::If": ["IsBig", only, {"Ref": "AWS::NoValue"}]}
    conditions: Sequence[Statement] = ({"Condition": only}, {}, {"Condition": chosen})
    narrow, wide, either = (with_policy([{**ALLOWS[0], **its}]) for its in conditions)
    assert list(findings(wide, either)) == []
    (found,) = findings(narrow, either)
    assert (found.finding_class, found.certainty) == ("widens", "unknown")


def test_a_policy_of_another_language_is_known_to_be_another_alone() -> None:
    def protecting(identifier: str) -> Any:
        policy = {"Statement": [{"DataIdentifier": [identifier], "Operation": {"Audit": {}}}]}
        return stack({"It": {"Type": "AWS::Logs::LogGroup", "Properties": {"DataProtectionPolicy": policy}}})

    assert list(findings(protecting("one"), protecting("one"))) == []
    (found,) = findings(protecting("one"), protecting("two"))
    assert found.certainty == "unknown"


def test_a_user_in_place_of_a_role_is_no_renamed_one() -> None:
    user = {**with_role("stack/Role")["Role"], "Type": "AWS::IAM::User", "Properties": {"Policies": [document(ALLOWS)]}}
    before = {its: each for its, each in with_role("stack/Role").items() if its != "Queue"}
    assert [its.finding_class for its in findings(stack(before), stack({"User": user}))] == ["widens", "widens"]


def test_whom_a_trust_newly_lets_in_is_named() -> None:
    def trusting(*roles: str) -> StackTemplate:
        names = [f"arn:aws:iam::222222222222:role/{role}" for role in roles]
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Condition": {"ArnEquals": {"aws:PrincipalArn": names}},
        }
        trust = {"AssumeRolePolicyDocument": {"Statement": [statement]}}
        return stack({"Role": {"Type": "AWS::IAM::Role", "Properties": trust}})

    (found,) = findings(trusting("answers"), trusting("answers", "batch"))
    assert found.finding_class == "shares"
    assert "iam::222222222222:role/batch" in found.says
    assert list(findings(trusting("answers", "batch"), trusting("answers"))) == []
