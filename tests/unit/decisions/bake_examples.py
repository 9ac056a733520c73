"""Examples of what a bake does."""

from typing import Any, Final

from bedrock_lifecycle.decisions.actions import Ask, Done, Pass, Refuse, Wait
from bedrock_lifecycle.decisions.serving_bake import Facts
from tests.unit.decisions.examples import Example


def baked(event: Any = "Update", **changes: Any) -> Facts:
    """Return facts about a bake of three questions, two of which must be answered rightly."""
    return Facts(**{"event": event, "name": "any-model", "questions": 3, "right": 2, **changes})


_ALARMS: Final = {"errors": "OK", "slow": "INSUFFICIENT_DATA"}
_LOUD: Final = {**_ALARMS, "slow": "ALARM"}
_BEFORE: Final = frozenset({"slow"})

BAKE: Final = (
    Example("bake-delete", baked("Delete"), Done),
    Example("bake-delete", baked("Delete", rolling_back=True, alarms={"slow": None}), Done),
    Example("bake-rollback", baked(rolling_back=True), Done),
    Example("bake-rollback", baked(rolling_back=True, is_bought_for_a_term=True, answers="000"), Done, ("rolled",)),
    Example("bake-bought-for-a-term", baked(is_bought_for_a_term=True), Done, ("commitment",)),
    Example("bake-bought-for-a-term", baked("Create", is_bought_for_a_term=True, alarms={"slow": "ALARM"}), Done),
    Example("bake-failed", baked(alarms={**_ALARMS, "slow": "ALARM"}), Refuse, ("any-model", "slow", "ALARM")),
    Example("bake-failed", baked(alarms={**_ALARMS, "other": None}), Refuse, ("any-model", "other", "alarms")),
    Example("bake-failed", baked(answers="111", alarms=_LOUD, raised_before=_BEFORE), Refuse, ("slow", "ALARM")),
    Example(
        "bake-failed", baked(alarms={"slow": "ALARM", "errors": "ALARM"}, raised_before=_BEFORE), Refuse, ("errors",)
    ),
    Example("bake-ask", baked(alarms=_LOUD, raised_before=_BEFORE), Ask),
    Example("bake-watch", baked(answers="111", alarms=_LOUD, raised_before=_BEFORE, watched=False), Wait),
    Example("bake-passed", baked(answers="111", alarms=_ALARMS, raised_before=_BEFORE), Pass),
    Example("bake-failed", baked(answers="00"), Refuse, ("any-model", "0 of 3", "2")),
    Example("bake-failed", baked(answers="100"), Refuse, ("any-model", "1 of 3")),
    Example("bake-failed", baked(answers="11", watched=False, alarms={"slow": "ALARM"}), Refuse),
    Example("bake-failed", baked(why_not="its file is gone: push it"), Refuse, ("any-model", "push it")),
    Example("bake-failed", baked(answers="1", overdue=True), Refuse, ("1 of 3", "deploy again")),
    Example("bake-failed", baked(answers="1", tried=6), Refuse, ("1 of 3", "deploy again")),
    Example("bake-ask", baked(), Ask),
    Example("bake-ask", baked("Create", answers="10", tried=5, alarms=_ALARMS, watched=False), Ask),
    Example("bake-watch", baked(answers="110", watched=False), Wait, ("any-model", "2 of 3")),
    Example("bake-watch", baked(questions=0, right=0, alarms=_ALARMS, watched=False), Wait, ("any-model",)),
    Example("bake-passed", baked(answers="011"), Pass, ("any-model", "2 of 3")),
    Example("bake-passed", baked(answers="111", tried=6, overdue=True), Pass),
    Example("bake-passed", baked(questions=0, right=0, alarms=_ALARMS), Pass),
)
