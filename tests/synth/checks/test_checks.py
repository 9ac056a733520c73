"""The project's own rules for whole apps: each finds what it is for, and nothing in what the constructs make."""

import fnmatch
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import Acknowledgment, App, CfnElement, CfnResource, Stack, Validations
from aws_cdk import Environment as CdkEnvironment
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from hypothesis import given
from hypothesis import strategies as st

from bedrock_tuning import BedrockTuningChecks
from bedrock_tuning.checks.policies import arns_overlap, overlap
from tests.conftest import ROOT
from tests.synth.acknowledgements import Report, unanswered
from tests.synth.cli import CDK, without_credentials
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack

FOREIGN: Final = {"@aws-cdk/core:failSynthOnValidationErrors": False}
TRUST: Final = {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnEquals": {"aws:SourceArn": f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-customization-job/*"},
}

Change = Callable[[ForeignStack], object]


def check(foreign: ForeignStack) -> Report:
    """Synthesize a foreign app with the rules, and return what they say."""
    Validations.of(foreign.app).add_plugins(BedrockTuningChecks())
    foreign.app.synth()
    return json.loads((Path(foreign.app.outdir) / "validation-report.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def findings(foreign: ForeignStack) -> list[str]:
    """Return what is found and not acknowledged; a plugin that finds nothing at all stands in no report."""
    report = check(foreign)
    found = unanswered(report)
    assert {each["conclusion"] for each in report["pluginReports"]} <= {"failure" if found else "success"}
    return found


@pytest.fixture
def whole(foreign_stack: Callable[..., ForeignStack]) -> ForeignStack:
    """Everything that the library has, in one stack of an app that goes on when something is found."""
    foreign = foreign_stack(context=FOREIGN)
    assert foreign.customization()
    return foreign


# --- what is in order --------------------------------------------------------------------------------------------


def test_nothing_is_found_in_what_the_constructs_make(whole: ForeignStack) -> None:
    whole.throughput(commitment_duration="OneMonth", acknowledge_commitment="OneMonth")
    assert findings(whole) == []


def test_nothing_is_found_where_account_and_region_are_known_only_at_deployment(
    foreign_stack: Callable[..., ForeignStack],
) -> None:
    foreign = foreign_stack(context=FOREIGN, account=None, region=None)
    assert foreign.customization()
    assert foreign.throughput()
    assert findings(foreign) == []


def test_what_a_role_reads_of_other_prefixes_is_nobody_s_business(whole: ForeignStack) -> None:
    reader = iam.Role(whole.stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    bucket = whole.data_store.bucket
    for resource in (f"{bucket.bucket_arn}/train/*", "arn:aws:s3:::another/*", f"{bucket.bucket_arn}/outputs/*"):
        reader.add_to_policy(iam.PolicyStatement(actions=["s3:Get*"], resources=[resource]))
    reader.add_to_policy(iam.PolicyStatement(actions=["s3:PutObject"], resources=[f"{bucket.bucket_arn}/*"]))
    denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["s3:*"], resources=["*"])
    reader.add_to_policy(denied)
    assert findings(whole) == []


# --- the role that Bedrock assumes -------------------------------------------------------------------------------


def bedrock_role(**conditions: Any) -> Change:
    def change(whole: ForeignStack) -> object:
        principal = iam.ServicePrincipal("bedrock.amazonaws.com", conditions=conditions)
        return iam.Role(whole.stack, "Other", assumed_by=principal)

    return change


def without(condition: str) -> Change:
    """Take a condition out of the service role by an escape hatch."""

    def change(whole: ForeignStack) -> None:
        role = whole.service_role.node.default_child
        assert isinstance(role, CfnResource)
        role.add_deletion_override(f"Properties.AssumeRolePolicyDocument.Statement.0.Condition.{condition}")

    return change


@pytest.mark.parametrize(
    ("change", "construct"),
    [
        (without("StringEquals"), "ServiceRole/Role"),
        (without("ArnEquals"), "ServiceRole/Role"),
        (bedrock_role(), "Other"),
        (bedrock_role(StringEqualsIfExists=TRUST["StringEquals"], ArnEquals=TRUST["ArnEquals"]), "Other"),
        (bedrock_role(StringLike={"aws:SourceAccount": "*"}, ArnEquals=TRUST["ArnEquals"]), "Other"),
        (bedrock_role(StringEquals=TRUST["StringEquals"], ArnLike={"aws:SourceArn": "arn:aws:bedrock:*"}), "Other"),
        (
            bedrock_role(
                StringEquals=TRUST["StringEquals"], ArnLike={"aws:SourceArn": f"arn:aws:bedrock:{REGION}:*:agent/*"}
            ),
            "Other",
        ),
        (bedrock_role(StringNotEquals=TRUST["StringEquals"], ArnNotLike=TRUST["ArnEquals"]), "Other"),
    ],
)
def test_a_role_that_bedrock_may_assume_for_others_is_found(
    whole: ForeignStack, change: Change, construct: str
) -> None:
    change(whole)
    assert findings(whole) == [f"BedrockTuning BedrockTuning-ServiceRoleTrust: Foreign/{construct}/Resource"]


def test_another_role_of_bedrock_with_both_conditions_is_in_order(whole: ForeignStack) -> None:
    agents = {
        "StringEquals": {"AWS:SourceAccount": ACCOUNT},
        "ArnLike": {"AWS:SourceArn": f"arn:aws:bedrock:{REGION}:{ACCOUNT}:agent/*"},
    }
    bedrock_role(**agents)(whole)
    assert findings(whole) == []


# --- the output prefix -------------------------------------------------------------------------------------------


def reader(*actions: str, on: Callable[[s3.IBucket], str]) -> Change:
    def change(whole: ForeignStack) -> None:
        role = iam.Role(whole.stack, "Reader", assumed_by=iam.AccountRootPrincipal())
        resource = on(whole.data_store.bucket)
        role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=[resource]))

    return change


