"""Random pairs of settings, deployed one after the other: what a review of them says is what then happens."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from bedrock_lifecycle.decisions.actions import Create, Delete, Refuse, Swap
from tests.synth.review.changes import FILES, Changes, Synthesize
from tests.synth.review.deployments import Deployments, Happened
from tests.unit.settings.settings_files import ABSENT
from tune.review import compare
from tune.review.compare import review
from tune.review.findings import FindingClass, ReviewFinding
from tune.review.observations import place_of

_TRAINED_BEFORE: Final = "customization-trained-before"
_ROW: Final = "row "
_MODELS: Final = ("amazon.nova-micro-v1:0:128k", "amazon.nova-lite-v1:0:300k")
_SERVING: Final[tuple[dict[str, Any] | None, ...]] = (
    None,
    {"on_demand": {}},
    {"on_demand": {}},
    {"provisioned_throughput": {"model_units": 1}},
    {"provisioned_throughput": {"model_units": 2}},
    {
        "provisioned_throughput": {
            "model_units": 1,
            "commitment_duration": "OneMonth",
            "acknowledge_commitment": "OneMonth",
        }
    },
)


def settings(number: int) -> Changes:
    """Return the settings of a number: the same ones always."""
    chance = random.Random(number)
    serving = chance.choice(_SERVING)
    keep = chance.choice((None, None, 1, 2)) if serving else None
    split = chance.choice(("train", "train", "train", "validation"))
    # Mostly the same training, so that often only what serves changes.
    changes: list[tuple[str, object]] = [
        ("training.base_model", chance.choice((*_MODELS, _MODELS[0], _MODELS[0]))),
        ("training.hyper_parameters", {"epochCount": chance.choice((2, 2, 2, 3))}),
        ("training.attempt", chance.choice((1, 1, 1, 1, 2))),
        ("data", {"train": {"path": str(FILES / f"{split}.jsonl")}}),
        ("name", chance.choice(("docstrings", "docstrings", "docstrings", "docstrings", "answers"))),
    ]
    its_serving = {**serving, **({"keep_models": keep} if keep else {})} if serving else None
    return (*changes, ("serving", its_serving) if its_serving else ("serving", ABSENT))


def of_class(found: Sequence[ReviewFinding], *classes: FindingClass) -> list[ReviewFinding]:
    return [its for its in found if its.finding_class in classes]


def disagreements(found: Sequence[ReviewFinding], happened: Happened, earlier: Collection[str]) -> Iterator[str]:
    """Yield where a review and what happened are not the same; `earlier` are the trainings that it knows nothing of."""
    trains = {its.now: its.certainty for its in of_class(found, "trains")}
    refused = of_class(found, "refused")
    if happened.refused:
        # What was trained long ago under another attempt is not trained again: no template tells of it.
        may_be_earlier = earlier and "atMost" in trains.values() and _TRAINED_BEFORE in happened.rows_of(Refuse)
        if not refused and not may_be_earlier:
            yield f"it was refused: {happened.refused}"
        yield from (f"{name} was trained" for name in happened.trained if name not in trains)
        if happened.bought or happened.moved or happened.deleted:
            yield f"it was refused, and did something: {happened}"
        return
    yield from (f"it was not refused: {its.says}" for its in refused if its.certainty == "will")
    ran_before = {name for name in earlier if trains.get(name) == "atMost"} - set(happened.trained)
    yield from _other("trained", {name: "will" for name in trains if name not in ran_before}.items(), happened.trained)
    buys = [(its.costs[0].quantity, its.certainty) for its in of_class(found, "buys")]
    yield from _other("bought", buys, happened.bought)
    moves = [("once", its.certainty) for its in of_class(found, "moves")]
    yield from _other("moved", moves, ["once"] * happened.moved)
    yield from _rows(found, happened)
    deletes = of_class(found, "deletes")
    gone = [*happened.deleted, *(happened.models_deleted if not _knows_no_models(deletes) else ())]
    yield from _other("deleted", [(its.was, its.certainty) for its in deletes if its.source.startswith(_ROW)], gone)


def _other(what: str, said: Iterable[tuple[object, str]], happened: Iterable[object]) -> Iterator[str]:
    """Yield where something else happened than what was said with certainty, and at most."""
    told, did = list(said), Counter(happened)
    at_most, will = Counter(each for each, _ in told), Counter(each for each, certainty in told if certainty == "will")
    if not will <= did <= at_most:
        yield f"{what}: said {told}, happened {list(did.elements())}"


def _knows_no_models(deletes: Sequence[ReviewFinding]) -> bool:
    """Tell whether a review says that models may be deleted, and not which."""
    return "KeepModels" in {its.source for its in deletes}


def _rows(found: Sequence[ReviewFinding], happened: Happened) -> Iterator[str]:
    told = [its for its in found if its.source.startswith(_ROW)]
    said = {its.source.removeprefix(_ROW) for its in told}
    will = {its.source.removeprefix(_ROW) for its in told if its.certainty == "will"}
    yield from (f"row {row} ran" for row in sorted(happened.rows_of(Create, Swap, Delete) - said))
    yield from (f"row {row} did not run" for row in sorted(will - happened.rows_of()))


@dataclass
class Tally:
    """How many pairs were compared, what they did, and where the review said something else."""

    compared: int = 0
    did: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def compare_pairs(number: int, pool: int, synthesize: Synthesize) -> Tally:
    tally, chance = Tally(), random.Random(20)
    while tally.compared < number:
        earlier = chance.choice((None, None, chance.randrange(pool)))
        base, head = chance.sample(range(pool), 2)
        stacks = [synthesize(*settings(each)) for each in (base, head)]
        there = Deployments()
        if earlier is not None and there.deploy(synthesize(*settings(earlier))).refused:
            continue
        trained = there.trainings()
        if there.deploy(stacks[0]).refused or not there.destroy_all_but(stacks[0]):
            continue
        live = {place_of(next(iter(stacks[0].values()))): there.observed(*stacks)}
        presumed, found = (review(*stacks, live=its).findings for its in (None, live))
        happened = there.deploy(stacks[1])
        tally.compared += 1
        tally.did.update(happened.counts)
        wrong = [
            *disagreements(presumed, happened, trained),
            *(f"live: {its}" for its in disagreements(found, happened, ())),
        ]
        tally.wrong += [f"{earlier}, {base} to {head}: {each}" for each in wrong]
    return tally


@pytest.mark.parametrize(
    ("number", "pool"), [(60, 16), pytest.param(300, 40, marks=pytest.mark.slow)], ids=["60 pairs", "300 pairs"]
)
def test_what_a_review_says_is_what_happens(
    number: int,
    pool: int,
    synthesize: Synthesize,
    monkeypatch: pytest.MonkeyPatch,
    table: Callable[[str], None],
) -> None:
    # Which resources change is the CDK's to tell, in a process for each pair, and nothing that bills hangs on it here.
    monkeypatch.setattr(compare, "changes", lambda pairs: [[] for _ in pairs])
    tally = compare_pairs(number, pool, synthesize)
    did = ", ".join(f"{count} {what}" for what, count in sorted(tally.did.items()))
    table(f"review, {tally.compared} random pairs: {did}; {len(tally.wrong)} disagreements")
    assert tally.wrong == []
    assert min(tally.did[each] for each in ("trained", "bought", "moved", "deleted", "refused")) > 0
