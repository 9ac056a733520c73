"""The comparison that `make bench-review` prints."""

import pytest

from bench import review


@pytest.mark.parametrize(("seconds", "met"), [(1.99, True), (2.01, False)])
def test_the_median_decides_whether_a_review_is_quick(seconds: float, met: bool) -> None:
    assert review.told({review._REVIEW: [0.1, seconds, 9.0], review._BARE: [0.1, 1.0, 9.0]}) is met


@pytest.mark.parametrize("rounds", ["0", "many"])
def test_a_number_of_rounds_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, rounds: str) -> None:
    monkeypatch.setenv("BENCH_ROUNDS", rounds)
    with pytest.raises(SystemExit, match="BENCH_ROUNDS"):
        review.main()
