"""Runs of evaluations, on simulated time: Step Functions as the lifecycle sees it, and its workflow's states.

What the functions ask and score is not played: an evaluation measures what is said of the model beforehand (`truth`).
What may be left behind is: the candidate is made and deleted in the simulated Bedrock, by functions that may be killed
at any call, are run again, and are cleaned up after by a rule.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.contract.evaluation_store import bounded_summary_key, plan_key, summary_key
from bedrock_lifecycle.engine.clock import SEEN_WITHIN
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.summary import Summary, TargetAnswers
from sandbox.bedrock import Clock, InMemoryWorld
from tests.support.bedrock_client import ACCOUNT
from tests.support.calls import Calls, client_error

MEASURE: Final = "exact_match"
RECORDS: Final = 400
# How many of so many records a model of each kind answers rightly, where three of four must be.
RIGHT: Final[Mapping[str, int]] = {"passed": 380, "failed": 200, "inconclusive": 305}
_RETRIES: Final = 3
_SHARDS: Final = 3
_STANDS_WITHIN: Final = timedelta(hours=1)
# A stop does not end the function that is under way; one that makes or deletes a candidate is short.
_RUNS_ON: Final = timedelta(minutes=1)


class Later(Protocol):
    """What runs a function at a time: see `Lifecycle.later`."""

    def __call__(
        self, due: datetime, body: Callable[[], object], done: Callable[[object, BaseException | None], None]
    ) -> None: ...


@dataclass
class EvaluationRun:
    """One execution of the workflow."""

    name: str
    arn: str
    evaluation: str
    input: str = ""
    status: str = "RUNNING"
    output: dict[str, str] = field(default_factory=dict)
    state: str = "prepare"
    shard: int = 0
    retries: int = 0
    stands_since: datetime | None = None
    """Since when the candidate is waited for."""
    fails: bool = False
    ended: datetime | None = None


class _Exceptions:
    class ExecutionAlreadyExists(Exception):
        """A name that was used before."""


class EvaluationWorkflow:
    """The client of Step Functions for the machine of evaluations, and the machine.

    truth: What the evaluation of a model, by its training's name, will measure: `passed`, `failed`, `inconclusive`.
    outcome: What a run of a plan comes to: `complete`, `bounded`, `failed`, `refused`.
    takes: How long each state takes.
    """

    def __init__(
        self,
        clock: Clock,
        world: InMemoryWorld,
        calls: Calls,
        bedrock: Callable[[], Any],
        later: Later,
        region: str,
        bucket: str,
    ) -> None:
        self.bucket = bucket
        self._clock, self._world, self._calls, self._bedrock, self._later = clock, world, calls, bedrock, later
        self._prefix = f"arn:aws:states:{region}:{ACCOUNT}:execution:evaluations:"
        self.exceptions = _Exceptions
        self.runs: dict[str, EvaluationRun] = {}
        self.truth: dict[str, str] = {}
        self.outcome: Callable[[EvaluationPlan], str] = lambda _plan: "complete"
        self.takes = timedelta(seconds=20)
        self.unseen = timedelta()
        """How long after its start a run is not seen."""
        self.asked: Counter[tuple[str, int]] = Counter()
        """How often each shard was asked of each target's answers."""
        self.wrong: list[str] = []
        self._started: dict[str, datetime] = {}
        self._answered: set[tuple[str, int]] = set()
        self._made: dict[str, datetime] = {}
        self._serial = itertools.count(1)

    # Step Functions.
    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: A002, N803
        del stateMachineArn
        return self._calls.make("states", "StartExecution", lambda: self._start(name, input), mutating=True)

    def _start(self, name: str, text: str) -> dict[str, Any]:
        if name in self.runs:
            raise self.exceptions.ExecutionAlreadyExists
        evaluation = json.loads(text)["evaluation"]
        if any(run.evaluation == evaluation and run.status == "RUNNING" for run in self.runs.values()):
            self.wrong.append(f"two runs of evaluation {evaluation} at once")
        if self.is_complete(evaluation):
            self.wrong.append(f"evaluation {evaluation} was complete, and is run again")
        run = self.runs[name] = EvaluationRun(name, f"{self._prefix}{name}", evaluation, text)
        self._started[name] = self._clock.now()
        self._go_on(run)
        return {"executionArn": run.arn}

    def get_paginator(self, method: str) -> "_Paginator":
        assert method == "list_executions"
        return _Paginator(lambda: self._calls.make("states", "ListExecutions", self._list, mutating=False))

    def _list(self) -> dict[str, Any]:
        seen = (run for run in self.runs.values() if self._is_seen(run))
        return {"executions": [{"name": run.name, "executionArn": run.arn, "status": run.status} for run in seen]}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        return self._calls.make("states", "DescribeExecution", lambda: self._describe(executionArn), mutating=False)

    def _describe(self, arn: str) -> dict[str, Any]:
        run = self._run(arn, "DescribeExecution")
        output = {"output": json.dumps(run.output)} if run.status == "SUCCEEDED" else {}
        return {"name": run.name, "executionArn": arn, "status": run.status, "input": run.input, **output}

    def stop_execution(self, *, executionArn: str, cause: str) -> dict[str, Any]:  # noqa: N803
        del cause
        return self._calls.make("states", "StopExecution", lambda: self._stop(executionArn), mutating=True)

    def _stop(self, arn: str) -> dict[str, Any]:
        run = self._run(arn, "StopExecution")
        if run.status != "RUNNING":
            raise client_error("ValidationException", "Execution is not running", 400, "StopExecution")
        self._end(run, "ABORTED")
        return {}

    def _run(self, arn: str, operation: str) -> EvaluationRun:
        run = self.runs.get(arn.removeprefix(self._prefix))
        if run is None or not self._is_seen(run):
            raise client_error("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400, operation)
        return run

    def _is_seen(self, run: EvaluationRun) -> bool:
        return self._clock.now() - self._started[run.name] >= self.unseen

    # The workflow.
    def _go_on(self, run: EvaluationRun, *, after: timedelta | None = None) -> None:
        due = self._clock.now() + (self.takes if after is None else after)
        state = run.state
        self._later(due, lambda: self._work(run, state), lambda done, error: self._worked(run, state, done, error))

    def _work(self, run: EvaluationRun, state: str) -> object:
        if run.ended is not None and self._clock.now() - run.ended > _RUNS_ON:
            return "stopped"
        plan = self._plan(run.evaluation)
        match state:
            case "prepare":
                return "go" if self.outcome(plan) != "refused" else "refused"
            case "stand":
                run.stands_since = run.stands_since or self._clock.now()
                is_late = self._clock.now() - run.stands_since > _STANDS_WITHIN
                return "failed" if is_late else self._stand(plan)
            case "ask":
                return self._ask(plan, run.shard)
            case "gone":
                return self._gone(plan)
            case _:
                return self._reduce(plan)

    def _worked(self, run: EvaluationRun, state: str, done: object, error: BaseException | None) -> None:
        if run.status != "RUNNING":
            # It was stopped meanwhile: the state in progress has run on, and nothing follows it.
            return
        if error:
            self._failed(run, state)
            return
        run.retries = 0
        run.shard += state == "ask"
        run.fails = run.fails or done == "failed"
        run.state = self._after(run, state, str(done))
        if run.state in ("FAILED", "SUCCEEDED"):
            told = {"outcome": str(done), "reason": "any reason"} if run.state == "SUCCEEDED" else {}
            self._end(run, run.state, **told)
            return
        self._go_on(run)

    def _failed(self, run: EvaluationRun, state: str) -> None:
        """Try the state again; then catch, and have the candidate deleted before the run fails."""
        run.retries += 1
        if run.retries > _RETRIES and state == "gone":
            self._end(run, "FAILED")
            return
        if run.retries > _RETRIES:
            run.fails, run.state, run.retries = True, "gone", 0
        self._go_on(run)

    def _after(self, run: EvaluationRun, state: str, done: str) -> str:
        """Return the state that follows, or the status with which the run ends."""
        first = "stand" if self._plan(run.evaluation).candidate else "ask"
        following = {
            ("prepare", "go"): first,
            ("prepare", "refused"): "SUCCEEDED",
            ("stand", "ready"): "ask",
            ("stand", "failed"): "gone",
            ("ask", "asked"): "ask" if run.shard < _SHARDS else "gone",
            ("gone", "gone"): "FAILED" if run.fails else "reduce",
        }
        return "SUCCEEDED" if state == "reduce" else following.get((state, done), state)

    def _end(self, run: EvaluationRun, status: str, **output: str) -> None:
        run.status, run.output, run.ended = status, output, self._clock.now()
        if status != "SUCCEEDED":
            self._rule(run, 0)

    def _rule(self, run: EvaluationRun, tries: int) -> None:
        """Let the rule on runs that did not end well have the candidate deleted, by an event that is tried again."""

        def cleaned(done: object, error: BaseException | None) -> None:
            if (error or done != "gone") and tries < 2 * _RETRIES:
                self._rule(run, tries + 1)

        due = self._clock.now() + timedelta(minutes=tries)
        self._later(due, lambda: self._gone(self._plan(run.evaluation)), cleaned)

    def _plan(self, evaluation: str) -> EvaluationPlan:
        return EvaluationPlan.from_json(self._world.objects[self.bucket, plan_key(evaluation)])

    def _stand(self, plan: EvaluationPlan) -> str:
        candidate = plan.candidate
        assert candidate is not None
        bedrock = self._bedrock()
        try:
            found = bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=candidate.name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("ResourceNotFoundException", "ValidationException"):
                raise
            tags = [{"key": key, "value": value} for key, value in candidate.tags.items()]
            token = f"{candidate.name}-{next(self._serial)}"
            self._made[candidate.name] = self._clock.now()
            bedrock.create_custom_model_deployment(
                modelDeploymentName=candidate.name, modelArn=candidate.model_arn, tags=tags, clientRequestToken=token
            )
            return "wait"
        return {"Active": "ready", "Failed": "failed"}.get(found["status"], "wait")

    def _gone(self, plan: EvaluationPlan) -> str:
        if plan.candidate is None:
            return "gone"
        bedrock, name = self._bedrock(), plan.candidate.name
        try:
            found = bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("ResourceNotFoundException", "ValidationException"):
                raise
            # One that was made minutes ago may be there, and not be seen.
            is_young = name in self._made and self._clock.now() - self._made[name] < SEEN_WITHIN
            return "wait" if is_young else "gone"
        self._made.pop(name, None)
        try:
            bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=found["customModelDeploymentArn"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("ConflictException", "ValidationException"):
                raise
        return "wait"

    def _ask(self, plan: EvaluationPlan, shard: int) -> str:
        for target in plan.targets:
            key = (plan.answers_id(target), shard)
            if key not in self._answered:
                self.asked[key] += 1
                self._calls.make("bedrock-runtime", "Converse", partial(self._answered.add, key), mutating=True)
        return "asked"

    def _reduce(self, plan: EvaluationPlan) -> str:
        outcome = self.outcome(plan)
        if outcome in ("complete", "bounded"):
            key = summary_key(plan.id) if outcome == "complete" else bounded_summary_key(plan.id)
            self.put_summary(key, plan, complete=outcome == "complete")
        return outcome

    def put_summary(self, key: str, plan: EvaluationPlan, *, complete: bool = True) -> None:
        """Write the numbers that a model's evaluation is said to measure."""
        tuned = next(target for target in plan.targets if target.name == TUNED)
        right = RIGHT[self.truth.get(tuned.model, "passed")]
        summary = Summary(
            evaluation=plan.id,
            is_complete=complete,
            made=self._clock.now().isoformat(),
            test_sha256=plan.questions.test_sha256,
            records=RECORDS,
            of=RECORDS,
            targets=(
                TargetAnswers(
                    name=TUNED, model=tuned.model, answered=RECORDS, unanswered=0, input_tokens=1, output_tokens=1
                ),
            ),
            scores={TUNED: {MEASURE: sample_of(right)}},
        )
        self._world.objects[self.bucket, key] = summary.to_json().encode()

    def is_complete(self, evaluation: str) -> bool:
        return (self.bucket, summary_key(evaluation)) in self._world.objects

    def going(self) -> list[str]:
        """Return the evaluations whose runs are under way."""
        return [run.evaluation for run in self.runs.values() if run.status == "RUNNING"]


class _Paginator:
    def __init__(self, method: Callable[[], dict[str, Any]]) -> None:
        self._method = method

    def paginate(self, *, stateMachineArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        del stateMachineArn
        yield self._method()


def sample_of(right: int) -> Sample:
    """Return the scores of so many right answers."""
    return Sample.of("scores", ([float(number < right)] for number in range(RECORDS)))
