"""The lifecycle in one process: the real front door, engine, reconcilers and responder, on simulated time.

Lambda, Step Functions and DynamoDB are played here as far as the lifecycle relies on them: a function that fails is run
again, a workflow waits, retries and catches, a record is written only when nobody wrote it since.
"""

import dataclasses
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import responder
from bedrock_lifecycle.engine.engine import Engine, Resource, StackView
from bedrock_lifecycle.engine.front_door import FrontDoor, execution_name
from bedrock_lifecycle.engine.ledger import Ledger
from bedrock_lifecycle.engine.record import Record
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers import reading
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.evaluation import Evaluation
from bedrock_lifecycle.resources.evaluation_await import EvaluationAwait
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns
from bedrock_lifecycle.resources.model_customization import ModelCustomization
from bedrock_lifecycle.resources.promoted_model import PromotedModel
from bedrock_lifecycle.resources.quality_gate import QualityGate
from bedrock_lifecycle.resources.registry import physical_id, serving_resources
from bedrock_lifecycle.resources.serving_bake import ServingBake
from bedrock_lifecycle.resources.training_await import TrainingAwait
from sandbox.bedrock import Clock, InMemoryWorld, Quotas, Role, Settings, SimulatedBedrock
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.calls import Calls
from tests.support.direct_bedrock import DirectBedrock
from tests.support.evaluations import EvaluationWorkflow
from tests.support.runs import Killed, Run
from tests.support.world_clients import WorldClients

BUCKET: Final = "tuning-data"
ROLE_ARN: Final = f"arn:aws:iam::{ACCOUNT}:role/tuning"
KEY_ARN: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/5a0c1e37-0000-4000-8000-000000000000"
CANARY: Final = "canary-in-the-training-data"
RECORDS: Final = "".join(
    json.dumps(
        {
            "messages": [
                {"role": "user", "content": f"What about valve {number}? {CANARY}"},
                {"role": "assistant", "content": f"Valve {number} is shut."},
            ]
        }
    )
    + "\n"
    for number in range(32)
).encode()

FOUNDATION: Final = "bedrock-tuning-prod-Foundation"

LAST_RESORT: Final = "the last resort's answer"

_MACHINE_TIMEOUT: Final = timedelta(minutes=contract.DEADLINE_MINUTES + contract.UNDOING_MINUTES + 2)
_EVENT_AGE_AT_MOST: Final = timedelta(minutes=5)
_TURN_RETRIES: Final = 6
_RESPOND_RETRIES: Final = 8
_FUNCTION_RETRIES: Final = 2
_FUNCTION_RETRY_AFTER: Final = timedelta(minutes=1)


@dataclass
class Execution:
    """One workflow: what it holds, when it goes on, how often its present state was retried."""

    name: str
    state: dict[str, Any]
    due: datetime
    phase: str = "reconcile"
    retries: int = 0
    running: bool = False
    began: datetime | None = None


@dataclass
class Delivery:
    """An event on its way to the front door."""

    event: dict[str, Any]
    due: datetime
    sent: datetime
    tries: int = 0


@dataclass(eq=False)
class Work:
    """A run of a function that is not the lifecycle's own: what it does, and what follows from how it ended."""

    due: datetime
    body: Callable[[], object]
    done: Callable[[object, BaseException | None], None]


class _Monotonic:
    """`time.monotonic`, by the simulated clock while a function runs here: a preflight's reads take simulated time."""

    clock: Clock | None = None

    def monotonic(self) -> float:
        return self.clock.now().timestamp() if self.clock else time.monotonic()


_MONOTONIC: Final = _Monotonic()
vars(reading)["time"] = _MONOTONIC


class _Exceptions:
    class ExecutionAlreadyExists(Exception):
        """A name that was used before."""


