"""Thousands of random histories, each replayed by its seed: FAULT_SEED=123 pytest tests/lifecycle -k replay."""

import os
from collections.abc import Callable

import pytest

from tests.lifecycle.evaluation_histories import EvaluationHistory
from tests.lifecycle.histories import History
from tests.lifecycle.keeping_histories import KeepingHistory
from tests.lifecycle.promotion_histories import PromotionHistory

HISTORIES = int(os.environ.get("FAULT_HISTORIES", "1000"))
SHARDS = 10
# Each kind, as often as it is likely: an environment that promotes, with the one that gives it models; a model behind a
# gate; policies that keep what serves.
KINDS = (PromotionHistory, EvaluationHistory, History) * 4 + (PromotionHistory, KeepingHistory, History)


def history_of(seed: int) -> History:
    return KINDS[seed % len(KINDS)](seed)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_random_histories_violate_no_invariant(shard: int, table: Callable[[str], None]) -> None:
    base = int(os.environ.get("FAULT_BASE", "1"))
    failures: dict[int, list[str]] = {}
    deployments = calls = 0
    for number in range(shard, HISTORIES, SHARDS):
        history = history_of(base + number)
        wrong = history.run()
        deployments += sum(line.startswith("  ") for line in history.log)
        calls += len(history.account.lifecycle.calls.made)
        if wrong:
            failures[history.seed] = wrong
    table(
        f"random histories, shard {shard}: {deployments} operations, {calls} calls, "
        f"{len(failures)} histories with a violation of {HISTORIES // SHARDS}"
    )
    assert not failures, "\n".join(f"FAULT_SEED={seed}: {wrong[:3]}" for seed, wrong in list(failures.items())[:20])


@pytest.mark.skipif("FAULT_SEED" not in os.environ, reason="replays one history: set FAULT_SEED")
def test_replay_of_one_history(capsys: pytest.CaptureFixture[str]) -> None:
    history = history_of(int(os.environ.get("FAULT_SEED", "0")))
    wrong = history.run()
    with capsys.disabled():
        print("\n" + "\n".join(history.log))
    assert not wrong
