"""The first page: it is short, its example works, and its first screen shows what this is and how to try it."""

import re
import shutil
from pathlib import Path
from typing import Final

from settings import load_model
from tests.conftest import ROOT

README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS: Final = 600
# What GitHub shows above the first heading, at the width of a laptop.
FIRST_SCREEN_LINES: Final = 20


def test_it_is_short() -> None:
    assert len(README.split()) <= WORDS


def test_its_first_screen_has_the_picture_and_both_commands() -> None:
    screen = README.partition("\n## ")[0]
    assert len(screen.splitlines()) <= FIRST_SCREEN_LINES
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", screen)
    assert (ROOT / picture).is_file()
    assert re.findall(r"^make (\w+)", screen, re.MULTILINE) == ["demo", "test"]


def test_its_example_is_a_model_of_the_environment_that_it_names(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    place = re.match(r"# (environments/(\w+)/(\w+)\.toml)\n", example)
    assert place
    file, environment, model = place.groups()
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / file).write_text(example, encoding="utf-8")

    loaded = load_model(tmp_path / "environments", environment, model)

    assert loaded.serving
    assert loaded.training