@dataclass
class Lifecycle:
    """Everything that one account's Foundation stack runs, and the simulated Bedrock behind it."""

    stacks: StackView
    settings: Settings = field(default_factory=lambda: Settings(quotas=Quotas(custom_model_units=10)))
    calls: Calls = field(default_factory=Calls)
    # For proofs that a test would notice: an engine that acts without a lease.
    ledger_type: type[Ledger] = Ledger
    region: str = REGION
    foundation_stack: str = FOUNDATION

    def __post_init__(self) -> None:
        self.clock = Clock(rate=0)
        self.world = InMemoryWorld()
        self.world.alarms.now = self.clock.now
        jobs = f"arn:aws:bedrock:{self.region}:{ACCOUNT}:model-customization-job/*"
        self.world.roles[ROLE_ARN] = Role(source_account=ACCOUNT, source_arn=jobs)
        self.simulated = SimulatedBedrock(self.clock, self.world, self.settings)
        self.client: Any = DirectBedrock(self.simulated, self.calls, self.region)
        self.around = WorldClients(self.simulated, self.world, self.calls, self.region)
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.answered_at: dict[str, datetime] = {}
        self.executions: dict[str, Execution] = {}
        self.deliveries: list[Delivery] = []
        self.holders = itertools.count(1)
        self.exceptions = _Exceptions
        self.works: list[Work] = []
        self.evaluations = EvaluationWorkflow(
            self.clock, self.world, self.calls, self._bedrock, self.later, self.region, BUCKET
        )
        self.held: list[Run] = []
        self.hold_for: Callable[[], timedelta] = lambda: timedelta(seconds=5)
        self.calls.hold_up = self._hold_up
        self._records: dict[str, Record] = {}
        self._used_names: set[str] = set()

    @property
    def foundation(self) -> str:
        """What the tag of all that the lifecycle makes says of the stack that its functions are in."""
        return f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{self.foundation_stack}"

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def aws(self, service: str) -> Any:
        """Return the client of a service, as a preflight asks for it."""
        return self.client if service == "bedrock" else self.around(service)

    def put(self, key: str, body: bytes = RECORDS) -> str:
        """Store a dataset and return its URI."""
        self.world.objects[BUCKET, key] = body
        return f"s3://{BUCKET}/{key}"

    def deliver(self, event: Mapping[str, Any], *, after: timedelta = timedelta()) -> None:
        """Let Lambda deliver an event to the front door, now or later."""
        self.deliveries.append(Delivery(dict(event), self.now + after, self.now + after))

    def later(
        self, due: datetime, body: Callable[[], object], done: Callable[[object, BaseException | None], None]
    ) -> None:
        """Let another function run at a time."""
        self.works.append(Work(due, body, done))

    def next_due(self) -> datetime | None:
        """Return when something happens next."""
        return min(map(self._due, self._upcoming()), default=None)

    def _upcoming(self) -> list[Execution | Delivery | Run | Work]:
        idle = (execution for execution in self.executions.values() if not execution.running)
        return [*self.deliveries, *idle, *self.held, *self.works]

    def _due(self, upcoming: Execution | Delivery | Run | Work) -> datetime:
        return upcoming.due or self.now

    def step(self) -> None:
        """Let the next thing happen, after the time until then has passed."""
        upcoming = min(self._upcoming(), key=self._due)
        self.clock.advance(max(self._due(upcoming) - self.now, timedelta()))
        if isinstance(upcoming, Run):
            self.held.remove(upcoming)
            self._move(upcoming)
        elif isinstance(upcoming, Execution) and self.now - (upcoming.began or self.now) >= _MACHINE_TIMEOUT:
            del self.executions[upcoming.name]
            self._last_resort(upcoming.state["event"], upcoming.state["physicalId"])
        else:
            self._move(self.run_of(upcoming))

    def run_of(self, upcoming: Execution | Delivery | Work) -> Run:
        """Return the run of a function that serves what is due."""
        if isinstance(upcoming, Work):
            self.works.remove(upcoming)
            return Run(upcoming.body, upcoming.done)
        if isinstance(upcoming, Delivery):
            self.deliveries.remove(upcoming)
            return Run(lambda: self._open_front_door(upcoming), lambda _done, error: self._opened(upcoming, error))
        upcoming.running = True
        if upcoming.phase == "reconcile":
            return Run(lambda: self._turn(upcoming), lambda step, error: self._turned(upcoming, step, error))
        return Run(
            lambda: responder.respond(upcoming.state, self._send), lambda _done, error: self._responded(upcoming, error)
        )

    def _move(self, run: Run) -> None:
        run.began = run.began or self.now
        self.calls.run = run
        _MONOTONIC.clock = self.clock
        run.move()
        _MONOTONIC.clock = None
        self.calls.run = None

    def _hold_up(self, run: Run, span: timedelta | None) -> None:
        """Hold a run up at a call; the Lambda service ends it when it has taken too long."""
        timeout = (run.began or self.now) + timedelta(seconds=contract.TURN_TIMEOUT_SECONDS)
        run.due = min(self.now + (self.hold_for() if span is None else span), timeout)
        self.held.append(run)
        run.hold()
        if self.now >= timeout:
            run.dead = True
            raise Killed

    def pass_time(self, span: timedelta) -> None:
        """Let time pass with everything that is due in it."""
        until = self.now + span
        while (due := self.next_due()) is not None and due <= until:
            self.step()
        self.clock.advance(max(until - self.now, timedelta()))

    # Step Functions, as the front door sees it.
    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803
        """Start a workflow; a name is never used twice."""
        del stateMachineArn
        self.calls.make("states", "StartExecution", lambda: self._start(name, input), mutating=True)

    def _start(self, name: str, text: str) -> None:
        if name in self._used_names:
            raise self.exceptions.ExecutionAlreadyExists
        self._used_names.add(name)
        self.executions[name] = Execution(name, json.loads(text), self.now, began=self.now)

    # The ledger's table.
    def read(self, key: str) -> tuple[Record, datetime]:
        """See `ledger_table.Table`."""
        record = self.calls.make("dynamodb", "GetItem", lambda: self._records.get(key, Record()), mutating=False)
        return record, self.now

    def lose_the_ledger(self) -> None:
        """Let the ledger's table be made anew, empty."""
        self._records.clear()

    def write(self, key: str, record: Record) -> bool:
        """See `ledger_table.Table`."""
        return self.calls.make("dynamodb", "UpdateItem", lambda: self._write(key, record), mutating=True)

    def _write(self, key: str, record: Record) -> bool:
        present = self._records.get(key, Record())
        if present.version != record.version:
            return False
        self._records[key] = dataclasses.replace(record, version=record.version + 1)
        return True

    def _ledger(self) -> Ledger:
        return self.ledger_type(self, lease_seconds=contract.LEASE_SECONDS, wall_clock=lambda: self.now.timestamp())

    def _open_front_door(self, delivery: Delivery) -> None:
        step_functions: Any = self
        FrontDoor(self._ledger(), step_functions, "arn", physical_id, self._send).accept(delivery.event)

    def _opened(self, delivery: Delivery, error: BaseException | None) -> None:
        if error:
            self._deliver_again(delivery)

    def _deliver_again(self, delivery: Delivery) -> None:
        young = self.now - delivery.sent < _EVENT_AGE_AT_MOST
        if young and delivery.tries < _FUNCTION_RETRIES:
            later = self.now + _FUNCTION_RETRY_AFTER * (delivery.tries + 1)
            self.deliveries.append(Delivery(delivery.event, later, delivery.sent, delivery.tries + 1))
        elif execution_name(Request.parse(delivery.event)) not in self._used_names:
            self._last_resort(delivery.event, "none")

    def _bedrock(self) -> Any:
        """Return the client that a function has."""
        is_direct = isinstance(self.client, DirectBedrock)
        return self.client.as_function_of(self.foundation) if is_direct else self.client

    def _turn(self, execution: Execution) -> dict[str, Any]:
        bedrock, preflight = Bedrock(self._bedrock(), self.foundation), Preflight(self.aws)
        step_functions: Any = self.evaluations
        runs, store = EvaluationRuns(step_functions, "arn"), Store(self.around("s3"), BUCKET)
        resources: dict[str, Resource] = {
            contract.MODEL_CUSTOMIZATION: ModelCustomization(bedrock, preflight),
            contract.TRAINING_AWAIT: TrainingAwait(bedrock),
            contract.PROMOTED_MODEL: PromotedModel(bedrock, preflight),
            contract.SERVING_BAKE: ServingBake(bedrock, self.around),
            contract.EVALUATION: Evaluation(bedrock, preflight, runs, store),
            contract.EVALUATION_AWAIT: EvaluationAwait(runs, store),
            contract.QUALITY_GATE: QualityGate(bedrock, store),
            **serving_resources(bedrock, preflight, store),
        }
        return Engine(self._ledger(), self.stacks, resources).turn(execution.state, f"run-{next(self.holders)}")

    def _turned(self, execution: Execution, step: Any, error: BaseException | None) -> None:
        execution.running = False
        if error:
            if not self._retry(execution, _TURN_RETRIES):
                if execution.state["event"]["RequestType"] == "Delete":
                    execution.retries, execution.due = 0, self.now + timedelta(minutes=1)
                    return
                cause = json.dumps({"errorMessage": str(error) or "killed", "errorType": type(error).__name__})
                execution.state["failure"] = {"Error": type(error).__name__, "Cause": cause}
                execution.phase, execution.retries, execution.due = "respond", 0, self.now
            return
        execution.retries = 0
        execution.due = self.now
        execution.state["step"] = json.loads(json.dumps(step))
        match step["next"]:
            case "wait":
                execution.due += timedelta(seconds=step["seconds"])
            case "answer":
                execution.phase = "respond"
            case _:
                del self.executions[execution.name]

    def _responded(self, execution: Execution, error: BaseException | None) -> None:
        execution.running = False
        if error:
            if self._retry(execution, _RESPOND_RETRIES):
                return
            self._last_resort(execution.state["event"], execution.state["physicalId"])
        del self.executions[execution.name]

    def _retry(self, execution: Execution, most: int) -> bool:
        execution.retries += 1
        if execution.retries > most:
            return False
        execution.due = self.now + timedelta(seconds=min(2 * 2 ** (execution.retries - 1), 60))
        return True

    def _last_resort(self, event: Mapping[str, Any], physical_id: str) -> None:
        known = event.get("PhysicalResourceId") or physical_id
        body = {**_echo(event), "Status": "FAILED", "Reason": LAST_RESORT, "PhysicalResourceId": known}
        self._receive(event["ResponseURL"], json.dumps(body).encode())

    def _send(self, url: str, body: bytes) -> bool:
        return self.calls.make("cloudformation", "PutAnswer", lambda: self._receive(url, body), mutating=True)

    def _receive(self, url: str, body: bytes) -> bool:
        request_id = url.rpartition("/")[2].partition("?")[0]
        answer = json.loads(body)
        self.answers.setdefault(request_id, []).append({**answer, "_bytes": len(body)})
        self.answered_at.setdefault(request_id, self.now)
        return True


def _echo(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
