"""Drives `Custom::BedrockQualityGate`: judges the numbers of an evaluation, and leaves the verdict on the model."""

from typing import assert_never

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import VERDICT, QualityGateProperties
from bedrock_lifecycle.decisions import quality_gate as table
from bedrock_lifecycle.decisions.actions import Done, Pass, Refuse
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.gate_reading import gate_verdict

KIND = "quality-gate"


def physical_id(request: Request) -> PhysicalId:
    # Constant: a gate makes nothing that could be replaced.
    return PhysicalId(KIND, request.logical_id)


class QualityGate:
    """One gate."""

    def __init__(self, bedrock: Bedrock, store: Store | None) -> None:
        self._bedrock = bedrock
        self._store = store

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        properties = QualityGateProperties(turn.request.properties)
        facts = self._facts(turn, properties)
        decision = decide(table.ROWS, facts)
        if facts.gate.verdict:
            self._leave(facts.gate.verdict, properties.model)
        match decision:
            case Refuse(reason):
                return Failed(reason)
            case Pass(detail) | Done(detail):
                told = {} if facts.event == "Delete" else {VERDICT: facts.gate.verdict or "none"}
                return Settled(told, detail)
        assert_never(decision)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a gate creates nothing")

    def _facts(self, turn: Turn, properties: QualityGateProperties) -> table.Facts:
        event = turn.request.request_type
        # What judges nothing reads nothing either: it must not fail.
        if event == "Delete" or turn.is_rollback:
            return table.Facts(event=event, rolling_back=event != "Delete", gate=GateVerdict(evaluation=""))
        gate = gate_verdict(self._store, properties, properties.complete().model, turn.now)
        return table.Facts(event=event, tells_only=properties.tells_only, gate=gate)

    def _leave(self, verdict: str, name: str) -> None:
        """Leave the verdict on a model of this Foundation; a refusal fails nothing."""
        model = self._bedrock.model(name)
        tags = self._bedrock.tags(model.arn) if model else {}
        if model and tags.get(contract.TAG_FOUNDATION) == self._bedrock.foundation:
            self._bedrock.retag(model.arn, {contract.TAG_VERDICT: verdict}, [])
