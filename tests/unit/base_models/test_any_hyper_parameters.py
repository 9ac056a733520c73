"""Properties of the canonical form of hyper-parameters, for any input."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import BaseModelProfile, HyperParameter, HyperParameterError, profiles
from tests.support.profiles import fine_tuning

Case = tuple[BaseModelProfile, str, Decimal]

DOCUMENTED = [profile for profile in profiles() if fine_tuning(profile).hyper_parameters.documented]

PLACES = 12
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=80),
    st.from_regex(r"[+-]?[0-9]{0,5}\.?[0-9]{0,5}([eE][+-]?[0-9]{1,20})?", fullmatch=True),
    st.binary(max_size=5),
    st.dates(),
    st.fractions(),
    st.complex_numbers(),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=3)


def documented_values(parameter: HyperParameter) -> st.SearchStrategy[Decimal]:
    low, high = parameter.min, parameter.max
    if parameter.type == "integer":
        return st.integers(int(low), int(high)).map(Decimal)
    return st.decimals(low, high, places=PLACES)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    profile = draw(st.sampled_from(DOCUMENTED))
    name = draw(st.sampled_from(sorted(fine_tuning(profile).hyper_parameters.known)))
    return profile, name, draw(documented_values(fine_tuning(profile).hyper_parameters.known[name]))


def canonical(profile: BaseModelProfile, name: str, value: object) -> str:
    return profile.canonical_hyper_parameters({name: value}, FINE_TUNING)[name]


def canonical_or_refusal(profile: BaseModelProfile, name: str, value: object) -> str | HyperParameterError:
    try:
        return canonical(profile, name, value)
    except HyperParameterError as error:
        return error


def spellings(number: Decimal) -> list[object]:
    mantissa = f"{number:e}"
    return [str(number), f"{number:f}", mantissa, mantissa.upper(), f"+{number:f}", f"{number:f}".lstrip("0")]


@given(cases())
def test_accepts_every_value_in_the_documented_range(case: Case) -> None:
    profile, name, number = case
    assert Decimal(canonical(profile, name, number)) == number


@given(cases())
def test_leaves_canonical_text_as_it_is(case: Case) -> None:
    text = canonical(*case)
    assert canonical(case[0], case[1], text) == text


@given(cases())
def test_uses_plain_decimal_notation(case: Case) -> None:
    text = canonical(*case)
    assert set(text) <= set("0123456789.")
    assert "." not in text or not text.endswith(("0", "."))


@given(cases(), st.integers(0, 20))
def test_gives_one_text_for_every_spelling(case: Case, zeros: int) -> None:
    profile, name, number = case
    text = canonical(profile, name, number)
    padded = f"{number:f}" + ("" if "." in f"{number:f}" else ".") + "0" * zeros
    for spelling in [*spellings(number), padded, "000" + f"{number:f}"]:
        assume(spelling not in ("", "."))
        assert canonical(profile, name, spelling) == text


@given(cases())
def test_gives_one_text_for_the_float_and_its_shortest_decimal(case: Case) -> None:
    profile, name, number = case
    parameter = fine_tuning(profile).hyper_parameters.known[name]
    assume(parameter.min <= Decimal(repr(float(number))) <= parameter.max)
    assert canonical(profile, name, float(number)) == canonical(profile, name, repr(float(number)))


@given(st.sampled_from(DOCUMENTED), st.dictionaries(st.one_of(st.text(), st.integers()), VALUES, max_size=4))
def test_refuses_unknown_names_with_its_own_error(profile: BaseModelProfile, values: dict[Any, Any]) -> None:
    assume(values)
    assume(not values.keys() & fine_tuning(profile).hyper_parameters.known.keys())
    with pytest.raises(HyperParameterError) as caught:
        profile.canonical_hyper_parameters(values, FINE_TUNING)
    assert len(str(caught.value).splitlines()) == len(values)


@given(st.sampled_from(DOCUMENTED), st.data())
def test_answers_any_value_with_text_in_range_or_its_own_error(profile: BaseModelProfile, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(fine_tuning(profile).hyper_parameters.known)))
    parameter = fine_tuning(profile).hyper_parameters.known[name]
    answer = canonical_or_refusal(profile, name, data.draw(VALUES))
    if isinstance(answer, HyperParameterError):
        assert len(str(answer).splitlines()) == 1
    else:
        assert parameter.min <= Decimal(answer) <= parameter.max