def inline_reader(whole: ForeignStack) -> None:
    iam.CfnRole(
        whole.stack,
        "Reader",
        assume_role_policy_document={},
        policies=[
            {
                "policyName": "Reads",
                "policyDocument": {
                    "Statement": {
                        "Effect": "Allow",
                        "NotAction": "iam:*",
                        "Resource": whole.data_store.bucket.arn_for_objects("*"),
                    }
                },
            }
        ],
    )


def managed_reader(whole: ForeignStack) -> None:
    bucket = whole.data_store.bucket
    iam.ManagedPolicy(
        whole.stack,
        "Reader",
        statements=[iam.PolicyStatement(actions=["s3:getobject"], not_resources=[bucket.arn_for_objects("train/*")])],
        roles=[whole.service_role, iam.Role(whole.stack, "Friend", assumed_by=iam.AccountRootPrincipal())],
    )


def opened_bucket(whole: ForeignStack) -> None:
    bucket = whole.data_store.bucket
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject*"],
            resources=[bucket.arn_for_objects("output/*")],
            principals=[iam.AccountPrincipal("999988887777")],
        )
    )


def chosen(value: object) -> object:
    """Return what a condition of a template chooses."""
    return {"Fn::If": ["IsProd", value, {"Ref": "AWS::NoValue"}]}


READS_ALL: Final = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUSTS: Final = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "bedrock.amazonaws.com"}}


def inline(policies: object) -> tuple[str, dict[str, Any]]:
    return "AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": []}, "Policies": policies}


def of_document(document: object) -> tuple[str, dict[str, Any]]:
    return "AWS::IAM::ManagedPolicy", {"PolicyDocument": document, "Users": ["any"]}


def trusting(document: object) -> tuple[str, dict[str, Any]]:
    return "AWS::IAM::Role", {"AssumeRolePolicyDocument": document}


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        (inline(chosen([{"PolicyName": "a", "PolicyDocument": {"Statement": READS_ALL}}])), "OutputReadableByOthers"),
        (inline([chosen({"PolicyName": "a", "PolicyDocument": {"Statement": READS_ALL}})]), "OutputReadableByOthers"),
        (of_document(chosen({"Statement": READS_ALL})), "OutputReadableByOthers"),
        (of_document({"Statement": [chosen(READS_ALL)]}), "OutputReadableByOthers"),
        (of_document({"Statement": {**READS_ALL, "Action": chosen("s3:*")}}), "OutputReadableByOthers"),
        (of_document({"Statement": {**READS_ALL, "Resource": [chosen("*")]}}), "OutputReadableByOthers"),
        (trusting(chosen({"Statement": [TRUSTS]})), "ServiceRoleTrust"),
        (trusting({"Statement": {**TRUSTS, "Principal": chosen(TRUSTS["Principal"])}}), "ServiceRoleTrust"),
        (trusting({"Statement": {**TRUSTS, "Principal": {"Service": chosen("*")}}}), "ServiceRoleTrust"),
    ],
)
def test_what_a_condition_chooses_is_found(
    whole: ForeignStack, resource: tuple[str, dict[str, Any]], rule: str
) -> None:
    kind, its = resource
    CfnResource(whole.stack, "Own", type=kind, properties=its)
    assert findings(whole) == [f"BedrockTuning BedrockTuning-{rule}: Foreign/Own"]


