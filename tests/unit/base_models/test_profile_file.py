"""Profile files: shared tables, a table for each model, a page for every figure, and what is refused."""

import copy
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bedrock_tuning import base_models
from bedrock_tuning.base_models import BaseModelProfile, ProfileError, every_model, profiles_of
from bedrock_tuning.base_models.profile_file import read_document
from bedrock_tuning.data.checker.limits import limits_of
from tests.support.messages import saying, says
from tests.support.profiles import fine_tuning

FILES = sorted(Path(base_models.__file__).parent.glob("*.toml"))
FAMILIES = [path for path in FILES if path.name != "every_model.toml"]
PAGE = "https://example.com/page"
FINE_TUNING = "customizations.FINE_TUNING"

DOCUMENT: dict[str, Any] = {
    "regions": ["eu-west-1"],
    "regions_source": PAGE,
    "customizations": {
        "FINE_TUNING": {
            "data": {"format": "converse", "records": {"train": {"min": 8}}, "source": PAGE},
            "hyper_parameters": {"documented": False, "source": PAGE},
        }
    },
    "invocation": {"format": "converse", "source": PAGE},
    "models": [
        {"id": "acme.tall-v1:0:8k", "name": "Tall", "foundation_model_id": "acme.tall-v1:0"},
        {"id": "acme.wide-v1:0:8k", "name": "Wide", "foundation_model_id": "acme.wide-v1:0"},
    ],
}


def changed(dotted: str, value: object) -> dict[str, Any]:
    """Return the document with one value set, `models.1.name` being the second model's name."""
    document = copy.deepcopy(DOCUMENT)
    *tables, key = dotted.split(".")
    table: Any = document
    for name in tables:
        table = table[int(name)] if isinstance(table, list) else table.setdefault(name, {})
    table[key] = value
    return document


def read(document: dict[str, Any]) -> tuple[BaseModelProfile, ...]:
    return profiles_of(document, every_model())


def problems(document: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ProfileError) as caught:
        read(document)
    assert len(str(caught.value).splitlines()) == len(caught.value.problems)
    found: dict[str, str] = {}
    for place, message in caught.value.problems:
        found[place] = f"{found[place]}; {message}" if place in found else message
    return found


# --- every figure has a source ------------------------------------------------------------------------------------


