"""One evaluation as it is seen in an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.evaluation.stored.summary import Summary

Ending = Literal["complete", "bounded", "failed"]
"""How the last run of an evaluation ended that left numbers; failed: too many records had no answer."""
State = Literal[Ending, "under way", "not complete", "not seen"]


@dataclass(frozen=True)
class TargetProgress:
    """How many of the records a target has answered, by what is written, and how many questions a minute it may be
    asked; None where no quota is known.
    """

    target: str
    answered: int
    of: int
    a_minute: float | None = None

    @property
    def left(self) -> int:
        """How many questions it still has to answer."""
        return self.of - self.answered


def unpaced(asked: Sequence[TargetProgress]) -> list[str]:
    """Return the targets that have something to answer, and of which no quota is known."""
    return [each.target for each in asked if each.left and not each.a_minute]


def least_time(asked: Sequence[TargetProgress]) -> timedelta | None:
    """Return the time that asking takes at least, by the quotas; None where one that matters is not known.

    All targets are asked side by side. Throttles, retries and whatever follows the asking add to it.
    """
    if unpaced(asked):
        return None
    return timedelta(minutes=max((each.left / each.a_minute for each in asked if each.a_minute), default=0))


@dataclass(frozen=True, kw_only=True)
class EvaluationFacts:
    """An evaluation that a stack asks for, or that goes on though none does any more.

    id: its identity; empty where its stack could not be read, whose name `training` is then.
    training: the name of the training whose model it is about; empty where that was not seen.
    numbers: what was measured; of an evaluation that stopped at its bound, or failed, what there was by then.
    numbers_at: where these are kept; empty where there are none.
    gate: what the gate says of the numbers, None where there is no gate.
    asked: how far it is, while it is under way.
    tokens: how many are counted, reserved ones among them; None where that was not seen.
    max_tokens: their bound; None where that was not seen.
    is_wanted: whether its stack asks for it; after a rollback that is another one.
    unseen: why something was not seen.
    """

    id: str
    training: str
    state: State
    max_tokens: int | None = None
    numbers: Summary | None = None
    numbers_at: str = ""
    gate: GateVerdict | None = None
    asked: Sequence[TargetProgress] = ()
    tokens: int | None = None
    is_wanted: bool = True
    unseen: str = ""

    @property
    def is_moving(self) -> bool:
        """Whether it goes on by itself."""
        return self.state == "under way"
