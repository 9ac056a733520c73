"""Changes of settings as a pull request has them, and what a review says of each: classes, certainty and numbers."""

from dataclasses import replace
from typing import Final

import pytest

from tests.synth.review.changes import FILES, Changes, Stacks, Synthesize
from tests.unit.settings.settings_files import ABSENT
from tune.review.assembly import NoAssembly, StackTemplate
from tune.review.compare import Review, review

ON_DEMAND: Final[Changes] = ()
UNIT: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 1}}),)
TWO_UNITS: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 2}}),)
HALF_A_YEAR: Final = {"commitment_duration": "SixMonths", "acknowledge_commitment": "SixMonths"}
COMMITTED: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 1, **HALF_A_YEAR}}),)
EPOCHS: Final[Changes] = (("training.hyper_parameters", {"epochCount": 3}),)
GIVEN: Final = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefabcdef"
NO_SERVING: Final[Changes] = (("serving", ABSENT),)

FROM_NOTHING: Final = {"train": True, "buy": False, "delete_models": False}

# The settings before and after, and what must be said, worst first: class, certainty, and words of it.
CASES: Final[dict[str, tuple[Changes, Changes, list[tuple[str, str, tuple[str, ...]]]]]] = {
    "nothing": (ON_DEMAND, ON_DEMAND, []),
    "another hyper-parameter": (
        ON_DEMAND,
        EPOCHS,
        [
            ("trains", "atMost", ("56,460 tokens", "320 records in 3 epochs", "docstrings-dev-")),
            ("moves", "will", ("in place",)),
        ],
    ),
    "other data": (
        ON_DEMAND,
        (("data", {"train": {"path": str(FILES / "validation.jsonl")}}),),
        [("trains", "atMost", ("in 2 epochs",)), ("moves", "will", ("in place",))],
    ),
    "other data that was pushed": (
        (("data", {"train": {"sha256": "a" * 64}}),),
        (("data", {"train": {"sha256": "b" * 64}}),),
        [("trains", "atMost", ("tokens, times 2 epochs, once",)), ("moves", "will", ("in place",))],
    ),
    "a first purchase": (
        ON_DEMAND,
        UNIT,
        [
            ("buys", "will", ("1 model unit without commitment", "730 unit-hours")),
            ("deletes", "will", ("custom model deployment is deleted",)),
        ],
    ),
    "a second unit": (
        UNIT,
        TWO_UNITS,
        [
            ("buys", "will", ("2 model units without commitment", "1,460 unit-hours", "both bill")),
            ("deletes", "will", ("1 model unit without commitment is deleted",)),
        ],
    ),
    "a commitment": (
        UNIT,
        COMMITTED,
        [
            ("buys", "will", ("1 model unit for SixMonths", "cannot be deleted before its term ends")),
            ("deletes", "will", ("without commitment is deleted",)),
            ("loosens", "will", ("a commitment is acknowledged",)),
        ],
    ),
    "back to on demand": (
        UNIT,
        ON_DEMAND,
        [
            ("deletes", "will", ("Provisioned Throughput of 1 model unit", "is deleted")),
            ("moves", "will", ("on demand", "tokens of each invocation")),
        ],
    ),
    "no serving any more": (UNIT, NO_SERVING, [("stays", "will", ("1 model units, by the hour", "--serving-only"))]),
    "fewer models are kept": (
        (("allow", FROM_NOTHING),),
        (("serving", {"on_demand": {}, "keep_models": 2}), ("allow", FROM_NOTHING | {"delete_models": True})),
        [("deletes", "atMost", ("models beyond the newest 2",)), ("widens", "will", ("bedrock:DeleteCustomModel",))],
    ),
    "the right to buy": (
        (("allow", FROM_NOTHING),),
        (("allow", FROM_NOTHING | {"buy": True}),),
        [("widens", "will", ("bedrock:CreateProvisionedModelThroughput",))],
    ),
    "a model that is given": (
        ON_DEMAND,
        (
            ("serving", {"on_demand": {}, "model_arn": GIVEN}),
            ("training", ABSENT),
            ("data", ABSENT),
        ),
        [("stays", "will", ("delete-stack", "-Training")), ("moves", "will", (GIVEN,))],
    ),
    "a tag": (ON_DEMAND, (("tags", {"team": "search"}),), []),
    "a longer wait": (ON_DEMAND, (("training.max_training_hours", 20),), []),
}


def said(found: Review) -> list[tuple[str, str, str]]:
    return [
        (its.finding_class, its.certainty, " ".join((its.says, its.was, its.now, *map(str, its.costs), its.source)))
        for its in found.findings
        if its.finding_class != "changes"
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_said(case: str, synthesize: Synthesize) -> None:
    before, after, expected = CASES[case]
    found = said(review(synthesize(*before), synthesize(*after)))
    assert [(its[0], its[1]) for its in found] == [(its[0], its[1]) for its in expected]
    for (_, _, text), (_, _, words) in zip(found, expected, strict=True):
        assert [word for word in words if word not in text] == []


def test_the_same_is_said_whatever_else_stands_in_the_assembly(synthesize: Synthesize) -> None:
    base, head = synthesize(*ON_DEMAND), synthesize(*EPOCHS)
    assert review(base, dict(reversed(list(head.items())))) == review(dict(reversed(list(base.items()))), head)


def test_a_new_environment_trains_and_serves(synthesize: Synthesize) -> None:
    found = review({}, synthesize(*UNIT))
    assert {its.finding_class for its in found.findings} >= {"buys", "trains", "widens"}
    assert found.unchanged == 0


def test_what_a_removed_environment_has_goes_on_billing(synthesize: Synthesize) -> None:
    found = review(synthesize(*UNIT), {})
    assert [(its.finding_class, its.stack) for its in found.findings] == [
        ("stays", "Foundation"),
        ("stays", f"{model_of(synthesize(*UNIT))}-Serving"),
        ("stays", f"{model_of(synthesize(*UNIT))}-Training"),
    ]


def model_of(stacks: Stacks) -> str:
    return next(its.model for its in stacks.values() if its.model)


@pytest.mark.parametrize("change", [{"account": "444455556666"}, {"region": "us-west-2"}])
def test_what_moved_to_another_place_stays_in_the_old_one(change: dict[str, str], synthesize: Synthesize) -> None:
    base = synthesize(*UNIT)
    head: dict[str, StackTemplate] = {name: replace(its, **change) for name, its in base.items()}  # type: ignore[arg-type]
    found = review(base, head)
    assert len(found.of("stays")) == len(base)
    bills = sorted((its.finding_class, its.costs[0].nature) for its in found.of("buys", "trains"))
    keys = [("buys", "monthly")] * 2
    assert bills == [("buys", "hourly"), *keys, ("trains", "once")]


def test_one_environment_can_be_asked_for_alone(synthesize: Synthesize) -> None:
    base, head = synthesize(*ON_DEMAND), synthesize(*EPOCHS)
    with pytest.raises(NoAssembly, match="they have: dev"):
        review(base, head, environment="prod")
    assert review(base, head, environment="dev") == review(base, head)


def test_another_attempt_at_a_training_that_has_a_model_is_refused(synthesize: Synthesize) -> None:
    found = review(synthesize(*ON_DEMAND), synthesize(("training.attempt", 2)))
    assert [its.says for its in found.of("refused") if "attempt" in its.says] != []
    assert found.of("trains") == []