def tables(value: Any, *location: str | int) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Yield every table below a value, with the keys that lead to it."""
    if isinstance(value, dict):
        yield location, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from tables(child, *location, key)


SOURCES = [
    pytest.param(path, location, id=f"{path.stem}-{'.'.join(map(str, location))}")
    for path in FAMILIES
    for location, table in tables(read_document(path))
    if "source" in table
]


@pytest.mark.parametrize(("path", "location"), SOURCES)
def test_a_profile_of_the_library_is_refused_when_a_source_is_taken_out(
    path: Path, location: tuple[str | int, ...]
) -> None:
    document = read_document(path)
    assert profiles_of(document, every_model())
    table: Any = document
    for key in location:
        table = table[key]
    del table["source"]
    found = problems(document)
    assert any("source" in f"{place} {message}" for place, message in found.items()), found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_the_sources_of_the_library_are_addresses(path: Path) -> None:
    given = [value for _, table in tables(read_document(path)) for key, value in table.items() if "source" in key]
    assert given
    for source in given:
        assert all(page.startswith("https://") for page in ([source] if isinstance(source, str) else source))


@pytest.mark.parametrize(
    ("key", "figure"), [("max", 5), ("max", Decimal("0.5")), ("since", dt.date(2026, 1, 2)), ("sum_quota_code", "L-1")]
)
def test_a_figure_needs_a_source_whatever_kind_it_is(key: str, figure: object) -> None:
    document = changed("figures", {key: figure})
    assert says(problems(document)["figures"], key, 'source = "')
    document["figures"]["source"] = PAGE
    assert not says(problems(document)["figures"], "source")


def test_a_source_holds_for_the_tables_inside_and_not_for_those_beside() -> None:
    assert fine_tuning(read(DOCUMENT)[0]).data.records.train.min == 8
    unsourced = changed(f"{FINE_TUNING}.data", {"format": "converse", "records": {"train": {"min": 8}}})
    assert f"{FINE_TUNING}.data.records.train" in problems(unsourced)


# --- shared tables ------------------------------------------------------------------------------------------------


def test_shared_tables_hold_for_every_model_unless_it_says_otherwise() -> None:
    tall, wide = read(changed(f"models.1.{FINE_TUNING}.data", {"records": {"sum": {"max": 9}}}))
    assert (fine_tuning(tall).data.records.sum.max, fine_tuning(wide).data.records.sum.max) == (None, 9)
    assert fine_tuning(tall).data.records.train == fine_tuning(wide).data.records.train
    assert tall.account == wide.account


def test_a_file_may_hold_one_model_at_its_top() -> None:
    shared = {key: value for key, value in DOCUMENT.items() if key != "models"}
    (tall,) = read({**shared, **DOCUMENT["models"][0]})
    assert tall == read(DOCUMENT)[0]


def test_one_source_may_stand_without_brackets() -> None:
    assert fine_tuning(read(DOCUMENT)[0]).data.source == (PAGE,)
    assert fine_tuning(read(changed(f"{FINE_TUNING}.data.source", [PAGE, "a letter"]))[0]).data.source == (
        PAGE,
        "a letter",
    )


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dotted", "value", "place", "named"),
    [
        (
            f"{FINE_TUNING}.data.fromat",
            "converse",
            f"{FINE_TUNING}.data.fromat",
            ["format, tokens_per_record, ", "format?"],
        ),
        (f"{FINE_TUNING}.data.format", "csv", f"{FINE_TUNING}.data.format", ["'csv'", "'messages', 'converse'"]),
        (f"{FINE_TUNING}.data.records.train.min", "eight", f"{FINE_TUNING}.data.records.train.min", ["'eight'"]),
        (f"{FINE_TUNING}.data.records.train.max", 7, f"{FINE_TUNING}.data.records.train", ["min", "max"]),
        (f"{FINE_TUNING}.data.source", "", f"{FINE_TUNING}.data.source[0]", ["''"]),
        (f"{FINE_TUNING}.data.source", [], f"{FINE_TUNING}.data.source", ["list"]),
        (f"models.1.{FINE_TUNING}.data", {"format": "csv"}, f"models[1].{FINE_TUNING}.data.format", ["'csv'"]),
        ("models.1.id", "acme.tall-v1:0", "models[1]", ["acme.tall-v1:0", "foundation_model_id", "acme.wide"]),
        ("models.1.id", "Wide Model", "models[1].id", ["'Wide Model'"]),
        ("lifecycle", {"status": "active", "source": PAGE}, "lifecycle", ["status", "as_of"]),
        (
            f"{FINE_TUNING}.hyper_parameters.documented",
            True,
            f"{FINE_TUNING}.hyper_parameters",
            ["known", "documented"],
        ),
        (
            f"{FINE_TUNING}.hyper_parameters.known",
            {"top": {"maxi": 2}},
            f"{FINE_TUNING}.hyper_parameters.known.top.maxi",
            ["max?"],
        ),
        ("customizations", {}, "customizations", [1, "table"]),
        ("customizations.MAGIC", {}, "customizations.MAGIC", ["'MAGIC'", "'FINE_TUNING'", "'DISTILLATION'"]),
        ("data", {"format": "converse"}, "data", ["customizations"]),
        ("models", [], "models", ["list", "[[models]]"]),
        ("models", "none", "models", ["'none'", "[[models]]"]),
    ],
)
def test_refuses_with_place_value_what_is_allowed_and_what_to_do(
    dotted: str, value: object, place: str, named: list[str | int]
) -> None:
    assert says(problems(changed(dotted, value))[place], *named)


def test_tells_what_is_missing_once_for_a_shared_table() -> None:
    document = copy.deepcopy(DOCUMENT)
    data = document["customizations"]["FINE_TUNING"]["data"]
    del data["source"], data["records"]
    found = problems(document)
    first, second = (f"models[{index}].{FINE_TUNING}.data.source" for index in range(2))
    assert found.keys() == {first, second}
    assert says(found[first], "add")


def test_tells_everything_at_once() -> None:
    document = changed(f"{FINE_TUNING}.data.format", "csv")
    document["models"][0]["colour"] = "red"
    assert problems(document).keys() == {f"{FINE_TUNING}.data.format", "models[0].colour"}


# --- ways of customizing ------------------------------------------------------------------------------------------


def test_each_way_of_customizing_has_data_and_hyper_parameters_of_its_own() -> None:
    other = {
        "data": {"format": "converse", "records": {"train": {"min": 200}}, "source": PAGE},
        "hyper_parameters": {"documented": False, "seen": ["beta"], "source": PAGE},
    }
    tall, wide = read(changed("models.0.customizations.REINFORCEMENT_FINE_TUNING", other))
    reinforced = tall.customization("REINFORCEMENT_FINE_TUNING")
    assert (reinforced.data.records.train.min, fine_tuning(tall).data.records.train.min) == (200, 8)
    assert limits_of(tall, "train", "REINFORCEMENT_FINE_TUNING").min_records == 200
    assert (reinforced.hyper_parameters.seen, fine_tuning(tall).hyper_parameters.seen) == (("beta",), ())
    assert wide.customizations.keys() == {"FINE_TUNING"}


def test_a_way_that_is_not_documented_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=saying("'DISTILLATION'", "Tall", "FINE_TUNING")):
        read(DOCUMENT)[0].customization("DISTILLATION")
