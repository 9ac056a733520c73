"""For each row about what may not be seen yet, or is seen too long, the facts that reach it, for every kind."""

from datetime import timedelta
from typing import Any, Final

from bedrock_lifecycle.decisions.actions import Create, Delete, Done, Refuse, Wait
from bedrock_lifecycle.decisions.model_customization import Attempt
from bedrock_lifecycle.decisions.serving import Retained
from tests.unit.decisions.examples import NOW, Example, job

STANDING: Final = Retained("Provisioned Throughput standing", "arn:standing", "aws bedrock delete-it standing")
LATELY: Final = job("Completed", ended=NOW - timedelta(minutes=1))


def of_customization(facts: Any) -> tuple[Example, ...]:
    """Return the examples of a training; `facts` makes its facts."""
    other = Attempt("any-training-1", "has made its model")
    return (
        Example(
            "customization-trained-before",
            facts(job=None, name="any-training-2", other=other),
            Refuse,
            ("any-training-2", "any-training-1", "training.attempt"),
        ),
        Example("customization-trained-before", facts("Update", job=None, other=other), Refuse),
        Example("customization-rollback", facts("Update", job=None, other=other, rolling_back=True), Done),
        # A job that exists is this attempt's own: what another one did no longer matters.
        Example("customization-adopt", facts(other=other), Done),
        Example("customization-model-unseen", facts(job=LATELY, model_may_appear=True), Done),
    )


def of_await(facts: Any) -> tuple[Example, ...]:
    """Return the examples of a rung."""
    return (
        Example("await-job-unseen", facts(job=None, job_may_appear=True), Wait, ("any-training",)),
        Example("await-model-unseen", facts(job=LATELY, model_may_appear=True), Wait, ("any-training",)),
        Example("await-model-unseen", facts(job=LATELY, model_may_appear=True, overdue=True, last_rung=True), Wait),
    )


def of_presence(row: str, facts: Any, name: str, nothing_made: str) -> tuple[Example, ...]:
    """Return the examples of what shall serve."""
    return (
        Example(f"{row}-pending", facts(found=None, is_pending=True), Wait, (name,)),
        Example(f"{row}-pending", facts(found=None, is_pending=True, rolling_back=True), Wait, (name,)),
        Example(f"{row}-done", facts(is_pending=True), Done),
        Example(f"{row}-going", facts(is_going=True), Wait, (name,)),
        Example(f"{row}-create", facts(is_going=True, found=None), Create),
        Example(
            f"{row}-retained",
            facts(found=None, retained=(STANDING,)),
            Refuse,
            (STANDING.what, STANDING.delete, f"untag-resource --resource-arn {STANDING.arn}", nothing_made),
        ),
        Example(f"{row}-retained", facts(found=None, model=None, retained=(STANDING,)), Refuse),
        Example(f"{row}-model-unseen", facts(model=None, model_may_appear=True), Wait, ("any-training",)),
        Example(f"{row}-model-unseen", facts(found=None, model=None, job=LATELY, model_may_appear=True), Wait),
    )


def of_absence(row: str, facts: Any, name: str, going: Any) -> tuple[Example, ...]:
    """Return the examples of what shall no longer serve; `going` is one that is shown as Deleting."""
    return (
        Example(f"{row}-not-seen-yet", facts(found=None, may_appear=True), Wait, (name,)),
        Example(f"{row}-not-seen-yet", facts(found=None, may_appear=True, made_here=True), Wait, (name,)),
        Example(f"{row}-delete", facts(may_appear=True), Delete),
        Example(f"{row}-delete-busy", facts(found=going), Wait, (name, "Deleting")),
    )
