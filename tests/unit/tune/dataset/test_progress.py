"""Progress bars: drawn now and then, and by no thread of their own."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.progress import Progress

from tests.unit.tune.dataset.data import conversations
from tune.dataset import progress
from tune.dataset.progress import progress_of


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A terminal, a clock that goes on by a hundredth of a second at each look, and when bars are drawn again."""
    times: list[float] = []
    now = 100.0

    def look() -> float:
        nonlocal now
        now += 0.01
        return now

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=look))
    refresh = Progress.refresh

    def refreshed(self: Progress) -> None:
        times.append(now)
        refresh(self)

    monkeypatch.setattr(Progress, "refresh", refreshed)
    return times


def test_bars_are_drawn_ten_times_a_second_at_most(drawn: list[float], tmp_path: Path) -> None:
    with progress_of({"train": conversations(tmp_path / "any.jsonl", 10)}) as reached:
        del drawn[:]
        for done in range(100):
            reached("train", done)
        during = list(drawn)
    assert 8 <= len(during) <= 11


@pytest.mark.usefixtures("drawn")
def test_bars_have_no_thread_which_would_keep_large_files_from_being_checked_fast(tmp_path: Path) -> None:
    before = threading.active_count()
    with progress_of({"train": conversations(tmp_path / "any.jsonl", 10)}) as reached:
        reached("train", 1)
        assert threading.active_count() == before
