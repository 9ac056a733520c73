"""The corpus, each change with what a review says of it; and two states in whole."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from tests.synth.review.changes import Changes, Stacks, Synthesize
from tests.synth.review.corpus import BY_SETTINGS, CORPUS
from tests.synth.review.corpus.change import Change, summary
from tests.synth.review.corpus.said import as_written, reviewed, sections
from tune.review.assembly import StackTemplate
from tune.review.compare import Review, review
from tune.terminal.problems import NoAssembly

ON_DEMAND: Final[Changes] = ()
UNIT: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 1}}),)
EPOCHS: Final[Changes] = (("training.hyper_parameters", {"epochCount": 3}),)


def review_of(change: Change, synthesize: Synthesize) -> Review:
    base: Mapping[str, StackTemplate] = synthesize(*change.before)
    head: Mapping[str, StackTemplate] = synthesize(*change.after)
    return review(change.edit_base(base) if change.edit_base else base, change.edit(head) if change.edit else head)


def of(changes: tuple[Change, ...]) -> list[object]:
    # A synthesis for each of the settings takes minutes in all; templates are changed at once.
    marks = {its.title: [pytest.mark.slow] if its in BY_SETTINGS else [] for its in changes}
    return [pytest.param(its, id=its.title, marks=marks[its.title]) for its in changes]


@pytest.mark.parametrize("change", of(CORPUS))
def test_a_change_is_said(change: Change, synthesize: Synthesize) -> None:
    found = review_of(change, synthesize).findings
    assert summary(found) == change.says
    text = as_written(found)
    assert [word for word in change.tells if word not in text] == []
    assert text == reviewed(change.title, text)


def test_the_corpus_is_reviewed_whole() -> None:
    titles = [its.title for its in CORPUS]
    assert [*sections()] == titles
    assert len(set(titles)) >= 120


def test_the_same_is_said_whatever_else_stands_in_the_assembly(synthesize: Synthesize) -> None:
    base, head = synthesize(*ON_DEMAND), synthesize(*EPOCHS)
    assert review(base, dict(reversed(list(head.items())))) == review(dict(reversed(list(base.items()))), head)


def test_a_new_environment_trains_and_serves(synthesize: Synthesize) -> None:
    found = review({}, synthesize(*UNIT))
    assert {its.finding_class for its in found.findings} >= {"buys", "trains", "widens"}
    assert found.unchanged == 0


def test_what_a_removed_environment_has_goes_on_billing(synthesize: Synthesize) -> None:
    found = review(synthesize(*UNIT), {})
    assert sorted((its.finding_class, its.stack) for its in found.findings) == [
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


def test_what_follows_on_another_attempt_is_said_too(synthesize: Synthesize) -> None:
    again: Changes = (("training.attempt", 2),)
    found = review(synthesize(*UNIT), synthesize(("serving", {"provisioned_throughput": {"model_units": 2}}), *again))
    told = {(its.finding_class, its.certainty) for its in found.of("refused", "trains", "buys")}
    assert told == {("refused", "atMost"), ("trains", "atMost"), ("buys", "atMost")}
