"""docs/reference/base-models.md: its tables are the profiles, and its example is a profile."""

import datetime as dt
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

import pytest

from bedrock_tuning.base_models import BaseModelProfile, BaseModels, Bounds, every_model, profiles, profiles_of
from bedrock_tuning.base_models.lifecycle import Lifecycle
from tests.conftest import ROOT
from tests.docs.printed import assert_printed
from tests.support.profiles import fine_tuning
from tune.invocation import request_body

PAGE = ROOT / "docs" / "reference" / "base-models.md"
AS_OF = dt.date(2026, 11, 23)
UNKNOWN = "not established"
CONVERSE = {
    "chat": "yes",
    "chat_without_system": "without system prompts",
    "one_message": "one message, no system prompt",
    None: UNKNOWN,
}


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    names = head.split(", ")
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def grouped(cells: Callable[[BaseModelProfile], tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each group of models whose cells are equal."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for profile in profiles():
        groups.setdefault(cells(profile), []).append(profile.name)
    return ((", ".join(names), *row) for row, names in groups.items())


def today() -> str:
    regions = sorted({region for profile in profiles() for region in profile.regions})
    found = ((region, profile) for region in regions for profile in BaseModels.shipped().tunable(region, AS_OF))
    lines = (f"- {profile.name} (`{profile.id}`) in {region}\n" for region, profile in found)
    return f"As published on {AS_OF}:\n\n{''.join(lines)}"


def lives() -> str:
    def cells(profile: BaseModelProfile) -> tuple[str, ...]:
        where = ", ".join(profile.regions) or "none any more"
        return profile.name, f"`{profile.id}`", where, life(profile.lifecycle), served(profile)

    return table("base model, id, tuned in, life, served by", map(cells, profiles()))


def life(lifecycle: Lifecycle | None) -> str:
    if lifecycle is None:
        return UNKNOWN
    dates = {
        "Legacy": lifecycle.legacy,
        "extended access": lifecycle.public_extended_access,
        "end of life": lifecycle.end_of_life,
        "no end before": lifecycle.end_of_life_not_before,
    }
    words = {"active": "Active in a copy of", "legacy": "Legacy by"}
    status = [f"{words[lifecycle.status]} {lifecycle.as_of}"] if lifecycle.status else []
    pages = " ".join(f"[page]({source.partition(' ')[0]})" for source in lifecycle.source)
    return f"{', '.join([*status, *(f'{name} {date}' for name, date in dates.items() if date)])} ({pages})"


def served(profile: BaseModelProfile) -> str:
    names = {"provisioned_throughput": "Provisioned Throughput", "on_demand": "on demand"}
    return ", ".join(names[mode] for mode in profile.serving_modes) or UNKNOWN


def data() -> str:
    def cells(profile: BaseModelProfile) -> tuple[str, ...]:
        limits = fine_tuning(profile).data
        tokens = [
            f"{bounds.max:,}{of}"
            for bounds, of in (
                (limits.tokens_per_record, ""),
                (limits.tokens_per_input, " in"),
                (limits.tokens_per_output, " out"),
            )
            if bounds.max is not None
        ]
        records, stricter = limits.records, limits.records.stricter
        other = f"; {span(stricter.train)} by AWS's tools" if stricter else ""
        unused = f"not used in training ([page]({limits.validation_source[0]}))" if limits.validation_source else ""
        counts = (f"{span(records.train)}{other}", unused or span(records.validation), span(records.sum))
        words = limits.reserved_words
        reserved = listed(words.words) if words else ""
        suspected = f"; warned of: {listed(words.suspected)}" if words and words.suspected else ""
        return limits.format, *counts, ", ".join(tokens), f"{reserved}{suspected}"

    head = "base models, format, training records, validation records, together, tokens a record, reserved words"
    return table(head, grouped(cells))


def listed(words: Iterable[str]) -> str:
    return " ".join(f"`{json.dumps(word)[1:-1]}`" for word in words)


def span(bounds: Bounds) -> str:
    if bounds.min is None and bounds.max is None:
        return ""
    return f"up to {bounds.max:,}" if bounds.min is None else f"{bounds.min:,} to {bounds.max:,}"


def hyper_parameters() -> str:
    def cells(profile: BaseModelProfile) -> tuple[str, ...]:
        known, seen = fine_tuning(profile).hyper_parameters.known, fine_tuning(profile).hyper_parameters.seen
        listed = (
            f"`{name}` {parameter.allowed.partition('from ')[2]}"
            f" ({UNKNOWN if parameter.default is None else plain(parameter.default)})"
            for name, parameter in known.items()
        )
        return "; ".join(listed) or "not documented", ", ".join(f"`{name}`" for name in seen)

    return table("base models, range (and default), on no page but seen in completed jobs", grouped(cells))


def plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def invocation() -> str:
    def cells(profile: BaseModelProfile) -> tuple[str, ...]:
        form = profile.invocation
        if form.format == "converse":
            return "no body documented: ask by Converse", CONVERSE[form.converse]
        body = request_body(form, system="Be brief.", prompt="Why?", max_tokens=200)
        return f"`{json.dumps(body).replace('|', chr(92) + '|')}`", CONVERSE[form.converse]

    return table("base models, body, Converse", grouped(cells))


PARTS: Mapping[str, Callable[[], str]] = {
    "today": today,
    "lives": lives,
    "data": data,
    "hyper-parameters": hyper_parameters,
    "invocation": invocation,
}


@pytest.mark.parametrize("name", PARTS)
def test_the_page_is_a_snapshot_of_the_profiles(name: str) -> None:
    assert_printed(PAGE, f"profiles: {name}", PARTS[name]())


def test_every_profile_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [profile.id for profile in profiles() if f"`{profile.id}`" not in page] == []


def test_the_example_is_a_profile() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (profile,) = profiles_of(tomllib.loads(example, parse_float=Decimal), every_model())
    assert profile.lifecycle
    assert profile.serving_modes == ("provisioned_throughput",)
    assert profile.id not in BaseModels.shipped()
