"""The bench of evaluations in its small form: what it measures is right, and what it judges can be missed."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.evaluate import report
from bench.evaluate.bench import Result, bench
from bench.evaluate.rates import Rate


def of_shards(name: str) -> dict[str, object]:
    return {
        "Type": "Map",
        "End": True,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED"},
            "StartAt": name,
            "States": {
                name: {"Type": "Task", "Next": "Again?"},
                "Again?": {"Type": "Choice", "Choices": [{"Next": "Wait"}], "Default": "Done"},
                "Wait": {"Type": "Wait", "Next": name},
                "Done": {"Type": "Pass", "End": True},
            },
        },
    }


AT_ONCE = {"Judge": 2, "Score": 40}
DEFINITION = {
    "StartAt": "Ask shards",
    "States": {f"{name} shards": of_shards(name) for name in ("Ask", "Judge", "Score")},
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return bench(3_000, tmp_path_factory.mktemp("bench"), kills=12, at_once=AT_ONCE)


def missed(result: Result) -> list[str]:
    return [words for met, words in report.judged(result, DEFINITION) if not met]


def test_a_small_evaluation_meets_every_target_but_for_the_time(result: Result) -> None:
    assert result.kills == 12
    assert result.wrong == ()
    assert 0 < result.extra <= 12 * 50
    assert result.tokens == (result.asks + result.judge_asks) * 60
    # Of two pairs a record some four of ten differ; each is judged in both orders, all but what a kill has lost once.
    assert result.judge_asks == pytest.approx(2 * 2 * 3_000 * 0.42, rel=0.05)
    assert 0 <= result.judge_extra <= 12 * 50
    assert {name: its.children for name, its in result.ran.items()} == dict.fromkeys(("Judge", "Score"), 12) | {
        "Ask": 36
    }
    assert sum(its.kills for its in result.ran.values()) == 12
    assert min(report.gigabyte_hours(result)) > 0
    assert result.counted >= result.tokens
    assert result.outcome == "complete"
    # A shard of a few that is asked again is a large part of so short a run.
    assert all(1 < ratio < 1.6 for ratio in result.ratios.values())
    assert [words for words in missed(result) if "as long as" not in words] == []


@pytest.mark.parametrize(
    "change",
    [
        {"ratios": {"tuned": 1.16}},
        {"wrong": ("shard 1",)},
        {"extra": 601},
        {"judge_extra": 601},
        {"counted": 0},
        {"outcome": "bounded"},
        {"reduce_bytes": 256 * 1024**2},
    ],
)
def test_each_target_can_be_missed(result: Result, change: dict[str, object]) -> None:
    met = replace(result, ratios={"tuned": 1.0})
    assert missed(met) == []
    assert len(missed(replace(met, **change))) == 1  # type: ignore[arg-type]


def test_a_child_with_too_many_functions_is_seen(result: Result) -> None:
    for name, ran in result.ran.items():
        its = replace(result, ratios={}, ran={**result.ran, name: replace(ran, largest=(4_000, 0, 0))})
        assert [name in words for words in missed(its)] == [True]


def test_a_rate_lets_through_what_it_allows_and_no_more() -> None:
    rate = Rate(600.0)
    taken = sum(rate.takes(tenth / 20) for tenth in range(20 * 600))
    assert taken == pytest.approx(rate.allowed(600) + 60, abs=2)
    assert rate.seconds_for(taken) == pytest.approx(606, abs=1)


def test_another_workload_takes_half_now_and_then() -> None:
    rate = Rate(600.0)
    four_hours = 4 * 3_600
    assert rate.allowed(four_hours) == pytest.approx((four_hours - 300) * 10)
    assert rate.allowed(four_hours) - rate.allowed(four_hours - 600) == pytest.approx(3_000)


def test_the_files_of_a_bench_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_FOLDER", tmp_path)
    report.measured(60, kills=0, at_once=AT_ONCE)
    assert list(tmp_path.iterdir()) == []
