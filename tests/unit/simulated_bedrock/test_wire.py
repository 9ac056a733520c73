"""Requests and responses are held against the service models."""

import json
import re
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.bedrock.errors import STATUS_OF
from sandbox.bedrock.names import Scope
from sandbox.bedrock.operations import OPERATIONS
from sandbox.bedrock.wire.constraints import _JOB_NAME, _JOB_NAME_LINEAR, compiled, violations
from sandbox.bedrock.wire.models import SERVICES, service_model
from sandbox.bedrock.wire.responses import Response, render
from tests.support.bedrock_client import ACCOUNT, CALLER_ARN, REGION, client
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import HAIKU, NOVA_TUNABLE, ROLE_ARN, Account, job_request, uri


def raw(
    account: Account, method: str, path: str, body: Any = None, query: dict[str, list[str]] | None = None
) -> Response:
    content = b"" if body is None else json.dumps(body).encode()
    return account.simulated.handle("bedrock", method, path, query or {}, {}, content, ACCOUNT, REGION, CALLER_ARN)


def refusal(response: Response) -> str:
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "ValidationException"
    return str(json.loads(response.body)["message"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"jobName": "under_score"}, "'jobName' failed to satisfy constraint: Member must satisfy regular"),
        ({"jobName": "x" * 64}, "'jobName' failed to satisfy constraint: Member must have length less"),
        ({"customModelName": "double--hyphen"}, "'customModelName' failed to satisfy constraint"),
        (
            {"customizationType": "FINETUNING"},
            "'customizationType' failed to satisfy constraint: Member must satisfy enum",
        ),
        ({"trainingDataConfig": {"s3Uri": "s3://data/k=v/a.jsonl"}}, "'trainingDataConfig.s3Uri' failed"),
        ({"roleArn": "arn:aws:iam::1:role/short"}, "'roleArn' failed"),
        ({"clientRequestToken": "ends-in-"}, "'clientRequestToken' failed"),
        ({"customModelKmsKeyId": "no key"}, "'customModelKmsKeyId' failed"),
        ({"jobTags": [{"key": "team", "value": "a,b"}]}, "'jobTags[0].value' failed"),
        ({"validationDataConfig": {"validators": [{"s3Uri": uri("a.jsonl")}] * 11}}, "length less than or equal to 10"),
    ],
)
def test_refuses_what_botocore_lets_pass(account: Account, change: dict[str, Any], expected: str) -> None:
    with pytest.raises(account.bedrock.exceptions.ValidationException, match=re.escape(expected)):
        account.create_job(**change)
    assert account.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"] == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"jobname": "typing-error"}, 'Unknown parameter in input: "jobname"'),
        ({"hyperParameters": {"epochCount": 2}}, "Invalid type for parameter hyperParameters.epochCount"),
        ({"trainingDataConfig": {"s3uri": "s3://data/a.jsonl"}}, 'Unknown parameter in trainingDataConfig: "s3uri"'),
    ],
)
def test_refuses_what_botocore_would_refuse(account: Account, change: dict[str, Any], expected: str) -> None:
    body = {**job_request(), **change}
    assert expected in refusal(raw(account, "POST", "/model-customization-jobs", body))


def test_refuses_a_request_without_a_required_member(account: Account) -> None:
    body = {name: value for name, value in job_request().items() if name != "roleArn"}
    assert '"roleArn"' in refusal(raw(account, "POST", "/model-customization-jobs", body))


@pytest.mark.parametrize("units", [True, 0, "1", 1.5])
def test_refuses_model_units_that_are_no_positive_integer(account: Account, units: Any) -> None:
    body = {"modelUnits": units, "provisionedModelName": "p", "modelId": NOVA_TUNABLE}
    assert "modelUnits" in refusal(raw(account, "POST", "/provisioned-model-throughput", body))


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_refuses_a_body_that_is_no_json_object(account: Account, body: bytes) -> None:
    response = account.simulated.handle(
        "bedrock", "POST", "/model-customization-jobs", {}, {}, body, ACCOUNT, REGION, CALLER_ARN
    )
    assert "JSON" in refusal(response)


def test_refuses_a_label_inside_the_body(account: Account) -> None:
    body = {"provisionedModelId": "p", "desiredModelId": "m"}
    assert "belongs elsewhere" in refusal(raw(account, "PATCH", "/provisioned-model-throughput/p", body))


def test_ignores_null_members_as_the_service_does(account: Account) -> None:
    body = {**job_request(), "clientRequestToken": None, "vpcConfig": None}
    assert raw(account, "POST", "/model-customization-jobs", body).status == 201


@pytest.mark.parametrize(
    "query", [{"maxResults": ["many"]}, {"maxResults": ["1001"]}, {"creationTimeAfter": ["yesterday"]}]
)
def test_refuses_bad_query_parameters(account: Account, query: dict[str, list[str]]) -> None:
    assert next(iter(query)) in refusal(raw(account, "GET", "/model-customization-jobs", query=query))


def test_takes_query_parameters_as_plain_strings_too(account: Account) -> None:
    response = account.simulated.handle(
        "bedrock", "GET", "/custom-models", {"isOwned": "true"}, {}, b"", ACCOUNT, REGION, CALLER_ARN
    )
    assert response.status == 200


@pytest.mark.parametrize("separator", ["/", "%2F"])
@pytest.mark.parametrize("colon", [":", "%3A"])
def test_takes_arns_in_paths_encoded_or_not(account: Account, separator: str, colon: str) -> None:
    arn = account.create_job()
    path = f"/model-customization-jobs/{arn.replace('/', separator).replace(':', colon)}"
    assert json.loads(raw(account, "GET", path).body)["jobArn"] == arn
    assert raw(account, "POST", f"{path}/stop").status == 200


