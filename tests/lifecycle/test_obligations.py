"""What the engine must keep to deserve existing; each is shown to be missed when it is taken away."""

import ast
import dataclasses
import io
import json
import logging
import tokenize
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Unpack

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import aws_errors, clock, front_door, response
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.front_door import FrontDoor, execution_name
from bedrock_lifecycle.engine.ledger import Granted, Ledger
from bedrock_lifecycle.engine.ledger_table import DynamoDBTable
from bedrock_lifecycle.engine.record import Busy, Entry, Lease, Notes, Overtaken, Record
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.provisioned_throughput import ProvisionedThroughput
from sandbox.bedrock import ApiFault, JobFault, Phase, ThroughputFault
from tests.conftest import ROOT
from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.support import lifecycle
from tests.support.cloudformation import Stack
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.support.environment import NOVA_REGION, SERVING, Account
from tests.support.events import NOW, any_event, throughput_properties
from tests.support.lifecycle import LAST_RESORT, Execution
from tests.support.messages import says
from tests.support.turns import Turns
from tests.support.wired import QUICK, WANTED, WiredAccount

MORE_UNITS = WANTED.but(model_units=2)
EVALUATED = ON_DEMAND.but(evaluates=True, gated=True)
Breaking = Callable[[pytest.MonkeyPatch], None]


def intact(_monkeypatch: pytest.MonkeyPatch) -> None:
    """Take nothing away."""


def quick_account(**knobs: Any) -> Account:
    return Account(settings=QUICK, **knobs)


def bought(account: Account) -> list[str]:
    return sorted(each["provisionedModelName"] for each in account.throughputs())


# 1. Every request is answered inside its hour.


def without_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "DEADLINE", timedelta(days=1))


def without_any_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the workflow's own timeout away too."""
    without_deadline(monkeypatch)
    monkeypatch.setattr(lifecycle, "_MACHINE_TIMEOUT", timedelta(days=1))


@pytest.mark.parametrize(
    ("breaking", "told"),
    [
        (intact, "52 min"),
        (without_deadline, LAST_RESORT),
        (without_any_end, "nobody answered within the hour"),
    ],
)
def test_a_request_that_comes_to_nothing_is_answered_inside_its_hour(
    monkeypatch: pytest.MonkeyPatch, breaking: Breaking, told: str
) -> None:
    account = quick_account()
    account.deploy(WANTED.but(model_units=None))
    account.lifecycle.simulated.faults.add(ThroughputFault("stuck"))
    breaking(monkeypatch)
    account.cloudformation.deploy(SERVING, WANTED.serving())
    assert says(account.reason, told)


