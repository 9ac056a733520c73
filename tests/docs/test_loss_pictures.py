"""`docs/how-to/losses.md` shows what the command draws, byte for byte, and the rules of its advice."""

import os
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.docs.printed import assert_printed
from tests.unit.tune.metrics.deployed import TRAINING_FILE, VALIDATION_FILE, Folder, csv, other
from tests.unit.tune.metrics.losses import PUBLISHED, SCENARIOS
from tune.metrics.advice import WHEN

PAGE: Final = ROOT / "docs" / "how-to" / "losses.md"
PICTURES: Final = [ROOT / "docs" / "site" / f"loss-{number}.svg" for number in (1, 2)]
# Made up: three steps in each epoch, of which every third is higher.
_STEPS: Final = 3
_TRAINING: Final = [
    round(1.25 * 0.92**number + (0.08 if number % _STEPS == 1 else 0), 3) for number in range(10 * _STEPS)
]


@pytest.mark.parametrize(("picture", "scenario"), [*zip(PICTURES, SCENARIOS, strict=True)], ids=["1", "2"])
def test_a_snapshot_is_what_the_command_draws(
    picture: Path, scenario: tuple[float, int, int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threshold, patience, stopped, best = scenario
    folder, file = Folder(tmp_path, monkeypatch), tmp_path / "loss.svg"
    wanted = other(epochCount="10", earlyStoppingThreshold=str(threshold), earlyStoppingPatience=str(patience))
    folder.train(wanted)
    files = {
        TRAINING_FILE: csv("training_loss", *_TRAINING[: stopped * _STEPS], each=_STEPS),
        VALIDATION_FILE: csv("validation_loss", *PUBLISHED[:stopped]),
    }
    folder.leave(files, wanted)
    assert folder.run("dev", "faq", "--svg", str(file)).exit_code == 0
    if os.environ.get("UPDATE_SNAPSHOTS"):
        picture.write_bytes(file.read_bytes())
    assert picture.read_bytes() == file.read_bytes()
    assert f">lowest: epoch {best} ({PUBLISHED[best - 1]})</text>" in picture.read_text(encoding="utf-8")
    assert f"../site/{picture.name}" in PAGE.read_text(encoding="utf-8")


def printed() -> str:
    rows = (f"| `{rule}` | {when} |\n" for rule, when in WHEN.items())
    return f"\n| rule | said when |\n|---|---|\n{''.join(rows)}\n"


def test_the_page_has_the_rules() -> None:
    assert_printed(PAGE, "rules", printed())
