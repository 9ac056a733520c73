"""One evaluation as it is seen in an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.evaluation.stored.summary import Summary

State = Literal["complete", "under way", "bounded", "failed", "not complete", "not seen"]


@dataclass(frozen=True)
class Asked:
    """How many of the records a target has answered, by what is written."""

    target: str
    answered: int
    of: int


@dataclass(frozen=True, kw_only=True)
class EvaluationFacts:
    """The evaluation that a stack asks for.

    id: its identity; empty where its stack could not be read, whose name `training` is then.
    training: the name of the training whose model it is about.
    numbers: what was measured; of an evaluation that failed or stopped at its bound what there was by then.
    gate: what the gate says of the numbers, None where there is no gate.
    asked: how far it is, while it is under way.
    tokens: how many are counted, reserved ones among them; None where that was not seen.
    unseen: why something was not seen.
    """

    id: str
    training: str
    state: State
    max_tokens: int
    numbers: Summary | None = None
    gate: GateVerdict | None = None
    asked: Sequence[Asked] = ()
    tokens: int | None = None
    unseen: str = ""

    @property
    def is_moving(self) -> bool:
        """Whether it goes on by itself."""
        return self.state == "under way"