POLICY: Final = "Reader/DefaultPolicy/Resource"


@pytest.mark.parametrize(
    ("change", "construct"),
    [
        (reader("s3:GetObject", on=lambda bucket: bucket.arn_for_objects("output/*")), POLICY),
        (reader("s3:GetObjectVersion", on=lambda bucket: bucket.arn_for_objects("output/one/*")), POLICY),
        (reader("s3:Get*", on=lambda bucket: bucket.arn_for_objects("*")), POLICY),
        (reader("s3:*", on=lambda bucket: f"arn:aws:s3:::{bucket.bucket_name}/o*"), POLICY),
        (reader("s3:*", on=lambda bucket: f"{bucket.bucket_arn}*"), POLICY),
        (reader("*", on=lambda bucket: "*"), POLICY),
        (inline_reader, "Reader"),
        (managed_reader, "Reader/Resource"),
        (opened_bucket, "DataStore/Bucket/Policy/Resource"),
    ],
)
def test_a_reader_of_the_output_is_found(whole: ForeignStack, change: Change, construct: str) -> None:
    change(whole)
    assert findings(whole) == [f"BedrockTuning BedrockTuning-OutputReadableByOthers: Foreign/{construct}"]


@pytest.mark.parametrize("references", ["strong", "weak"])
def test_a_reader_in_another_stack_is_found(foreign_stack: Callable[..., ForeignStack], references: str) -> None:
    foreign = foreign_stack(context={**FOREIGN, "@aws-cdk/core:defaultCrossStackReferences": references})
    assert foreign.customization()
    env = CdkEnvironment(account=ACCOUNT, region=REGION)
    other = Stack(foreign.app, "Elsewhere", env=env, stack_name="named")
    role = iam.Role(other, "Reader", assumed_by=iam.AccountRootPrincipal())
    role.add_to_policy(
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[foreign.data_store.bucket.arn_for_objects("*")])
    )
    assert findings(foreign) == [f"BedrockTuning BedrockTuning-OutputReadableByOthers: Elsewhere/{POLICY}"]


def test_an_acknowledged_reader_is_in_order(whole: ForeignStack) -> None:
    reader("s3:GetObject", on=lambda bucket: bucket.arn_for_objects("output/*"))(whole)
    finding = "BedrockTuning::BedrockTuning-OutputReadableByOthers"
    Validations.of(whole.stack.node.find_child("Reader")).acknowledge(
        Acknowledgment(id=finding, reason="the dashboard draws the losses of every training")
    )
    assert findings(whole) == []


# --- purchases ---------------------------------------------------------------------------------------------------


def overridden(name: str, value: object) -> Change:
    return lambda whole: purchase(whole).add_property_override(name, value)


def removed(name: str) -> Change:
    return lambda whole: purchase(whole).add_property_deletion_override(name)


def purchase(whole: ForeignStack) -> CfnResource:
    committed = {"commitment_duration": "OneMonth", "acknowledge_commitment": "OneMonth"}
    resource = whole.throughput(**committed).resource.node.default_child
    assert isinstance(resource, CfnResource)
    return resource


UNASKED: Final = [
    removed("ModelUnits"),
    overridden("ModelUnits", "0"),
    overridden("ModelUnits", "many"),
    overridden("ModelUnits", {"Ref": "AWS::NoValue"}),
    removed("AcknowledgeCommitment"),
    removed("CommitmentDuration"),
    overridden("CommitmentDuration", "SixMonths"),
    overridden("AcknowledgeCommitment", "SixMonths"),
]
PURCHASE: Final = "Foreign/ProvisionedThroughput/Purchase/Default"


@pytest.mark.parametrize("change", UNASKED)
def test_a_purchase_that_is_not_asked_for_in_so_many_words_is_found(whole: ForeignStack, change: Change) -> None:
    change(whole)
    assert findings(whole) == [f"BedrockTuning BedrockTuning-ExplicitPurchase: {PURCHASE}"]


def test_a_purchase_that_was_made_by_hand_is_found(whole: ForeignStack) -> None:
    CfnResource(whole.stack, "Own", type="Custom::BedrockProvisionedThroughput", properties={"ServiceToken": "any"})
    assert findings(whole) == ["BedrockTuning BedrockTuning-ExplicitPurchase: Foreign/Own"]


def test_more_model_units_by_an_escape_hatch_are_still_a_number_in_the_template(whole: ForeignStack) -> None:
    overridden("ModelUnits", 5)(whole)
    assert findings(whole) == []


