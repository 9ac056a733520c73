"""Serves `Custom::BedrockEvaluationAwait`, a rung over CloudFormation's hour. It starts and stops nothing."""

from typing import Final, assert_never

from bedrock_lifecycle.contract.evaluation import (
    EVALUATION_ID,
    EXECUTION,
    NO_EXECUTION,
    STATE,
    EvaluationAwaitProperties,
)
from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.decisions import evaluation_await as table
from bedrock_lifecycle.decisions.actions import Done, Refuse, Wait
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns

KIND: Final = "evaluation-await"


def physical_id(request: Request) -> PhysicalId:
    # Constant: a rung has nothing to replace, it only looks at another run.
    return PhysicalId(KIND, request.logical_id)


class EvaluationAwait:
    """One rung."""

    def __init__(self, runs: EvaluationRuns, store: Store) -> None:
        self._runs = runs
        self._store = store

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        event = turn.request.request_type
        if event == "Delete":
            return Settled()
        properties = EvaluationAwaitProperties(turn.request.properties).complete()
        decision = decide(table.ROWS, self._facts(turn, properties))
        match decision:
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Done(state):
                told = {EVALUATION_ID: properties.evaluation_id, EXECUTION: properties.execution, STATE: state}
                return Settled(told, f"evaluation {properties.evaluation_id}: {state}")
        assert_never(decision)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a wait step creates nothing")

    def _facts(self, turn: Turn, properties: EvaluationAwaitProperties) -> table.Facts:
        evaluation, execution = properties.evaluation_id, properties.execution
        if turn.is_rollback:
            return table.Facts(event="Update", evaluation=evaluation, rolling_back=True)
        # First the run, then what it leaves: one that ends in between has left it.
        run = None if execution == NO_EXECUTION else self._runs.described(execution)
        return table.Facts(
            event=turn.request.request_type,
            evaluation=evaluation,
            run=run,
            run_may_appear=execution != NO_EXECUTION and turn.waited < clock.SEEN_WITHIN,
            is_complete=self._store.has(summary_key(evaluation)),
            overdue=turn.waited >= clock.RUNG,
            last_rung=properties.rung == properties.rungs,
        )
