"""What a deploy would refuse a promotion for before its preflight: the rows of the lifecycle's own decisions."""

from collections.abc import Callable, Iterator
from typing import Final

from bedrock_lifecycle.decisions.actions import Refuse, Wait
from bedrock_lifecycle.decisions.promoted_model import ROWS, Facts
from bedrock_lifecycle.preflight.facts import NotChecked
from bedrock_lifecycle.preflight.report import Check, CheckResult, NotNeeded, Passed, Problem, Verdict

# Amazon Bedrock API reference, TagResource: with more, it answers TooManyTagsException.
MAX_TAGS: Final = 50
_NO_MODEL: Final = NotNeeded("there is no model to look at")

Judge = Callable[[Facts], Verdict]


def _decided_by(*ids: str, passed: str) -> Judge:
    """Judge by some rows of the decision table: the first of them that holds."""
    rows = [row for row in ROWS if row.id in ids]

    def judge(facts: Facts) -> Verdict:
        action = next((row.then(facts) for row in rows if row.when(facts)), None)
        match action:
            case Refuse(reason):
                return Problem(reason)
            case Wait(detail):
                return NotChecked(detail)
            case _:
                return Passed(passed)

    return judge


def _of_a_model(judge: Judge) -> Judge:
    return lambda facts: judge(facts) if facts.model else _NO_MODEL


def _hold(facts: Facts) -> Verdict:
    count = len(facts.tags)
    is_held = facts.model is not None and facts.model.arn in {each.arn for each in facts.held}
    if count >= MAX_TAGS and not is_held:
        return Problem(
            f"custom model {facts.name} has {count} tags, and Bedrock allows {MAX_TAGS}, so it cannot be held: remove "
            "one that is not this project's with aws bedrock untag-resource"
        )
    return Passed(f"{count} of {MAX_TAGS} tags")


CHECKS: Final[tuple[Check[Facts], ...]] = (
    Check(
        "training",
        "training",
        "it has not finished, ended without a model, or its model was deleted or is Failed",
        ("bedrock:GetCustomModel", "bedrock:GetModelCustomizationJob"),
        _decided_by(
            "promoted-model-unseen",
            "promoted-no-model",
            "promoted-model-failed",
            "promoted-model-creating",
            passed="the model is Active",
        ),
    ),
    Check(
        "origin",
        "origin of the model",
        "its tags do not say that the giving environment's Foundation trained it, with this training ID",
        ("bedrock:ListTagsForResource",),
        _of_a_model(_decided_by("promoted-tags-unseen", "promoted-foreign", passed="its tags are as they must be")),
    ),
    Check(
        "inputs",
        "inputs of the training",
        "Bedrock has another base model, other training data or another key for it than the file",
        ("bedrock:GetCustomModel",),
        _of_a_model(_decided_by("promoted-differs", passed="as the file says")),
    ),
    Check(
        "passed",
        "bake and verdict",
        "the giving environment left one on the model that it did not pass",
        ("bedrock:ListTagsForResource",),
        _of_a_model(_decided_by("promoted-not-passed", passed="nothing speaks against it")),
    ),
    Check(
        "hold",
        "hold",
        f"the model has {MAX_TAGS} tags already, so it cannot be held",
        ("bedrock:ListTagsForResource",),
        _of_a_model(_hold),
    ),
)


def findings(facts: Facts) -> Iterator[CheckResult]:
    """Yield what each check finds."""
    yield from (CheckResult(each.id, each.title, each.judge(facts)) for each in CHECKS)
