"""What is asked of AWS and how it is read, on botocore's models of the services."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError
from botocore.stub import Stubber

from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.preflight.desired import DesiredTraining, JobFile
from bedrock_lifecycle.preflight.facts import KeyFacts, Known, NotChecked, Permission, ThroughputFacts
from bedrock_lifecycle.preflight.gather import Gatherer
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.account import AccountReader
from bedrock_lifecycle.preflight.readers.bedrock import BedrockReader
from bedrock_lifecycle.preflight.readers.reading import Patience, Reading
from bedrock_lifecycle.preflight.report import Passed, Problem
from sandbox.bedrock import Quotas, Settings
from sandbox.bedrock.lasting_faults import LegacyFault
from tests.support.bedrock_client import client
from tests.support.messages import saying, says
from tests.unit.preflight.trusting import PLACE, ROLE
from tests.unit.simulated_bedrock.scenario import Account

KEY_ARN: Final = "arn:aws:kms:us-west-2:111122223333:key/one"


class Stubs:
    """Clients of services that answer what they are told to, and check what they are asked."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._stubbers: dict[str, Stubber] = {}
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._clients:
            made: Any = boto3.client
            keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
            self._clients[service] = made(service, "us-west-2", **keys)
            self._stubbers[service] = self._stack.enter_context(Stubber(self._clients[service]))
        return self._clients[service]

    def answer(self, service: str, operation: str, answer: dict[str, Any], **expected: Any) -> None:
        self(service)
        self._stubbers[service].add_response(operation, answer, expected)

    def fail(self, service: str, operation: str, code: str, status: int = 400) -> None:
        self(service)
        self._stubbers[service].add_client_error(operation, code, http_status_code=status)

    def nothing_is_left(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()


@pytest.fixture
def aws() -> Iterator[Stubs]:
    with ExitStack() as stack:
        stubs = Stubs(stack)
        yield stubs
        stubs.nothing_is_left()


def reader(aws: Stubs, **patience: bool) -> AccountReader:
    return AccountReader(Reading(aws, patience=Patience(**patience)), PLACE)


# --- Bedrock and Service Quotas, on the simulation ---------------------------------------------------------------


@pytest.fixture
def account() -> Account:
    return Account(Settings(quotas=Quotas(custom_model_units=9)))


def bedrock(account: Account, region: str = "us-west-2") -> BedrockReader:
    return BedrockReader(Reading(lambda service: client(account.simulated, service, region=region)))  # type: ignore[call-overload]


def test_a_base_model_is_read_with_its_dates(account: Account) -> None:
    found = bedrock(account).base_model("anthropic.claude-3-haiku-20240307-v1:0:200k")
    assert isinstance(found, Known)
    assert found.value is not None
    assert (found.value.status, found.value.customizations) == ("ACTIVE", ("FINE_TUNING",))
    assert found.value.end_of_life == datetime(2026, 9, 10, tzinfo=UTC)
    assert bedrock(account).base_model("any.model-v1:0") == Known(None)


@pytest.mark.parametrize("customization_type", ["FINE_TUNING", None])
def test_active_base_models_are_those_that_can_be_tuned_here(account: Account, customization_type: str | None) -> None:
    found = bedrock(account, "us-east-1").active_base_models(customization_type)
    assert isinstance(found, Known)
    assert "amazon.nova-micro-v1:0:128k" in found.value
    assert "amazon.nova-micro-v1:0:24k" not in found.value


def test_active_base_models_are_those_that_can_be_customized_in_the_way_that_is_asked(account: Account) -> None:
    assert bedrock(account, "us-east-1").active_base_models("DISTILLATION") == Known(())


def test_a_training_is_looked_at_for_the_way_that_its_request_names(aws: Stubs) -> None:
    told = ("BaseModel", "OutputUri", "RoleArn", "Name", "Environment", "TrainingDataUri")
    properties = Properties({**dict.fromkeys(told, "any"), "CustomizationType": "DISTILLATION"})
    asked = DesiredTraining.read(ModelCustomizationProperties(properties), "any")
    entry = {"modelArn": "any", "modelId": "any", "customizationsSupported": ["FINE_TUNING"]}
    aws.answer("bedrock", "get_foundation_model", {"modelDetails": entry}, modelIdentifier="any")
    aws.answer("bedrock", "list_foundation_models", {"modelSummaries": []}, byCustomizationType="DISTILLATION")
    found = Gatherer(Reading(aws), PLACE).training(asked, datetime(2026, 11, 23, tzinfo=UTC)).base
    assert (found.customization_type, found.active) == ("DISTILLATION", Known(()))


def test_access_is_read_as_bedrock_tells_it(account: Account) -> None:
    model = "anthropic.claude-3-haiku-20240307-v1:0"
    account.simulated.handle_control("access", {"deny": [model]})
    found = bedrock(account).access(model)
    assert isinstance(found, Known)
    assert (found.value.agreement, found.value.region) == ("NOT_AVAILABLE", "AVAILABLE")
    assert bedrock(account).access("any.model-v1:0") == NotChecked(
        "GetFoundationModelAvailability: ResourceNotFoundException"
    )


def test_jobs_in_progress_and_models_are_counted_over_all_pages(account: Account) -> None:
    for number in range(3):
        account.tuned_model(f"done-{number}")
    for number in range(2):
        account.create_job(f"running-{number}")
    found = bedrock(account).running_jobs()
    assert isinstance(found, Known)
    assert sorted(found.value) == ["running-0", "running-1"]
    assert bedrock(account).custom_models() == Known(3)
    assert bedrock(account).model_exists(account.job("done-0")["outputModelName"]) == Known(value=True)
    assert bedrock(account).model_exists("never") == Known(value=False)


def test_throughputs_are_read_with_what_they_hold(account: Account) -> None:
    model = account.tuned_model()
    account.in_service(model, "one", modelUnits=2)
    account.in_service(model, "two", commitmentDuration="OneMonth")
    found = bedrock(account).throughputs()
    assert isinstance(found, Known)
    assert set(found.value) == {ThroughputFacts("one", 2, True, False), ThroughputFacts("two", 1, True, True)}


def test_deployments_are_read_by_their_names(aws: Stubs) -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    arn = "arn:aws:bedrock:us-west-2:111122223333:custom-model"
    summary = {
        "customModelDeploymentArn": f"{arn}-deployment/abcdefghijkl",
        "customModelDeploymentName": "one",
        "modelArn": f"{arn}/any.model-v1:0/abcdefghijkl",
        "createdAt": moment,
        "status": "Active",
    }
    aws.answer("bedrock", "list_custom_model_deployments", {"modelDeploymentSummaries": [summary]})
    assert BedrockReader(Reading(aws)).deployments() == Known(("one",))


# --- the services around it --------------------------------------------------------------------------------------


def test_a_quota_is_read_by_its_code(aws: Stubs) -> None:
    told = {"QuotaCode": "L-1", "QuotaName": "Some quota", "Value": 2.0, "Adjustable": False}
    aws.answer("service-quotas", "get_service_quota", {"Quota": told}, ServiceCode="bedrock", QuotaCode="L-1")
    found = reader(aws).quota("L-1")
    assert isinstance(found, Known)
    assert (found.value.name, found.value.value, found.value.adjustable) == ("Some quota", 2, False)


@pytest.mark.parametrize("code", ["AccessDeniedException", "NoSuchResourceException", "IllegalArgumentException"])
def test_a_quota_that_cannot_be_read_is_not_checked(aws: Stubs, code: str) -> None:
    aws.fail("service-quotas", "get_service_quota", code)
    assert reader(aws).quota("L-1") == NotChecked(f"GetServiceQuota L-1: {code}")


def test_a_quota_without_a_code_is_not_asked_for(aws: Stubs) -> None:
    assert isinstance(reader(aws).quota(None), NotChecked)


def test_a_trust_policy_is_read_as_a_document(aws: Stubs) -> None:
    document = '{"Version": "2012-10-17", "Statement": []}'
    role = {
        "Path": "/team/",
        "RoleName": "tuning",
        "RoleId": "AROA0123456789ABCDEF",
        "Arn": ROLE,
        "CreateDate": datetime(2026, 11, 23, tzinfo=UTC),
        "AssumeRolePolicyDocument": document,
    }
    aws.answer("iam", "get_role", {"Role": role}, RoleName="tuning")
    found = reader(aws).trust_policy("arn:aws:iam::111122223333:role/team/tuning")
    assert found == Known({"Version": "2012-10-17", "Statement": []})


def test_a_role_that_is_not_there_may_be_on_its_way_at_first(aws: Stubs) -> None:
    aws.fail("iam", "get_role", "NoSuchEntity", 404)
    with pytest.raises(Again, match=saying(ROLE)):
        reader(aws, fresh=True).trust_policy(ROLE)
    aws.fail("iam", "get_role", "NoSuchEntity", 404)
    assert reader(aws).trust_policy(ROLE) == Known(None)


def simulated(*decisions: tuple[str, str], missing: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return an answer as IAM gives it where resources are named: missing values stand with the resource."""
    results = [
        {
            "EvalActionName": action,
            "EvalDecision": decision,
            "ResourceSpecificResults": [
                {
                    "EvalResourceName": "arn:any",
                    "EvalResourceDecision": decision,
                    "MissingContextValues": list(missing),
                }
            ],
        }
        for action, decision in decisions
    ]
    return {"EvaluationResults": results}


def test_permissions_are_asked_for_by_resource_and_way_there(aws: Stubs) -> None:
    read = Permission("s3:GetObject", "arn:aws:s3:::bucket/train/one")
    decrypt, describe = (Permission(f"kms:{action}", KEY_ARN, via="s3") for action in ("Decrypt", "DescribeKey"))
    aws.answer(
        "iam",
        "simulate_principal_policy",
        simulated(("s3:GetObject", "allowed")),
        PolicySourceArn=ROLE,
        ActionNames=["s3:GetObject"],
        ResourceArns=[read.resource],
        ContextEntries=[],
    )
    via = {
        "ContextKeyName": "kms:ViaService",
        "ContextKeyValues": ["s3.us-west-2.amazonaws.com"],
        "ContextKeyType": "string",
    }
    aws.answer(
        "iam",
        "simulate_principal_policy",
        simulated(("kms:Decrypt", "explicitDeny"), ("kms:DescribeKey", "implicitDeny")),
        PolicySourceArn=ROLE,
        ActionNames=["kms:Decrypt", "kms:DescribeKey"],
        ResourceArns=[KEY_ARN],
        ContextEntries=[via],
    )
    assert reader(aws).missing(ROLE, [read, decrypt, describe]) == Known((decrypt, describe))


def test_a_refusal_that_hangs_on_something_unknown_is_not_judged(aws: Stubs) -> None:
    permission = Permission("s3:GetObject", "arn:aws:s3:::bucket/train/one")
    denied = simulated(("s3:GetObject", "implicitDeny"), missing=("aws:SourceVpce",))
    aws.answer("iam", "simulate_principal_policy", denied, **asked(permission))
    found = reader(aws).missing(ROLE, [permission])
    assert isinstance(found, NotChecked)
    assert says(found.why, "aws:SourceVpce")
    allowed = simulated(("s3:GetObject", "allowed"), missing=("aws:SourceVpce",))
    aws.answer("iam", "simulate_principal_policy", allowed, **asked(permission))
    assert reader(aws).missing(ROLE, [permission]) == Known(())


def asked(permission: Permission) -> dict[str, Any]:
    return {
        "PolicySourceArn": ROLE,
        "ActionNames": [permission.action],
        "ResourceArns": [permission.resource],
        "ContextEntries": [],
    }


@pytest.mark.parametrize(
    ("keys", "expected"), [([], False), (["train/one.jsonl"], True), (["train/one.jsonl.bak"], False)]
)
def test_an_object_is_there_when_it_has_exactly_this_key(aws: Stubs, keys: list[str], expected: bool) -> None:
    listed = {"Contents": [{"Key": key} for key in keys]} if keys else {}
    aws.answer("s3", "list_objects_v2", listed, Bucket="bucket", Prefix="train/one.jsonl", MaxKeys=1)
    assert reader(aws).object_exists("s3://bucket/train/one.jsonl") == Known(expected)


def test_an_object_of_a_bucket_that_is_gone_is_gone(aws: Stubs) -> None:
    aws.fail("s3", "list_objects_v2", "NoSuchBucket", 404)
    assert reader(aws).object_exists("s3://bucket/train/one.jsonl") == Known(value=False)


@pytest.mark.parametrize("code", ["404", "NoSuchKey"])
def test_an_object_that_is_gone_has_no_version(aws: Stubs, code: str) -> None:
    aws.fail("s3", "head_object", code, 404)
    assert reader(aws).object_version("s3://bucket/train/one.jsonl") == Known(None)


def test_rights_to_data_that_has_no_place_yet_are_not_looked_at(aws: Stubs) -> None:
    unread = NotChecked("there is no bucket yet")
    data = (JobFile(unread, local="train.jsonl"), JobFile(Known("s3://bucket/validation/one.jsonl")))
    asked = DesiredTraining(
        name="any",
        base_model_id="any",
        customization_type="FINE_TUNING",
        foundation_model_id=None,
        data=data,
        output_uri=unread,
        role_arn=unread,
        key_arn=unread,
        serving=None,
    )
    aws.fail("bedrock", "get_foundation_model", "AccessDeniedException")
    facts = Gatherer(Reading(aws), PLACE).training(asked, datetime(2026, 11, 23, tzinfo=UTC))
    assert (facts.reads_data, facts.writes_metrics, facts.uses_key) == (unread, unread, unread)


def test_a_model_that_may_not_be_looked_at_is_neither_there_nor_absent(aws: Stubs) -> None:
    aws.fail("bedrock", "get_custom_model", "AccessDeniedException")
    assert isinstance(BedrockReader(Reading(aws)).model_exists("any"), NotChecked)


def test_the_base_model_alone_is_looked_at_where_nothing_else_is_wanted(account: Account) -> None:
    preflight = Preflight(lambda service: client(account.simulated, service, region="us-west-2"))  # type: ignore[call-overload]
    now = datetime(2025, 11, 23, tzinfo=UTC)
    assert isinstance(preflight.base_model("anthropic.claude-3-haiku-20240307-v1:0:200k", "FINE_TUNING", now), Passed)
    assert isinstance(preflight.base_model("any.model-v1:0", "FINE_TUNING", now), Problem)


def test_what_a_service_leaves_out_of_its_answer_is_not_checked(aws: Stubs) -> None:
    aws.answer("service-quotas", "get_service_quota", {}, ServiceCode="bedrock", QuotaCode="L-1")
    assert isinstance(reader(aws).quota("L-1"), NotChecked)
    models = BedrockReader(Reading(aws))
    aws.answer("bedrock", "get_foundation_model", {}, modelIdentifier="any.model-v1:0")
    assert isinstance(models.base_model("any.model-v1:0"), NotChecked)


def test_a_key_is_read_with_its_state(aws: Stubs) -> None:
    metadata = {"KeyId": "one", "KeyState": "PendingDeletion", "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "RSA_2048"}
    aws.answer("kms", "describe_key", {"KeyMetadata": metadata}, KeyId=KEY_ARN)
    assert reader(aws).key(KEY_ARN) == Known(KeyFacts("PendingDeletion", "ENCRYPT_DECRYPT", "RSA_2048"))
    aws.fail("kms", "describe_key", "NotFoundException")
    assert reader(aws).key(KEY_ARN) == Known(None)


# --- what an error means -----------------------------------------------------------------------------------------

ASKING: Final[dict[str, tuple[str, str, Callable[[AccountReader], Any]]]] = {
    "GetServiceQuota": ("service-quotas", "get_service_quota", lambda its: its.quota("L-1")),
    "GetRole": ("iam", "get_role", lambda its: its.trust_policy(ROLE)),
    "SimulatePrincipalPolicy": (
        "iam",
        "simulate_principal_policy",
        lambda its: its.missing(ROLE, [Permission("s3:GetObject", "arn:aws:s3:::bucket/one")]),
    ),
    "ListObjectsV2": ("s3", "list_objects_v2", lambda its: its.object_exists("s3://bucket/one")),
    "DescribeKey": ("kms", "describe_key", lambda its: its.key(KEY_ARN)),
}


@pytest.mark.parametrize("operation", ASKING)
@pytest.mark.parametrize(
    ("code", "status"), [("Throttling", 400), ("TooManyRequestsException", 429), ("SlowDown", 503), ("Anything", 500)]
)
def test_what_passes_by_itself_is_looked_at_again_at_first_and_not_checked_then(
    aws: Stubs, operation: str, code: str, status: int
) -> None:
    service, method, ask = ASKING[operation]
    aws.fail(service, method, code, status)
    with pytest.raises(ClientError):
        ask(reader(aws, again=True))
    aws.fail(service, method, code, status)
    found = ask(reader(aws))
    assert isinstance(found, NotChecked)
    assert found.why.startswith(operation)
    assert found.why.endswith(code)


def test_a_version_on_which_a_refusal_rests_is_waited_for_however_often_it_fails(aws: Stubs) -> None:
    aws.fail("s3", "head_object", "SlowDown", 503)
    with pytest.raises(ClientError):
        reader(aws).object_version("s3://bucket/one")


@pytest.mark.parametrize("operation", ASKING)
@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_what_is_not_allowed_is_looked_at_again_at_first_and_not_checked_then(
    aws: Stubs, operation: str, code: str
) -> None:
    service, method, ask = ASKING[operation]
    aws.fail(service, method, code, 403)
    with pytest.raises(ClientError):
        ask(reader(aws, fresh=True))
    aws.fail(service, method, code, 403)
    found = ask(reader(aws))
    assert isinstance(found, NotChecked)
    assert found.why.startswith(operation)
    assert found.why.endswith(code)


LOST: Final = EndpointConnectionError(endpoint_url="https://iam.amazonaws.com/?X-Amz-Signature=secret")


class Line:
    """A client that is called once for each read; it answers, or cannot be reached."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls = 0
        self._error = error

    def ask(self) -> int:
        self.calls += 1
        if self._error:
            raise self._error
        return self.calls


def asking(line: Line) -> int:
    return line.ask()


def test_a_connection_that_fails_is_tried_again_in_another_turn() -> None:
    reading = Reading(lambda _: Line(LOST), patience=Patience(again=True))
    with pytest.raises(EndpointConnectionError):
        reading.read("iam", "Anything", asking)


def test_a_service_that_cannot_be_reached_is_named_and_not_asked_again() -> None:
    dead, alive = Line(LOST), Line()
    reading = Reading({"iam": dead, "s3": alive}.__getitem__)
    expected = NotChecked("GetRole: the connection to iam.amazonaws.com failed (EndpointConnectionError)")
    assert [reading.read("iam", operation, asking) for operation in ("GetRole", "Simulate")] == [expected] * 2
    assert reading.read("s3", "HeadObject", asking) == Known(1)
    assert (dead.calls, alive.calls) == (1, 1)


def test_what_a_refusal_rests_on_is_asked_of_a_service_that_could_not_be_reached() -> None:
    dead = Line(LOST)
    reading = Reading(lambda _: dead)
    reading.read("s3", "ListObjectsV2", asking)
    with pytest.raises(EndpointConnectionError):
        reading.read("s3", "HeadObject", asking, must=True)


def test_a_read_that_would_begin_too_late_is_left_to_another_turn_and_not_checked_then() -> None:
    patient = Reading(lambda _: Line(), patience=Patience(again=True), seconds=-1)
    with pytest.raises(Again, match="Anything"):
        patient.read("s3", "Anything", asking)
    late = Reading(lambda _: Line(), seconds=-1)
    assert isinstance(late.read("s3", "Anything", asking), NotChecked)
    assert late.read("s3", "Anything", asking, must=True) == Known(1)
    assert Reading(lambda _: Line(), seconds=60).read("s3", "Anything", asking) == Known(1)


def test_a_request_that_botocore_does_not_know_is_not_checked() -> None:
    unknown = Line(ParamValidationError(report="Unknown parameter"))
    found = Reading(lambda _: unknown, patience=Patience(again=True)).read("s3", "HeadObject", asking)
    assert isinstance(found, NotChecked)
    assert found.why.startswith("HeadObject")


def test_the_base_model_of_what_is_promoted_is_warned_of_alone(account: Account) -> None:
    preflight = Preflight(lambda service: client(account.simulated, service, region="us-west-2"))  # type: ignore[call-overload]
    reference, now = "anthropic.claude-3-haiku-20240307-v1:0:200k", datetime(2024, 11, 23, tzinfo=UTC)
    assert preflight.warning_of_promotion("any.model-v1:0", now, buys=True) == ""
    assert "LEGACY from 2026-03-10" in preflight.warning_of_promotion(reference, now, buys=True)
    account.simulated.faults.add(LegacyFault(model=reference, has_turned=True))
    assert "no new Provisioned Throughput" in preflight.warning_of_promotion(reference, now, buys=True)
