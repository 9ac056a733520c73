"""As which role something acts, who can log in, what runs others' code, and what leaves the account."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.tune.review.stacks import ACCOUNT, stack
from tune.review.access import findings

STRANGE = "999988887777"
READS = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]
ALL = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
OUTSIDE = [f"arn:aws:iam::{ACCOUNT}:role/Admin", f"arn:aws:iam::{STRANGE}:role/Any", {"Fn::ImportValue": "any"}]


def role(statements: list[Any], **properties: Any) -> Any:
    policies = [{"PolicyDocument": {"Statement": statements}}]
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies, **properties}}


ROLES = {"Reader": role(READS), "Admin": role(ALL)}
READER, ADMIN = ({"Fn::GetAtt": [name, "Arn"]} for name in ROLES)


def one(kind: str, **properties: Any) -> Mapping[str, Any]:
    return {"It": {"Type": kind, "Properties": properties}}


def with_role(place: str, value: Any) -> Mapping[str, Any]:
    """Return a resource with a role at a place, as `AWS::Any::Thing/List*/RoleArn`."""
    kind, *names = place.split("/")
    for name in reversed(names):
        value = {name.strip("*"): [value] if "*" in name else value}
    return {**ROLES, **one(kind, **value)}


PLACES = [
    "AWS::Lambda::Function/Role",
    "AWS::StepFunctions::StateMachine/RoleArn",
    "AWS::ECS::TaskDefinition/TaskRoleArn",
    "AWS::ECS::TaskDefinition/ExecutionRoleArn",
    "AWS::CodeBuild::Project/ServiceRole",
    "AWS::Events::Rule/Targets*/RoleArn",
    "AWS::Scheduler::Schedule/Target/RoleArn",
    "AWS::S3::Bucket/ReplicationConfiguration/Role",
    "AWS::Cognito::IdentityPoolRoleAttachment/Roles/authenticated",
    "AWS::ApiGateway::Method/Integration/Credentials",
    "AWS::KinesisFirehose::DeliveryStream/S3DestinationConfiguration/RoleARN",
    "AWS::IAM::InstanceProfile/Roles*",
    "Custom::Any/RoleArn",
]


@pytest.mark.parametrize("place", PLACES)
def test_another_role_of_the_stack_is_compared(place: str) -> None:
    reader, admin = stack(with_role(place, READER)), stack(with_role(place, ADMIN))
    (found,) = findings(reader, admin)
    assert (found.finding_class, found.certainty, found.path) == ("widens", "will", "It")
    assert (found.was, found.now) == ("<Reader.Arn>", "<Admin.Arn>")
    assert found.details == ("<Admin.Arn> may call * on *",)
    assert list(findings(admin, reader)) == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("outside", OUTSIDE, ids=["literal", "of another account", "import"])
def test_a_role_outside_of_the_stack_cannot_be_compared(place: str, outside: Any) -> None:
    for before, after in ((ADMIN, outside), (outside, READER)):
        (found,) = findings(stack(with_role(place, before)), stack(with_role(place, after)))
        assert (found.finding_class, found.certainty, found.path) == ("widens", "unknown", "It")
    assert list(findings(stack(with_role(place, outside)), stack(with_role(place, outside)))) == []


def test_a_new_resource_with_a_role_outside_of_the_stack_cannot_be_compared() -> None:
    for outside in OUTSIDE:
        (found,) = findings(stack(ROLES), stack(with_role("AWS::Lambda::Function/Role", outside)))
        assert (found.finding_class, found.certainty, found.was) == ("widens", "unknown", "")
    assert list(findings(stack(ROLES), stack(with_role("AWS::Lambda::Function/Role", ADMIN)))) == []
    # What the project's own custom resources do with a role, the lifecycle's reader says.
    assert list(findings(stack(ROLES), stack(with_role("Custom::Any/RoleArn", OUTSIDE[0])))) == []


def test_two_functions_that_exchange_roles_are_one_wider() -> None:
    def two(first: Any, second: Any) -> Any:
        functions = {"One": {"Role": first}, "Two": {"Role": second}}
        made = {its: {"Type": "AWS::Lambda::Function", "Properties": each} for its, each in functions.items()}
        return stack({**ROLES, **made})

    (found,) = findings(two(READER, ADMIN), two(ADMIN, READER))
    assert found.path == "One"


def test_what_gets_its_first_role_may_what_the_role_may() -> None:
    kind = "AWS::ECS::TaskDefinition"
    bare, first = ({**ROLES, **one(kind, **its)} for its in ({}, {"TaskRoleArn": READER}))
    executed, both = ({**ROLES, **one(kind, ExecutionRoleArn=READER, **its)} for its in ({}, {"TaskRoleArn": READER}))
    for before, after in ((bare, first), (executed, both)):
        (found,) = findings(stack(before), stack(after))
        assert found.details == ("<Reader.Arn> may call s3:GetObject on *",)
        assert list(findings(stack(after), stack(before))) == []


def test_a_role_that_lacks_a_denial_is_wider() -> None:
    denied = role([*ALL, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}])
    function = "AWS::Lambda::Function"
    before = {**ROLES, "Reader": denied, **one(function, Role=READER)}
    after = {**ROLES, "Reader": denied, **one(function, Role=ADMIN)}
    (found,) = findings(stack(before), stack(after))
    assert "iam:*" in found.details[0]
    assert list(findings(stack(after), stack(before))) == []


def test_an_instance_may_what_the_role_of_its_profile_may() -> None:
    def instance(profile: str) -> Any:
        kind = "AWS::IAM::InstanceProfile"
        profiles = {f"{its}s": {"Type": kind, "Properties": {"Roles": [{"Ref": its}]}} for its in ROLES}
        return stack({**ROLES, **profiles, **one("AWS::EC2::Instance", IamInstanceProfile={"Ref": profile})})

    (found,) = findings(instance("Readers"), instance("Admins"))
    assert (found.certainty, found.path, len(found.details)) == ("will", "It", 1)
    assert list(findings(instance("Admins"), instance("Readers"))) == []


def test_a_launch_template_names_its_profile_by_either() -> None:
    def launching(**profile: str) -> Any:
        return stack(one("AWS::EC2::LaunchTemplate", LaunchTemplateData={"IamInstanceProfile": profile}))

    (found,) = findings(launching(Name="one"), launching(Name="other"))
    assert (found.certainty, found.was, found.now) == ("unknown", "one", "other")


def test_targets_are_told_apart_by_their_ids() -> None:
    def rule(**roles: Any) -> Any:
        targets = [{"Id": its, "Arn": "any", "RoleArn": role} for its, role in roles.items()]
        return stack({**ROLES, **one("AWS::Events::Rule", Targets=targets)})

    assert list(findings(rule(a=READER, b=ADMIN), rule(b=ADMIN, a=READER))) == []
    assert list(findings(rule(a=READER, b=ADMIN), rule(c=READER, b=ADMIN))) == []
    assert len(list(findings(rule(a=READER, b=ADMIN), rule(b=READER, a=ADMIN)))) == 1
    assert len(list(findings(rule(a=READER), rule(a=READER, b=ADMIN)))) == 1


def test_a_role_that_is_only_renamed_is_the_same() -> None:
    function = "AWS::Lambda::Function"
    before = {"Reader": ROLES["Reader"], **one(function, Role=READER)}
    after = {"Other": ROLES["Reader"], **one(function, Role={"Fn::GetAtt": ["Other", "Arn"]})}
    assert list(findings(stack(before), stack(after))) == []


def test_a_name_that_is_no_role_s_says_nothing() -> None:
    for name in ("Names", "Controller", "RoleSessionDuration", "AllowCredentials"):
        before, after = (stack(one("AWS::Any::Thing", **{name: each})) for each in ("one", "other"))
        assert list(findings(before, after)) == []


def test_credentials_that_are_no_role_are_not_printed() -> None:
    before, after = (stack(one("AWS::Any::Thing", Credentials=its)) for its in ("secret-1", "secret-2"))
    assert list(findings(before, after)) == []


ELSEWHERE = f"arn:aws:logs:us-east-1:{STRANGE}:destination:any"
AT_HOME = ELSEWHERE.replace(STRANGE, ACCOUNT)


def inventory(**destination: Any) -> Any:
    return {"InventoryConfigurations": [{"Id": "a", "Destination": {"Format": "CSV", **destination}}]}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Logs::SubscriptionFilter", {"DestinationArn": ELSEWHERE}),
        ("AWS::Events::Rule", {"Targets": [{"Id": "a", "Arn": ELSEWHERE}]}),
        ("AWS::Events::Rule", {"Targets": [{"Id": "a", "Arn": AT_HOME, "DeadLetterConfig": {"Arn": ELSEWHERE}}]}),
        ("AWS::Scheduler::Schedule", {"Target": {"Arn": ELSEWHERE}}),
        ("AWS::Lambda::EventInvokeConfig", {"DestinationConfig": {"OnFailure": {"Destination": ELSEWHERE}}}),
        ("AWS::S3::Bucket", inventory(BucketArn="arn:aws:s3:::any", BucketAccountId=STRANGE)),
    ],
)
def test_what_is_sent_to_another_account_is_shared(kind: str, properties: Mapping[str, Any]) -> None:
    def sending(account: str) -> Any:
        return stack(json.loads(json.dumps(one(kind, **properties)).replace(STRANGE, account)))

    found = [its for its in findings(sending(ACCOUNT), sending(STRANGE)) if its.certainty == "will"]
    assert [(its.finding_class, its.path) for its in found] == [("shares", "It")]
    assert STRANGE in found[0].says
    assert list(findings(sending(STRANGE), sending(STRANGE))) == []
    assert [its for its in findings(stack({}), sending(ACCOUNT)) if its.certainty == "will"] == []
    assert "shares" in [its.finding_class for its in findings(None, sending(STRANGE))]


@pytest.mark.parametrize(
    "destination",
    [
        AT_HOME,
        "arn:aws:logs:us-east-1:aws:any",
        "arn:aws:scheduler:::aws-sdk:lambda:invoke",
        {"Fn::Sub": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:any"},
        {"Fn::GetAtt": ["Queue", "Arn"]},
        {"Fn::ImportValue": "any"},
        "10.0.0.0/16",
    ],
)
def test_what_stays_in_the_account_says_nothing(destination: Any) -> None:
    queue = {"Queue": {"Type": "AWS::SQS::Queue"}}
    for account in (ACCOUNT, "unknown-account"):
        if destination == AT_HOME and account != ACCOUNT:
            continue
        after = stack({**queue, **one("AWS::Any::Thing", Destination=destination)}, account=account)
        assert list(findings(stack(queue, account=account), after)) == []


def test_of_a_bucket_without_an_account_nobody_knows_whose_it_is() -> None:
    (found,) = findings(stack({}), stack(one("AWS::S3::Bucket", **inventory(BucketArn="arn:aws:s3:::any"))))
    assert (found.finding_class, found.certainty) == ("shares", "unknown")


def test_a_layer_of_another_account_is_its_code() -> None:
    def function(account: str) -> Any:
        return stack(one("AWS::Lambda::Function", Layers=[f"arn:aws:lambda:us-east-1:{account}:layer:any:1"]))

    (found,) = findings(function(ACCOUNT), function(STRANGE))
    assert (found.finding_class, found.certainty, found.path) == ("widens", "will", "It")
    assert STRANGE in found.says
    assert list(findings(function(STRANGE), function(ACCOUNT))) == []


def test_a_user_with_policies_is_both() -> None:
    policies = [{"PolicyDocument": {"Statement": READS}}]
    found = findings(stack({}), stack(one("AWS::IAM::User", Policies=policies)))
    assert any("s3:GetObject" in detail for its in found for detail in its.details)


LOGINS: list[tuple[str, dict[str, Any]]] = [
    ("AWS::IAM::User", {}),
    ("AWS::IAM::AccessKey", {"UserName": "any"}),
    ("AWS::IAM::OIDCProvider", {"Url": "https://any.example", "ClientIdList": ["sts.amazonaws.com"]}),
    ("AWS::IAM::SAMLProvider", {"SamlMetadataDocument": "<EntityDescriptor/>"}),
    ("AWS::IAM::InstanceProfile", {"Roles": [{"Ref": "Reader"}]}),
]


@pytest.mark.parametrize(("kind", "properties"), LOGINS, ids=[kind for kind, _ in LOGINS])
def test_a_new_way_to_log_in_is_wider(kind: str, properties: Mapping[str, Any]) -> None:
    before, after = stack(ROLES), stack({**ROLES, **one(kind, **properties)})
    (found,) = findings(before, after)
    assert (found.finding_class, found.certainty, found.path) == ("widens", "will", "It")
    assert list(findings(after, after)) == list(findings(after, before)) == []
    assert "It" in [its.path for its in findings(None, after)]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("AWS::IAM::User", {}, {"LoginProfile": {"Password": "secret"}}),
        ("AWS::IAM::AccessKey", {"UserName": "a", "Status": "Inactive"}, {"UserName": "a"}),
        ("AWS::IAM::AccessKey", {"UserName": "a"}, {"UserName": "b"}),
        ("AWS::IAM::OIDCProvider", {"ClientIdList": ["a"]}, {"ClientIdList": ["a", "b"]}),
        ("AWS::IAM::OIDCProvider", {"Url": "https://one.example"}, {"Url": "https://other.example"}),
        ("AWS::IAM::SAMLProvider", {"SamlMetadataDocument": "one"}, {"SamlMetadataDocument": "other"}),
    ],
)
def test_another_way_to_log_in_is_wider(kind: str, before: Any, after: Any) -> None:
    (found,) = findings(stack(one(kind, **before)), stack(one(kind, **after)))
    assert found.finding_class == "widens"
    assert "secret" not in repr(found)


DENIAL = {"Effect": "Deny", "Principal": "*", "Action": "any:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("kind", "policy", "on"),
    [
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
        ("AWS::KMS::Key", "", "KeyPolicy"),
        ("AWS::DynamoDB::Table", "", "ResourcePolicy"),
    ],
)
def test_what_is_gone_with_its_policy_needs_none(kind: str, policy: str, on: str) -> None:
    def protected(**policies: str) -> dict[str, Any]:
        document = {"Statement": [DENIAL]}
        its: dict[str, Any] = {"Type": kind, **policies}
        if not policy:
            return {"It": {**its, "Properties": {on: document}}}
        reference = {"Ref": "It"}
        properties = {on: [reference] if on.endswith("s") else reference, "PolicyDocument": document}
        return {"It": its, "Policy": {"Type": policy, "Properties": properties}}

    assert list(findings(stack(protected()), stack({}))) == []
    (kept,) = findings(stack(protected(DeletionPolicy="Retain")), stack({}))
    assert (kept.finding_class, kept.now) == ("widens", "not denied")
    (there,) = findings(stack(protected()), stack({"It": {"Type": kind}}))
    assert there.finding_class == "widens"


def test_an_address_is_told_with_its_topic() -> None:
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    before, after = (
        stack({**topic, **one("AWS::SNS::Subscription", TopicArn={"Ref": "Topic"}, Protocol="email", Endpoint=its)})
        for its in ("one@any.example", "other@any.example")
    )
    (found,) = findings(before, after)
    assert found.finding_class == "shares"
    assert "<Topic>" in found.says


def image(account: str, region: str = "us-east-1") -> str:
    return f"{account}.dkr.ecr.{region}.amazonaws.com/any:latest"


@pytest.mark.parametrize("is_function", [True, False], ids=["a function", "a task"])
def test_a_container_image_of_another_account_is_its_code(is_function: bool) -> None:
    def running(its: Any) -> Any:
        if is_function:
            return stack(one("AWS::Lambda::Function", PackageType="Image", Code={"ImageUri": its}))
        return stack(one("AWS::ECS::TaskDefinition", ContainerDefinitions=[{"Name": "any", "Image": its}]))

    own, theirs = image(ACCOUNT), image(STRANGE, "eu-west-1")
    for before in (stack({}), running(own)):
        (found,) = findings(before, running(theirs))
        assert (found.finding_class, found.certainty, found.path) == ("widens", "will", "It")
        assert STRANGE in found.says
    assert list(findings(running(theirs), running(theirs))) == []
    assert list(findings(stack({}), running(own))) == []
    # The CDK's own: an asset of the account that the stack is in.
    asset = {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/cdk-assets:abc"}
    assert list(findings(stack({}), running(asset))) == []
    # Of a registry that is nobody's account no template tells whose code it is: it is not reported as one's.
    assert list(findings(stack({}), running("nginx:latest"))) == []