def without_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a wait step wait for good."""
    monkeypatch.setattr(clock, "RUNG", timedelta(days=1))


@pytest.mark.parametrize(
    ("breaking", "told"),
    [
        ((), "continues in the background"),
        ((without_steps,), "52 min"),
        ((without_steps, without_deadline), LAST_RESORT),
        ((without_steps, without_any_end), "nobody answered within the hour"),
    ],
)
def test_a_wait_for_an_evaluation_that_goes_on_is_answered_inside_its_hour(
    monkeypatch: pytest.MonkeyPatch, breaking: tuple[Breaking, ...], told: str
) -> None:
    account = quick_account(region=NOVA_REGION)
    account.deploy(EVALUATED.but(evaluates=False, on_demand=False))
    account.lifecycle.evaluations.takes = timedelta(days=3)
    for each in breaking:
        each(monkeypatch)
    account.evaluate(EVALUATED.but(evaluation_rungs=1))
    assert says(account.reason, told)
    # Whoever answers, what is paid for goes on, and the next deploy follows it.
    assert [run.status for run in account.lifecycle.evaluations.runs.values()] == ["RUNNING"]


class BrokenLedger(Ledger):
    def register(self, request: Request) -> Entry:
        raise ImportError("the function's own code is broken")


class LeaselessLedger(Ledger):
    def take_lease(self, request: Request, generation: int, holder: str) -> Granted | Busy | Overtaken:
        raise ImportError("the function's own code is broken")


@pytest.mark.parametrize("broken", [BrokenLedger, LeaselessLedger])
def test_a_request_is_answered_though_a_function_cannot_run_at_all(broken: type[Ledger]) -> None:
    account = quick_account(ledger_type=broken)
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert len(account.lifecycle.answers) == len(account.cloudformation.events) > 0
    assert "nobody answered within the hour" not in account.cloudformation.reasons


@pytest.mark.parametrize("broken", [BrokenLedger, LeaselessLedger])
def test_an_evaluation_is_answered_though_a_function_cannot_run_at_all_and_asks_nobody(broken: type[Ledger]) -> None:
    account = quick_account(region=NOVA_REGION, ledger_type=broken)
    assert account.evaluate(EVALUATED) == "ROLLBACK_COMPLETE"
    assert len(account.lifecycle.answers) == len(account.cloudformation.events) > 0
    assert "nobody answered within the hour" not in account.cloudformation.reasons
    assert account.lifecycle.evaluations.runs == {}


# 2. Every mutating call is leased.


class NoLease(Ledger):
    """Lets everybody act who is asked to."""

    def take_lease(self, request: Request, generation: int, holder: str) -> Granted | Busy | Overtaken:
        del generation, holder
        known, now = self._table.read(request.resource_key)
        return Granted(dataclasses.replace(known, set_out={}), now)

    def note(self, request: Request, holder: str, **notes: Unpack[Notes]) -> Record:
        """Write nothing down."""
        del holder, notes
        return self._table.read(request.resource_key)[0]


@pytest.mark.parametrize(("ledger_type", "orphans"), [(Ledger, 0), (NoLease, 1)])
def test_a_delete_that_comes_while_a_create_acts_leaves_no_orphan(ledger_type: type[Ledger], orphans: int) -> None:
    account = WiredAccount()
    account.train(WANTED)
    resource = ProvisionedThroughput(Bedrock(account.lifecycle.client), Preflight(account.lifecycle.aws))
    turns = Turns(resource, contract.PROVISIONED_THROUGHPUT, ledger_type)
    properties = throughput_properties(TrainingId=WANTED.training_id, BaseModel=WANTED.base_model)
    event = any_event(
        ResourceType=contract.PROVISIONED_THROUGHPUT, LogicalResourceId="Purchase", ResourceProperties=properties
    )
    delete = {**event, "RequestType": "Delete", "RequestId": "delete", "PhysicalResourceId": "made-up"}
    create = turns.taken_up(event)
    deleted: list[dict[str, Any]] = []

    def interrupt(**_: object) -> None:
        """Let the delete come just before the create takes effect."""
        turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
        deleted.append(turns.taken_up(delete))
        deleted.append(turns.turn(deleted[0], "delete"))

    events: Any = account.lifecycle.client.meta.events
    events.register("before-call.bedrock.CreateProvisionedModelThroughput", interrupt)
    turns.turn(create, "create")
    for _ in range(5):
        if deleted[-1]["next"] == "wait":
            turns.pass_time(timedelta(seconds=deleted[-1]["seconds"]))
            deleted.append(turns.turn(deleted[0], "delete"))
    assert deleted[-1]["status"] == "SUCCESS"
    turns.turn(create, "create")
    assert len(bought(account)) == orphans


# 3. Ids are echoed, foreign ones tolerated.


def always_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_door, "choose_physical_id", lambda request, of: str(of(request)))


@pytest.mark.parametrize(("breaking", "echoed"), [(intact, True), (always_derived, False)])
def test_a_delete_is_answered_with_the_id_it_came_with_though_cloudformation_made_it_up(
    monkeypatch: pytest.MonkeyPatch, breaking: Breaking, echoed: bool
) -> None:
    breaking(monkeypatch)
    account = quick_account()
    account.deploy(WANTED.but(model_units=None))
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=30)
    account.cloudformation.deploy(SERVING, WANTED.serving())
    delete = account.cloudformation.events[-1]
    assert (delete["RequestType"], delete["PhysicalResourceId"].startswith("Purchase-")) == ("Delete", True)
    (answer,) = account.lifecycle.answers[delete["RequestId"]]
    assert (answer["PhysicalResourceId"] == delete["PhysicalResourceId"]) is echoed
    assert answer["Status"] == "SUCCESS"
    assert bought(account) == []


# 4. The whole answer stays under 4,096 bytes.


def uncut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "_fit", lambda text, _room: text)


@pytest.mark.parametrize(("breaking", "fits"), [(intact, True), (uncut, False)])
def test_an_answer_is_short_enough_whatever_bedrock_has_to_say(
    monkeypatch: pytest.MonkeyPatch, breaking: Breaking, fits: bool
) -> None:
    breaking(monkeypatch)
    account = quick_account()
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING, "🔥\n\x00" * 3000))
    account.deploy(WANTED)
    longest = max(answer["_bytes"] for answers in account.lifecycle.answers.values() for answer in answers)
    assert (longest <= 4096) is fits


# 5. What a failed update made is undone.


def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turn, "about_to_create", lambda *_: None)


@pytest.mark.parametrize(("breaking", "undone"), [(intact, True), (forgetful, False)])
def test_what_a_failed_update_bought_is_gone_when_it_is_answered(
    monkeypatch: pytest.MonkeyPatch, breaking: Breaking, undone: bool
) -> None:
    account = quick_account()
    account.deploy(WANTED)
    breaking(monkeypatch)
    account.lifecycle.simulated.faults.add(ThroughputFault("failed"))
    left: list[list[str]] = []

    def look() -> None:
        request = account.cloudformation.events[-1]
        is_the_purchase_s = (request["LogicalResourceId"], request["RequestType"]) == ("Purchase", "Update")
        if is_the_purchase_s and request["RequestId"] in account.lifecycle.answers:
            left.append(bought(account))

    account.cloudformation.watch = look
    assert account.deploy(MORE_UNITS) == "UPDATE_ROLLBACK_COMPLETE"
    assert (left[0] == [WANTED.throughput_name]) is undone


# 6. A new version of the functions takes over in the middle of a run.

# What versions before this one wrote: only ever added to. A line here that no longer reads is a run that dies.
STORED_RECORDS = [
    (
        '{"generation":2,"lease":["run-1",1731672040],"requests":{"two":[2,"2024-11-15T12:00:00+00:00","no","faq"]}}',
        Record(2, {"two": Entry(2, NOW, "no", "faq")}, Lease("run-1", 1731672040), 5),
    ),
    ('{"generation":0,"lease":null,"requests":{}}', Record(version=5)),
    ('{"generation":0,"lease":null,"requests":{},"served":{"faq":"arn"}}', Record(version=5, served={"faq": "arn"})),
]
STORED_STATES: list[dict[str, Any]] = [
    {"event": any_event(), "generation": 1, "physicalId": "training-await/v1/Await1"},
    {
        "event": any_event(),
        "generation": 1,
        "physicalId": "training-await/v1/Await1",
        "step": {"next": "wait", "seconds": 10, "detail": "any"},
    },
]


@pytest.mark.parametrize(("content", "record"), STORED_RECORDS)
def test_what_an_older_version_wrote_into_the_ledger_is_read(content: str, record: Record) -> None:
    service = DynamoDBService()
    item: Any = {"Resource": {"S": "any"}, "Version": {"N": "5"}, "Content": {"S": content}}
    service.client.put_item(TableName=TABLE, Item=item)
    table = DynamoDBTable(service.client, TABLE)
    assert table.read("any")[0] == record
    assert table.write("any", record) is True
    assert service.item("any")["Content"]["S"] == content


@pytest.mark.parametrize("state", STORED_STATES)
def test_a_workflow_that_an_older_version_started_is_served(state: dict[str, Any]) -> None:
    account = quick_account()
    request = Request.parse(state["event"])
    account.cloudformation.stacks.all[request.stack_id] = Stack(request.stack_id, statuses=["CREATE_IN_PROGRESS"])
    account.lifecycle._records[request.resource_key] = Record(1, {request.request_id: Entry(1, NOW)})
    account.lifecycle.executions["any"] = Execution("any", dict(state), account.lifecycle.now)
    account.lifecycle.pass_time(timedelta(minutes=1))
    (answer,) = account.lifecycle.answers["any"]
    assert says(answer["Reason"], "any-prod-000000000000-1", "deploy")


def test_the_names_of_executions_do_not_change_between_versions() -> None:
    assert execution_name(Request.parse(any_event())) == "41f128af6a64956c-00000000-0000-4000-8000-000000000001"


def test_properties_that_only_a_newer_template_has_are_passed_over() -> None:
    account = quick_account()
    template = {
        name: type(resource)(resource.type, {**resource.properties, "FromTheFuture": "any"})
        for name, resource in WANTED.training().items()
    }
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    assert account.cloudformation.deploy("any", template) == "CREATE_COMPLETE"


# 7. Only what is retryable is retried; no delete fails for what passes or is gone.


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_errors, "passes", lambda _error: False)


@pytest.mark.parametrize(("breaking", "status"), [(intact, "DELETE_COMPLETE"), (impatient, "DELETE_FAILED")])
@pytest.mark.parametrize("operation", ["GetProvisionedModelThroughput", "DeleteProvisionedModelThroughput"])
@pytest.mark.parametrize("error", ["ThrottlingException", "InternalServerException"])
def test_a_delete_outlasts_throttling_and_errors_of_the_service(
    monkeypatch: pytest.MonkeyPatch, breaking: Breaking, status: str, operation: str, error: str
) -> None:
    account = WiredAccount()
    account.deploy(WANTED)
    breaking(monkeypatch)
    account.lifecycle.simulated.faults.add(ApiFault(operation, error, times=8))
    assert account.cloudformation.delete(SERVING) == status


def everything_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_errors, "is_not_found", lambda _error: False)


@pytest.mark.parametrize(
    ("breaking", "status"), [(intact, "DELETE_COMPLETE"), (everything_is_an_error, "DELETE_FAILED")]
)
def test_a_delete_of_what_is_gone_succeeds(monkeypatch: pytest.MonkeyPatch, breaking: Breaking, status: str) -> None:
    account = WiredAccount()
    account.deploy(WANTED)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=WANTED.throughput_name)
    breaking(monkeypatch)
    assert account.cloudformation.delete(SERVING) == status


def test_what_is_definite_is_not_tried_again() -> None:
    account = WiredAccount()
    account.train(WANTED)
    account.lifecycle.simulated.faults.add(
        ApiFault("CreateProvisionedModelThroughput", "ServiceQuotaExceededException", message="the quota is 0")
    )
    account.serve(WANTED)
    assert account.changes().count("CreateProvisionedModelThroughput") == 1


# 8. No secret is kept or told in clear.


def test_the_signed_url_is_in_no_record_no_answer_and_no_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    account = quick_account()
    with caplog.at_level(logging.DEBUG):
        account.deploy(WANTED)
        account.lifecycle.simulated.faults.add(ThroughputFault("failed"))
        account.deploy(MORE_UNITS)
        account.destroy()
    captured = capfd.readouterr()
    for told in (account.lifecycle._records, account.lifecycle.answers, caplog.text, captured.out, captured.err):
        assert "X-Amz-Signature" not in str(told)
    # The events do hold it, so it could have been found.
    assert "X-Amz-Signature" in str(account.cloudformation.events)


# 9. An execution that exists already is as good as a start.


def surprised(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(self: FrontDoor, request: Request, event: Mapping[str, Any], entry: Entry, physical_id: str) -> None:
        state = {"event": dict(event), "generation": entry.generation, "physicalId": physical_id}
        self._step_functions.start_execution(
            stateMachineArn="any", name=execution_name(request), input=json.dumps(state)
        )

    monkeypatch.setattr(FrontDoor, "_start", start)


@pytest.mark.parametrize(("breaking", "calm"), [(intact, True), (surprised, False)])
def test_an_event_that_is_delivered_again_is_served_as_if_it_came_once(
    monkeypatch: pytest.MonkeyPatch, breaking: Breaking, calm: bool
) -> None:
    breaking(monkeypatch)
    account = quick_account()
    failed: list[object] = []
    monkeypatch.setattr(account.lifecycle, "_deliver_again", failed.append)
    account.cloudformation.redeliver = lambda _event: [timedelta(seconds=2), timedelta(minutes=3)]
    account.deploy(WANTED)
    account.lifecycle.pass_time(timedelta(hours=1))
    assert (failed == []) is calm
    statuses = [[answer["Status"] for answer in answers] for answers in account.lifecycle.answers.values()]
    assert statuses == [["SUCCESS"]] * len(account.cloudformation.events)


# 10. The engine stays small.


def code_lines(source: str) -> int:
    """Count the lines that do something: no blank line, no comment, no docstring, no import."""
    passed_over: set[int] = set()
    for node in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)):
        documented = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is not ...
        if documented or isinstance(node, ast.Import | ast.ImportFrom):
            passed_over |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    nothing = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for token in tokens if token.type not in nothing for line in range(token.start[0], token.end[0] + 1)}
    return len(lines - passed_over)


SOURCE = '''"""Docstring
of two lines."""

import os

# A comment.
x = [
    1,  # one
]


def f():
    """Any."""
    return 1
'''


def test_code_is_counted_without_what_is_only_read() -> None:
    assert code_lines(SOURCE) == 5


def test_the_engine_stays_small() -> None:
    engine = ROOT / "lambda" / "bedrock_lifecycle" / "engine"
    lines = {path.name: code_lines(path.read_text(encoding="utf-8")) for path in engine.glob("*.py")}
    assert len(lines) > 10
    assert sum(lines.values()) <= 740, lines