def test_names_the_operation_that_is_not_simulated(account: Account) -> None:
    with pytest.raises(ClientError, match=saying("ListGuardrails", "simulated")) as caught:
        account.bedrock.list_guardrails()
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_names_the_path_that_no_operation_has(account: Account) -> None:
    response = raw(account, "GET", "/no-such-thing")
    assert response.status == 501
    assert b"GET /no-such-thing of bedrock is not simulated" in response.body


def test_answers_with_the_simulated_date_and_a_request_id(account: Account) -> None:
    metadata = account.bedrock.list_custom_models()["ResponseMetadata"]
    assert metadata["HTTPHeaders"]["date"] == "Sat, 15 Nov 2025 00:00:00 GMT"
    assert metadata["RequestId"]


def test_keeps_accounts_and_regions_apart(account: Account) -> None:
    account.create_job()
    for other in (
        client(account.simulated, "bedrock", account="444455556666"),
        client(account.simulated, "bedrock", region="us-east-1"),
    ):
        assert other.list_model_customization_jobs()["modelCustomizationJobSummaries"] == []
    assert len(account.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"]) == 1


def test_gives_every_error_the_status_of_the_service_model() -> None:
    for service in SERVICES:
        for shape in service_model(service).error_shapes:
            if shape.name in STATUS_OF:
                assert STATUS_OF[shape.name] == shape.metadata["error"]["httpStatusCode"]


def test_simulates_only_operations_that_exist() -> None:
    for service, operations in OPERATIONS.items():
        assert set(operations) <= set(service_model(service).operation_names)


def test_refuses_to_answer_what_the_service_never_would() -> None:
    operation = service_model("bedrock").operation_model("CreateModelCustomizationJob")
    with pytest.raises(AssertionError, match="model"):
        render(operation, {"jobArn": "arn:aws:bedrock:us-west-2:111122223333:model-customization-job/name"})


def _patterns(shape: Any, seen: set[str]) -> set[str]:
    if shape.name in seen:
        return set()
    seen = seen | {shape.name}
    found = {shape.metadata["pattern"]} if "pattern" in shape.metadata else set()
    for child in ("member", "key", "value"):
        found |= _patterns(getattr(shape, child), seen) if hasattr(shape, child) else set()
    for member in getattr(shape, "members", {}).values():
        found |= _patterns(member, seen)
    return found


def _simulated_patterns() -> list[str]:
    found = set()
    for service, operations in OPERATIONS.items():
        for name in operations:
            found |= _patterns(service_model(service).operation_model(name).input_shape, set())
    return sorted(found)


@pytest.mark.parametrize("pattern", _simulated_patterns())
def test_no_pattern_takes_long(pattern: str) -> None:
    start = time.perf_counter()
    for text in ("-" * 200, "a" + "-" * 200 + "!", "a-" * 100 + "!", "a." * 100 + "_", "s3://aa/" + "a/" * 400 + "="):
        compiled(pattern).fullmatch(text)
    assert time.perf_counter() - start < 1


@settings(max_examples=300)
@given(st.text("aZ0-+._!", max_size=10))
def test_the_safe_pattern_of_job_names_accepts_the_same(text: str) -> None:
    assert bool(re.fullmatch(_JOB_NAME, text)) == bool(re.fullmatch(_JOB_NAME_LINEAR, text))


def test_every_list_and_map_is_walked() -> None:
    shape = service_model("bedrock").operation_model("TagResource").input_shape
    arn = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:provisioned-model/abcdefghijkl"
    tags = [{"key": "fine", "value": "fine"}, {"key": "not(fine)", "value": "fine"}]
    assert violations({"resourceARN": arn, "tags": tags}, shape)[0].startswith("Value at 'tags[1].key'")


def test_the_role_may_have_a_path(account: Account) -> None:
    role_arn = ROLE_ARN.replace("role/", "role/service-role/")
    account.world.roles[role_arn] = account.role
    account.create_job(roleArn=role_arn)
    assert account.job()["roleArn"] == role_arn


def test_a_custom_models_own_arn_cannot_be_invoked(account: Account) -> None:
    model_arn = account.tuned_model()
    with pytest.raises(account.runtime.exceptions.ValidationException, match="'modelId' failed to satisfy constraint"):
        account.runtime.invoke_model(modelId=model_arn, body="{}")
    assert HAIKU in model_arn


def test_refuses_a_map_that_must_not_be_empty(account: Account) -> None:
    turns: Any = [{"role": "user", "content": [{"text": "Hello"}]}]
    with pytest.raises(account.runtime.exceptions.ValidationException, match="'requestMetadata' failed"):
        account.runtime.converse(modelId=HAIKU, messages=turns, requestMetadata={})


@pytest.mark.parametrize(
    ("region", "partition"), [("us-west-2", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_arns_carry_the_partition_of_the_region(region: str, partition: str) -> None:
    scope = Scope(ACCOUNT, region)
    assert scope.arn("custom-model/x") == f"arn:{partition}:bedrock:{region}:{ACCOUNT}:custom-model/x"
    assert scope.foundation_model_arn("m") == f"arn:{partition}:bedrock:{region}::foundation-model/m"


@given(st.text(max_size=30), st.text(max_size=30))
def test_generated_ids_have_the_form_of_aws(kind: str, name: str) -> None:
    made = Scope(ACCOUNT, REGION).generated_id(kind, name)
    assert re.fullmatch("[a-z0-9]{12}", made)
    assert made == Scope(ACCOUNT, REGION).generated_id(kind, name)
    assert made != Scope(ACCOUNT, "us-east-1").generated_id(kind, name)
