"""What a gate between an evaluation and what serves does: it judges numbers that are there, and changes nothing."""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions import makes_nothing
from bedrock_lifecycle.decisions.actions import Done, Pass, Refuse
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict, remedy
from bedrock_lifecycle.decisions.table import DecisionRow

Action = Done | Pass | Refuse

_NOTHING: Final = "nobody, nothing is asked"
_SERVES: Final = "what serves, as before"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one gate; `tells_only`: what serves was there before the evaluation."""

    event: RequestType
    rolling_back: bool = False
    tells_only: bool = False
    gate: GateVerdict


def _not_passed(facts: Facts) -> Refuse:
    return Refuse(
        f"{facts.gate}; the evaluated model is kept and is not put into service, and what serves now, if anything, "
        f"continues to serve{remedy(facts.gate)}"
    )


ROWS: Final[tuple[DecisionRow[Facts, Action], ...]] = (
    *makes_nothing.rows("gate", _NOTHING, rollback="a rollback judges nothing", told="rolled back"),
    DecisionRow(
        "gate-passed",
        "Create, Update",
        "every requirement has passed",
        "done; `passed` is left on a model of this environment",
        _SERVES,
        when=lambda facts: facts.gate.has_passed,
        then=lambda facts: Pass(str(facts.gate)),
    ),
    DecisionRow(
        "gate-tells-only",
        "Create, Update",
        "it has not passed, or there is no verdict; what serves was there before, as for models that are served by "
        "throughput alone",
        "done, and told; the verdict is left on a model of this environment",
        _SERVES,
        when=lambda facts: facts.tells_only,
        then=lambda facts: Done(f"told, and nothing is kept out: {facts.gate}"),
    ),
    DecisionRow(
        "gate-no-verdict",
        "Create, Update",
        "no numbers of this evaluation, only those of a run that stopped at its bound, or not of this model",
        "refuse: what was not measured is not accepted either",
        _SERVES,
        when=lambda facts: not facts.gate.verdict,
        then=_not_passed,
    ),
    DecisionRow(
        "gate-accepted",
        "Create, Update",
        "it has not passed, and `accept` names this evaluation and a day that is not over",
        "done, and told; what is left on the model is the verdict",
        _SERVES,
        when=lambda facts: facts.gate.is_accepted,
        then=lambda facts: Done(str(facts.gate)),
    ),
    DecisionRow(
        "gate-not-passed",
        "Create, Update",
        "a requirement has failed, or the records are too few to tell",
        "leave the verdict on a model of this environment, then fail with the numbers, and with about how many records "
        "would tell",
        _SERVES,
        when=lambda _facts: True,
        then=_not_passed,
    ),
)