def test_no_acknowledgement_helps_a_purchase(foreign_stack: Callable[..., ForeignStack]) -> None:
    foreign = foreign_stack()
    removed("ModelUnits")(foreign)
    for name in ("BedrockTuning::BedrockTuning-ExplicitPurchase", "BedrockTuning-ExplicitPurchase"):
        for scope in (foreign.stack, foreign.stack.node.find_child("ProvisionedThroughput"), purchase_of(foreign)):
            Validations.of(scope).acknowledge(Acknowledgment(id=name, reason="we mean it, and have asked everyone"))
    Validations.of(foreign.app).add_plugins(BedrockTuningChecks())
    with pytest.raises(RuntimeError, match="ExplicitPurchase"):
        foreign.app.synth()


def purchase_of(foreign: ForeignStack) -> CfnElement:
    found = foreign.stack.node.find_child("ProvisionedThroughput").node.find_child("Purchase").node.default_child
    assert isinstance(found, CfnElement)
    return found


@pytest.mark.parametrize(
    "command",
    [
        ("synth", "--quiet"),
        ("deploy", "local/*"),
        ("deploy", "local/docstrings-Serving", "-e"),
        # Whoever does without the validation of the CDK CLI does not do without these rules.
        ("deploy", "local/*", "--no-validation"),
    ],
)
def test_a_finding_ends_the_project_s_own_app_also_under_the_cli(command: Sequence[str], tmp_path: Path) -> None:
    app = f"{sys.executable} {Path(__file__).with_name('app_with_unasked_purchase.py')}"
    run = subprocess.run(
        [CDK, *command, "--app", app, "--output", tmp_path, "-c", "only=local"],
        cwd=ROOT,
        env=without_credentials(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "BedrockTuning-ExplicitPurchase" in run.stderr
    # Before anything is asked of AWS, for which there are no credentials here.
    assert "credentials" not in run.stderr
    assert "Traceback" not in run.stderr


def odd(foreign: ForeignStack) -> None:
    CfnResource(foreign.stack, "Odd", type="AWS::IAM::Policy", properties={"PolicyName": "without a document"})
    CfnResource(foreign.stack, "AfterIt", type="AWS::IAM::Group")


def test_checks_that_cannot_read_a_template_find_that(whole: ForeignStack) -> None:
    odd(whole)
    report = check(whole)
    (violation,) = (each for plugin in report["pluginReports"] for each in plugin["violations"])
    assert (violation["ruleName"], violation["severity"]) == ("BedrockTuning-ChecksRan", "fatal")
    assert "KeyError" in violation["description"]
    assert unanswered(report) == ["BedrockTuning BedrockTuning-ChecksRan: Foreign/Odd"]


def test_checks_that_cannot_read_a_template_end_the_synthesis(foreign_stack: Callable[..., ForeignStack]) -> None:
    foreign = foreign_stack()
    assert foreign.customization()
    odd(foreign)
    Validations.of(foreign.app).add_plugins(BedrockTuningChecks())
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        foreign.app.synth()


# --- patterns ----------------------------------------------------------------------------------------------------

patterns = st.text("ab*?", max_size=7)


@given(patterns, patterns, st.text("ab", max_size=7))
def test_patterns_that_match_one_text_overlap(one: str, other: str, text: str) -> None:
    if fnmatch.fnmatchcase(text, one) and fnmatch.fnmatchcase(text, other):
        assert overlap(one, other)


@given(patterns, st.text("ab", max_size=7))
def test_a_pattern_overlaps_a_text_exactly_when_it_matches_it(pattern: str, text: str) -> None:
    matches = fnmatch.fnmatchcase(text, pattern)
    assert overlap(pattern, text) == overlap(text, pattern) == matches


@pytest.mark.parametrize(("one", "other"), [("a*", "b*"), ("*a", "*b"), ("a?", "a"), ("a*b", "a*bc"), ("", "?")])
def test_patterns_without_a_common_text_do_not_overlap(one: str, other: str) -> None:
    assert not overlap(one, other)
    assert not overlap(other, one)


def test_a_wildcard_of_an_arn_stays_in_its_part() -> None:
    output = "arn:*:s3:::bucket/output/*"
    assert not arns_overlap(output, "arn:aws:s3:::bucket/train/*")
    assert arns_overlap(output, "arn:aws:s3:::bucket/*")
    assert arns_overlap(output, "*")


def test_an_app_without_stacks_is_in_order(tmp_path: Path) -> None:
    empty = App(outdir=str(tmp_path), builtin_cloud_formation_validation=False)
    Validations.of(empty).add_plugins(BedrockTuningChecks())
    empty.synth()
