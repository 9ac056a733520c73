"""Where a record goes is its own affair."""

import hashlib
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import base_model
from tests.support.messages import saying, says
from tests.unit.tune.dataset.data import HAIKU, NOVA
from tune.dataset.shares import Shares, out_of_bounds
from tune.dataset.subject import Rules

digests = st.binary(max_size=8).map(lambda data: hashlib.sha256(data).hexdigest())
parts = st.fractions(0, Fraction(99, 100), max_denominator=200)


@st.composite
def shares(draw: st.DrawFn) -> Shares:
    validation, test = draw(parts), draw(parts)
    return Shares(validation / 2, test / 2 if validation + test else Fraction(1, 10))


@settings(deadline=None)
@given(shares(), digests)
def test_a_record_always_goes_to_a_split_that_was_asked_for(given_shares: Shares, digest: str) -> None:
    assert given_shares.place(digest) in given_shares.splits
    assert given_shares.place(digest) == given_shares.place(digest)


@settings(deadline=None)
@given(shares(), digests, parts)
def test_a_share_that_grows_takes_records_from_training_alone(smaller: Shares, digest: str, more: Fraction) -> None:
    left = 1 - smaller.validation - smaller.test
    validation = Shares(smaller.validation + left * more, smaller.test)
    test = Shares(smaller.validation, smaller.test + left * more)
    before = smaller.place(digest)
    assert validation.place(digest) in (before, "validation")
    assert test.place(digest) in (before, "test")
    if before != "train":
        assert validation.place(digest) == test.place(digest) == before


def test_the_shares_are_nearly_met() -> None:
    given_shares = Shares.read(validation="10%", test="5%")
    places = Counter(given_shares.place(hashlib.sha256(str(number).encode()).hexdigest()) for number in range(20_000))
    assert places["validation"] == pytest.approx(2000, rel=0.1)
    assert places["test"] == pytest.approx(1000, rel=0.1)


@pytest.mark.parametrize(
    ("digest", "place"),
    [("0" * 64, "validation"), ("1" * 64, "validation"), ("8" * 64, "train"), ("e" * 64, "test"), ("f" * 64, "test")],
)
def test_where_digests_go_is_never_changed(digest: str, place: str) -> None:
    # Append only: otherwise records that were trained on would turn up in somebody's validation data.
    assert Shares.read(validation="10%", test="10%").place(digest) == place


@pytest.mark.parametrize(
    ("digest", "place"),
    [("3f" * 32, "validation"), ("40" + "0" * 62, "train"), ("bf" * 32, "train"), ("c0" + "0" * 62, "test")],
)
def test_a_share_begins_and_ends_where_it_says(digest: str, place: str) -> None:
    assert Shares.read(validation="25%", test="25%").place(digest) == place


@pytest.mark.parametrize(
    "text", ["10", "0.1", "-1%", "100%", "1e1%", "\u0661\u0660%", "%", "", "10 %", "ten", "x" * 1000]
)
def test_what_is_no_percentage_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=saying("10%", "2.5%")) as told:
        Shares.read(validation=text, test="0%")
    assert len(str(told.value)) < 150


@pytest.mark.parametrize(("validation", "test"), [("0%", "0%"), ("50%", "50%"), ("99%", "2%")])
def test_there_must_be_something_for_everyone(validation: str, test: str) -> None:
    with pytest.raises(ValueError, match=saying("0%", "100%")):
        Shares.read(validation=validation, test=test)


def test_numbers_of_records_that_the_base_model_does_not_take_are_told() -> None:
    haiku, nova = base_model(HAIKU), base_model(NOVA)
    assert not list(out_of_bounds({"train": 1000, "validation": 100, "test": 1}, Rules(haiku, FINE_TUNING)))
    train, validation, test = out_of_bounds({"train": 31, "validation": 1001, "test": 0}, Rules(haiku, FINE_TUNING))
    assert says(train, "train", 31, "Claude 3 Haiku", "32 to 10,000")
    assert says(validation, "validation", "1,001", "Claude 3 Haiku", "32 to 1,000")
    assert says(test, "test", 0, "Claude 3 Haiku", "1 to 1,000")
    (together,) = out_of_bounds({"train": 19_000, "validation": 1001, "test": 5}, Rules(nova, FINE_TUNING))
    assert says(together, "training", "validation", "20,001", "Amazon Nova Micro", "20,000")
