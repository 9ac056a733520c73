"""Axes: round numbers that reach beyond what is drawn, and labels that do not touch."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tune.pictures.scale import Scale, spread, ticks, whole_ticks

NUMBERS = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False).map(lambda number: round(number, 4))


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.integers(2, 10))
def test_ticks_are_round_few_and_reach_around_the_numbers(numbers: list[float], most: int) -> None:
    found = ticks(numbers, most)
    assert found.values[0] <= min(numbers) <= max(numbers) <= found.values[-1]
    assert 2 <= len(found.values) <= most + 1
    assert len(set(found.labels)) == len(found.labels)
    assert [float(each) for each in found.labels] == list(found.values)
    distances = [round(after - before, 8) for before, after in pairwise(found.values)]
    assert distances == pytest.approx([distances[0]] * len(distances))
    assert str(f"{distances[0]:e}")[0] in "125"


@pytest.mark.parametrize(
    ("numbers", "labels"),
    [
        ((0.64, 1.4), ("0.6", "0.8", "1.0", "1.2", "1.4")),
        ((0.0, 1.0), ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0")),
        ((3.0, 3.0), ("1.5", "2.0", "2.5", "3.0", "3.5", "4.0", "4.5")),
        ((0.0, 0.0), ("-1.0", "-0.5", "0.0", "0.5", "1.0")),
        ((0.0, 2e12), ("0", "5e+11", "1e+12", "1.5e+12", "2e+12")),
        ((0.0002, 0.0004), ("0.00020", "0.00025", "0.00030", "0.00035", "0.00040")),
        ((0.0, 2e-7), ("0", "5e-08", "1e-07", "1.5e-07", "2e-07")),
        ((120.0, 4800.0), ("0", "1000", "2000", "3000", "4000", "5000")),
    ],
)
def test_ticks_of_these_numbers(numbers: tuple[float, ...], labels: tuple[str, ...]) -> None:
    assert ticks(numbers).labels == labels


@given(st.integers(0, 3), st.integers(0, 1000), st.integers(2, 30))
def test_whole_ticks_have_both_ends(first: int, more: int, most: int) -> None:
    found = whole_ticks(first, first + more, most)
    assert (found[0], found[-1]) == (first, first + more)
    assert list(found) == sorted(set(found))
    assert len(found) <= most + 2


@given(st.lists(st.floats(0, 200), min_size=1, max_size=6))
def test_places_are_apart_and_inside_where_there_is_room(wanted: list[float]) -> None:
    places = spread(wanted, apart=18, low=0, high=220)
    assert all(-1e-6 <= each <= 220 + 1e-6 for each in places)
    assert all(after - before >= 18 - 1e-6 for before, after in pairwise(sorted(places)))


def test_places_that_are_apart_stay() -> None:
    assert spread([100, 10, 50], apart=18, low=0, high=220) == (100, 10, 50)


def test_a_scale_may_go_down() -> None:
    scale = Scale(0, 2, 100, 0)
    assert (scale(0), scale(1), scale(2)) == (100, 50, 0)
