"""Data that a synthesis refuses: whose it is, and a command that tells more of the same."""

from pathlib import Path

import pytest

from tests.support.messages import says
from tests.unit.settings.settings_files import changed, write
from tune import synthesis
from tune.terminal.environments import find


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is said of environment dev with two models whose data is wrong in the same way."""
    (tmp_path / "own files").mkdir()
    for name in ("faq", "notes"):
        write(tmp_path / "own files", changed(("name", name)), environment="dev")
    monkeypatch.chdir(tmp_path)
    target = find(Path("own files"), "dev")
    with pytest.raises(synthesis.SynthesisRefused) as refused:
        synthesis.bodies(target.synthesized, target.app_context)
    return str(refused.value).splitlines()


def test_every_finding_names_environment_and_model(lines: list[str]) -> None:
    assert all(line.startswith(("dev/faq: ", "dev/notes: ")) for line in lines)
    for model in ("faq", "notes"):
        assert any(says(line, f"dev/{model}", "train.jsonl", "line 1") for line in lines)


def test_the_command_that_tells_more_reads_the_same_folder(lines: list[str]) -> None:
    for model in ("faq", "notes"):
        command = f"python -m tune dataset check --environment dev --model {model} --environments 'own files'"
        assert sum(command in line for line in lines) == 1
