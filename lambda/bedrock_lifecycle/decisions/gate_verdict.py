"""What a gate says of one model: the facts that the gate itself and everything that serves the model decide with."""

import re
from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle import contract

INCONCLUSIVE: Final = "inconclusive"
_ON: Final = "on evaluation"
_NONE: Final = "has no verdict"
_TOLD: Final = re.compile(rf"\bgate \w+ {_ON} \w+: |\bevaluation \w+ {_NONE}: ")


@dataclass(frozen=True, kw_only=True)
class GateVerdict:
    """The verdict on one evaluation.

    verdict: passed, failed or inconclusive; empty where there is none.
    told: the numbers, or why there is no verdict and what to do.
    accepted_until: until the end of which day a failure is accepted; empty where it is not.
    is_expired: whether that day is over.
    """

    evaluation: str
    verdict: str = ""
    told: str = ""
    accepted_until: str = ""
    is_expired: bool = False

    @property
    def has_passed(self) -> bool:
        return self.verdict == contract.PASSED

    @property
    def is_accepted(self) -> bool:
        """Whether a verdict that is not good is accepted; there is nothing to accept without numbers."""
        return bool(self.verdict and self.accepted_until) and not self.has_passed and not self.is_expired

    @property
    def is_open(self) -> bool:
        """Whether the gate lets the model through."""
        return self.has_passed or self.is_accepted

    def __str__(self) -> str:
        if not self.verdict:
            return f"evaluation {self.evaluation} {_NONE}: {self.told}"
        words = f"gate {self.verdict} {_ON} {self.evaluation}: {self.told}"
        if self.is_accepted:
            return f"{words}; accepted until {self.accepted_until}"
        return f"{words}; it was accepted until {self.accepted_until}" if self.is_expired else words


def is_refusal(reason: str) -> bool:
    """Tell whether a resource failed for what a gate says, by the reason that CloudFormation keeps."""
    return _TOLD.search(reason) is not None


def remedy(gate: GateVerdict) -> str:
    """Return what to do about a model that a gate keeps out; nothing where `told` says it already."""
    if not gate.verdict:
        return ""
    more = "add test records, " if gate.verdict == INCONCLUSIVE else ""
    accept = f"accept evaluation {gate.evaluation} in [gate.accept]"
    return f"; {more}train a better model, change the requirements, or {accept}"
