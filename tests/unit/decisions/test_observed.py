"""What is told of a thing in Bedrock by what it says of itself."""

from datetime import datetime, timedelta

import pytest

from tests.unit.decisions.examples import NOW, throughput

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("commitment", "bought", "ends", "expected"),
    [
        ("OneMonth", NOW - 30 * DAY, NOW + DAY, True),
        ("OneMonth", NOW - 31 * DAY, NOW, False),
        # Such a term is one that it was renewed for.
        ("OneMonth", NOW - 40 * DAY, NOW + 20 * DAY, False),
        ("SixMonths", NOW - 40 * DAY, NOW + 140 * DAY, True),
        ("SixMonths", NOW - 200 * DAY, NOW + 160 * DAY, False),
        ("", NOW - DAY, None, False),
        # What is not told, or what nobody knows today, holds nothing back.
        ("OneMonth", None, NOW + DAY, False),
        ("OneMonth", NOW - DAY, None, False),
        ("OneYear", NOW - DAY, NOW + DAY, False),
    ],
)
def test_only_the_term_that_was_bought_is_known_to_forbid_a_delete(
    commitment: str, bought: datetime | None, ends: datetime | None, expected: bool
) -> None:
    found = throughput(commitment=commitment, bought=bought, commitment_ends=ends)
    assert found.is_in_first_term(NOW) is expected
