"""What a bake does while a new model answers: it asks, reads alarms, and passes or fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions import makes_nothing
from bedrock_lifecycle.decisions.actions import Ask, Done, Pass, Refuse, Wait
from bedrock_lifecycle.decisions.table import DecisionRow

Action = Ask | Done | Pass | Refuse | Wait

_ALARM: Final = "ALARM"
_NOTHING: Final = "nobody, nothing is asked"
_TOKENS: Final = "the tokens of the questions asked and of their answers; what serves, as before"
_SERVES: Final = "what serves, as before"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one step of a bake.

    `name` is the model's; `is_bought_for_a_term` that this deployment may have bought what cannot be given back;
    `answers` has a letter for each question that was answered, `1` for a right one; `tried` counts each time
    that may have been billed.
    `why_not` is why a question cannot be asked; an alarm whose state is None does not exist.
    """

    event: RequestType
    name: str
    is_bought_for_a_term: bool = False
    rolling_back: bool = False
    questions: int = 0
    right: int = 0
    answers: str = ""
    tried: int = 0
    why_not: str = ""
    alarms: Mapping[str, str | None] = field(default_factory=dict)
    raised_before: frozenset[str] = frozenset()
    """The alarms that were in ALARM before the step began: the model before may have raised them."""
    watched: bool = True
    """Whether the alarms were watched for as long as the step says."""
    overdue: bool = False

    @property
    def asks(self) -> bool:
        """Whether a question is left that is to be asked."""
        return len(self.answers) < self.questions

    @property
    def raised(self) -> list[str]:
        """The alarms that fail the bake; one that was raised before has until the end to become quiet."""
        is_over = self.watched and not self.asks
        return [
            name
            for name, state in self.alarms.items()
            if state == _ALARM and (is_over or name not in self.raised_before)
        ]

    @property
    def blames_the_model(self) -> bool:
        """Whether a failure tells of the model: none does of an alarm that is missing, or raised before an answer."""
        if None in self.alarms.values():
            return False
        return bool(self.answers) or not self.questions or not self.raised

    @property
    def told(self) -> str:
        """How the questions went."""
        return f"{self.answers.count('1')} of {self.questions} answers are right" if self.questions else "no alarm"


def _failure(facts: Facts) -> str:
    """Return why the bake has failed; nothing while it has not."""
    missing = [name for name, state in facts.alarms.items() if state is None]
    if missing:
        return f"there is no alarm named {', '.join(missing)}: correct `serving.bake.alarms`, or create the alarm"
    if facts.raised:
        return f"alarm {', '.join(facts.raised)} is in state {_ALARM}: look into the alarm, then deploy again"
    if facts.why_not:
        return facts.why_not
    if facts.answers.count("0") > facts.questions - facts.right:
        return (
            f"{facts.told}, and at least {facts.right} must be right: serve a better model, or correct the questions "
            "in [serving.bake]"
        )
    if facts.asks and (facts.overdue or facts.tried >= contract.BAKE_TRIES * facts.questions):
        return f"only {len(facts.answers)} of {facts.questions} questions were answered in time: deploy again"
    return ""


ROWS: Final[tuple[DecisionRow[Facts, Action], ...]] = (
    *makes_nothing.rows(
        "bake", _NOTHING, rollback="the model before answers again, and is asked nothing", told="rolled back"
    ),
    DecisionRow(
        "bake-bought-for-a-term",
        "Create, Update",
        "what serves has a commitment, and was not moved in place: this deployment may have bought it",
        "done: a failure could not give it back; it was bought for a model whose bake had passed, or the bake is new",
        _NOTHING,
        when=lambda facts: facts.is_bought_for_a_term,
        then=lambda _facts: Done("not baked: this deployment may have bought the commitment; the next one bakes"),
    ),
    DecisionRow(
        "bake-failed",
        "Create, Update",
        "an alarm that was raised or, at the end, still is; too many wrong answers; questions that cannot be asked",
        "leave `failed` on a model of this environment, unless no question was answered and an alarm tells; then fail: "
        "CloudFormation rolls back, and the model before answers again",
        _SERVES,
        when=lambda facts: bool(_failure(facts)),
        then=lambda facts: Refuse(f"{facts.name} did not pass its bake: {_failure(facts)}"),
    ),
    DecisionRow(
        "bake-ask",
        "Create, Update",
        "a question that was not asked yet",
        "ask it, within the declared output tokens; whether the answer is right is written down, and no word of it",
        _TOKENS,
        when=lambda facts: facts.asks,
        then=lambda _facts: Ask(),
    ),
    DecisionRow(
        "bake-watch",
        "Create, Update",
        "the questions were answered well, the minutes are not over",
        "wait, and read the alarms",
        _SERVES,
        when=lambda facts: not facts.watched,
        then=lambda facts: Wait(f"{facts.name} bakes: {facts.told}, and alarms are watched"),
    ),
    DecisionRow(
        "bake-passed",
        "Create, Update",
        "the questions were answered well, the minutes are over",
        "done: the last step leaves `passed` on a model of this environment",
        _SERVES,
        when=lambda _facts: True,
        then=lambda facts: Pass(f"{facts.name} passed: {facts.told}"),
    ),
)
