"""The functions' entry points, built from their environment variables, with every call kept in this process."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import ANY, Stubber
from ministack.services import dynamodb as ministack_dynamodb
from ministack.services import s3 as ministack_s3

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import plan_key
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.functions import (
    clients,
    dataset_reader,
    evaluation_reconciler,
    front_door,
    responder,
    serving_reconciler,
    training_reconciler,
)
from tests.support.dataset_requests import properties
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.support.events import NOW, STACK_ID, any_event, throughput_properties
from tests.support.https_server import AnswerServer
from tests.support.messages import says
from tests.support.s3_service import BUCKET, S3Service, s3_client
from tests.support.wired import WANTED, WiredAccount

MACHINE = "arn:aws:states:us-west-2:111122223333:stateMachine:any"
EVALUATIONS = "arn:aws:states:us-west-2:111122223333:stateMachine:evaluations"
CONTEXT = SimpleNamespace(aws_request_id="any-run", get_remaining_time_in_millis=lambda: 900_000)
CACHES = (
    front_door._front_door,
    training_reconciler._engine,
    serving_reconciler._engine,
    evaluation_reconciler._engine,
    dataset_reader._resource,
    clients.brisk,
    clients.evaluating,
)


class Cloud:
    """The clients that the functions get, and with which settings they asked for them."""

    def __init__(self) -> None:
        self.account = WiredAccount()
        self.dynamodb = DynamoDBService()
        self.configs: dict[str, Config] = {}
        self.stubbers: dict[str, Stubber] = {}
        self.made: dict[str, Any] = {"bedrock": self.account.lifecycle.client, "dynamodb": self.dynamodb.client}
        real = boto3.client
        for service in ("stepfunctions", "cloudformation"):
            self.made[service] = real(service, "us-west-2", aws_access_key_id="any", aws_secret_access_key="any")
            self.stubbers[service] = Stubber(self.made[service])
            self.stubbers[service].activate()
        self.made["s3"] = s3_client(S3Service())
        self.made |= {service: self.account.lifecycle.around(service) for service in ("service-quotas", "iam", "kms")}

    def client(self, service: str, *, config: Config) -> Any:
        """See `boto3.client`."""
        self.configs[service] = config
        return self.made.get(service)

    def stack_is(self, status: str) -> None:
        stack = {"StackName": "any", "CreationTime": NOW, "StackStatus": status}
        self.stubbers["cloudformation"].add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": STACK_ID})

    def take_up(self, event: dict[str, Any]) -> dict[str, Any]:
        """Let the front door take a request up, and return the state that its workflow begins with."""
        answer = {"executionArn": "any", "startDate": NOW}
        expected = {"stateMachineArn": MACHINE, "name": ANY, "input": ANY}
        self.stubbers["stepfunctions"].add_response("start_execution", answer, expected)
        started: list[str] = []
        events: Any = self.made["stepfunctions"].meta.events
        events.register("provide-client-params.sfn.*", lambda params, **_: started.append(params.get("input", "")))
        front_door.on_event(event, CONTEXT)
        state: dict[str, Any] = json.loads(started[-1])
        return state


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv(contract.LEDGER_TABLE_VARIABLE, TABLE)
    monkeypatch.setenv(contract.LEASE_SECONDS_VARIABLE, "40")
    monkeypatch.setenv(contract.FOUNDATION_VARIABLE, "any")
    monkeypatch.setenv(contract.STATE_MACHINE_VARIABLE, MACHINE)
    cloud = Cloud()
    monkeypatch.setattr(boto3, "client", cloud.client)
    _forget()
    yield cloud
    _forget()
    ministack_s3.reset()
    ministack_dynamodb.reset()


def _forget() -> None:
    for cached in CACHES:
        cached.cache_clear()


def training_event(**changes: Any) -> dict[str, Any]:
    given = WANTED.training()["Job"].properties
    properties = {name: _on_the_wire(value) for name, value in given.items()}
    return any_event(ResourceType=contract.MODEL_CUSTOMIZATION, ResourceProperties=properties, **changes)


def _on_the_wire(value: Any) -> Any:
    return {key: str(item) for key, item in value.items()} if isinstance(value, dict) else str(value)


def test_the_front_door_writes_the_request_down_and_starts_its_workflow(cloud: Cloud) -> None:
    state = cloud.take_up(any_event())
    assert state == {"event": any_event(), "generation": 1, "physicalId": "training-await/v1/Await1"}
    assert cloud.dynamodb.calls == ["GetItem", "UpdateItem"]


def test_the_front_door_is_built_once(cloud: Cloud) -> None:
    cloud.take_up(any_event())
    cloud.configs.clear()
    cloud.take_up(any_event(RequestId="next"))
    assert cloud.configs == {}


def test_a_training_is_created_by_its_reconciler(cloud: Cloud) -> None:
    cloud.made["s3"] = cloud.account.lifecycle.around("s3")
    cloud.account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    state = cloud.take_up(training_event())
    cloud.stack_is("CREATE_IN_PROGRESS")
    step = training_reconciler.on_turn(state, CONTEXT)
    assert (step["next"], step["status"]) == ("answer", "SUCCESS")
    assert step["attributes"]["TrainingName"] == WANTED.training_name
    assert cloud.account.changes() == ["CreateModelCustomizationJob"]


def test_a_rung_is_looked_at_by_the_training_s_reconciler(cloud: Cloud) -> None:
    state = cloud.take_up(any_event(RequestType="Delete", PhysicalResourceId="any"))
    cloud.stack_is("DELETE_IN_PROGRESS")
    step = training_reconciler.on_turn(state, CONTEXT)
    assert (step["status"], step["physicalId"]) == ("SUCCESS", "any")


def test_a_throughput_is_served_by_its_own_reconciler(cloud: Cloud) -> None:
    properties = throughput_properties()
    state = cloud.take_up(any_event(ResourceType=contract.PROVISIONED_THROUGHPUT, ResourceProperties=properties))
    cloud.stack_is("CREATE_IN_PROGRESS")
    step = serving_reconciler.on_turn(state, CONTEXT)
    assert step["status"] == "FAILED"
    assert says(step["reason"], "deploy", "Training")


def test_an_evaluation_is_started_by_its_own_reconciler(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(contract.DATA_BUCKET_VARIABLE, BUCKET)
    monkeypatch.setenv(contract.EVALUATION_WORKFLOW_VARIABLE, EVALUATIONS)
    wanted = WANTED.but(compared_with={})
    evaluation = wanted.evaluation_inputs.id
    cloud.account.train(wanted)
    cloud.account.asked.clear()
    test_key = contract.data_key("test", wanted.evaluation_inputs.questions.test_sha256)
    cloud.made["s3"].put_object(Bucket=BUCKET, Key=test_key, Body=b"any")
    properties = {name: _on_the_wire(value) for name, value in wanted.evaluation()["Evaluation"].properties.items()}
    properties |= {"Metrics": wanted.evaluation_inputs.metrics}
    state = cloud.take_up(any_event(ResourceType=contract.EVALUATION, ResourceProperties=properties))
    cloud.stack_is("CREATE_IN_PROGRESS")
    states, arn = cloud.stubbers["stepfunctions"], "arn:any:the-run"
    states.add_response("list_executions", {"executions": []}, {"stateMachineArn": EVALUATIONS})
    given = json.dumps({"evaluation": evaluation, "owner": contract.owner_of(STACK_ID)})
    started = {"stateMachineArn": EVALUATIONS, "name": f"{evaluation}-1", "input": given}
    states.add_response("start_execution", {"executionArn": arn, "startDate": NOW}, started)
    step = evaluation_reconciler.on_turn(state, CONTEXT)
    assert (step["status"], step["attributes"]) == ("SUCCESS", {"EvaluationId": evaluation, "Execution": arn})
    states.assert_no_pending_responses()
    plan = cloud.made["s3"].get_object(Bucket=BUCKET, Key=plan_key(evaluation))["Body"].read()
    assert EvaluationPlan.from_json(plan).id == evaluation
    assert cloud.account.changes() == []


def test_a_throughput_behind_a_gate_needs_the_place_where_numbers_are_kept(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(contract.DATA_BUCKET_VARIABLE, raising=False)
    wanted = WANTED.but(gated=True)
    cloud.account.train(wanted)
    properties = {
        **throughput_properties(TrainingId=wanted.training_id, BaseModel=wanted.base_model),
        **wanted.gate,
        "ContractVersion": contract.GATED_CONTRACT_VERSION,
    }
    state = cloud.take_up(any_event(ResourceType=contract.PROVISIONED_THROUGHPUT, ResourceProperties=properties))
    cloud.stack_is("CREATE_IN_PROGRESS")
    step = serving_reconciler.on_turn(state, CONTEXT)
    assert says(step["reason"], "evaluate_with", "deploy Foundation")
    assert "CreateProvisionedModelThroughput" not in cloud.account.changes()


def test_no_reconciler_serves_what_needs_the_other_s_permissions(cloud: Cloud) -> None:
    state = cloud.take_up(any_event())
    with pytest.raises(KeyError):
        serving_reconciler.on_turn(state, CONTEXT)


def test_a_run_holds_the_lease_under_the_name_of_its_invocation(cloud: Cloud) -> None:
    state = cloud.take_up(any_event())
    holders: list[str] = []

    def look(**_: object) -> None:
        holders.append(cloud.dynamodb.item(f"{STACK_ID}|Await1")["Content"]["S"])

    events: Any = cloud.made["bedrock"].meta.events
    events.register("before-call.bedrock", look)
    cloud.stack_is("CREATE_IN_PROGRESS")
    training_reconciler.on_turn(state, CONTEXT)
    assert '"any-run"' in holders[0]


def test_the_responder_answers(server: AnswerServer) -> None:
    step = {"next": "answer", "status": "SUCCESS", "physicalId": "any", "reason": "", "attributes": {}}
    state = {"event": any_event(ResponseURL=server.url), "physicalId": "any", "step": step}
    assert responder.on_event(state, CONTEXT) == {"delivered": True}
    assert json.loads(server.bodies[0])["Status"] == "SUCCESS"


def test_the_dataset_reader_answers(cloud: Cloud, server: AnswerServer) -> None:
    del cloud
    properties = {"SourceBucket": BUCKET, "SourceKey": "any", "DestinationBucket": BUCKET, "DestinationKey": "other"}
    event = any_event(ResourceType=contract.DATASET, ResponseURL=server.url, ResourceProperties=properties)
    dataset_reader.on_event(event, CONTEXT)
    assert says(json.loads(server.bodies[0])["Reason"], "Sha256")


@pytest.mark.parametrize("service", ["bedrock", "cloudformation", "dynamodb"])
def test_a_reconciler_s_call_ends_before_the_lambda_service_would_end_the_function(cloud: Cloud, service: str) -> None:
    clients.client(service)
    config: Any = cloud.configs[service]
    longest = (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"]
    assert longest < contract.TURN_TIMEOUT_SECONDS


@pytest.mark.parametrize("service", ["bedrock-runtime", "lambda"])
def test_an_evaluation_waits_for_long_answers_and_asks_only_once(cloud: Cloud, service: str) -> None:
    # 10,000 tokens at 50 a second; what asks counts its own tries, since each of them is paid for.
    clients.evaluating(service)
    config: Any = cloud.configs[service]
    assert config.read_timeout >= 200
    assert _attempts(config) == 1


@pytest.mark.parametrize("service", ["s3", "dynamodb", "service-quotas"])
def test_an_evaluation_is_patient_with_what_keeps_its_results(cloud: Cloud, service: str) -> None:
    clients.evaluating(service)
    evaluating = cloud.configs[service]
    clients.client(service)
    assert _attempts(evaluating) > _attempts(cloud.configs[service])


def test_the_front_door_is_patient_because_it_holds_no_lease(cloud: Cloud) -> None:
    cloud.take_up(any_event())
    attempts = {service: _attempts(config) for service, config in cloud.configs.items()}
    clients.client("dynamodb")
    assert attempts["dynamodb"] == attempts["stepfunctions"] > _attempts(cloud.configs["dynamodb"])


def _attempts(config: Any) -> int:
    attempts: int = config.retries["total_max_attempts"]
    return attempts


def test_the_dataset_function_answers_before_the_lambda_service_would_end_it(
    cloud: Cloud, server: AnswerServer
) -> None:
    body = b"any"
    cloud.made["s3"].put_object(Bucket=BUCKET, Key="any", Body=body)
    event = any_event(
        ResourceType=contract.DATASET,
        ResponseURL=server.url,
        ResourceProperties={**properties(body), "SourceKey": "any", "FileName": "any.jsonl"},
    )
    dataset_reader.on_event(event, SimpleNamespace(get_remaining_time_in_millis=lambda: 59_999))
    assert says(json.loads(server.bodies[0])["Reason"], "any.jsonl", "GB", "deploy")
