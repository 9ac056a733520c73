"""The settings that a page shows are settings: its files, beside those that this project begins with, are loaded."""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from settings import load_environment, load_pipeline
from tests.conftest import ROOT
from tests.docs import shown
from tests.docs.fences import Fence, fence, fences
from tests.unit.settings.settings_files import OF_ENVIRONMENT, write_toml
from tune.spending import prices

_PRICES: Final = ("docs/how-to/review.md", "Show money", 1)
SHOWN: Final = [
    each
    for each in fences()
    if each.language == "toml" and each.page not in shown.PAGES_READ and each.place not in {*shown.READ, _PRICES}
]
_FILES: Final = ("test.jsonl", "bake.jsonl")


@pytest.mark.parametrize("page", sorted({each.page for each in SHOWN}))
def test_the_files_of_a_page_are_loaded(page: str, tmp_path: Path) -> None:
    folder = tmp_path / "environments"
    for name in ("environments", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    # As a reader has them: what a page said before stays.
    for path in {put(each, folder): None for each in SHOWN if each.page == page}:
        load_pipeline(folder) if path.parent == folder else load_environment(folder, path.parent.name)


def put(block: Fence, folder: Path) -> Path:
    """Write what a block says into its file, beside what is there; return the file."""
    said = tomllib.loads(block.text)
    first = block.text.partition("\n")[0]
    path = folder.parent / first.removeprefix("# ") if first.startswith("# environments/") else folder / of(said)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        shutil.copy(folder / "dev" / "environment.toml", path.parent)
    for name in _FILES:
        shutil.copy(ROOT / "examples" / "docstrings" / "converse" / "test.jsonl", path.with_name(name))
    old = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if "provisioned_throughput" in said.get("serving", {}):
        del old["serving"]["on_demand"]
    if "roles" in said.get("organization", {}):
        old["organization"] = {key: old["organization"][key] for key in ("key_arn", "operations_key_arn", "bucket")}
    write_toml(path, merged(old, said))
    return path


def of(said: Mapping[str, Any]) -> str:
    """Return the file in which settings belong that name none."""
    if "pipeline" in said:
        return "app.toml"
    return "dev/environment.toml" if set(said) <= set(OF_ENVIRONMENT) else "dev/docstrings.toml"


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: merged(old[key], new[key]) for key in old.keys() & new.keys() if isinstance(new[key], dict)}
    return {**old, **new, **both}


def test_the_prices_of_the_page_are_prices(tmp_path: Path) -> None:
    file = tmp_path / prices.FILE
    file.write_text(fence(*_PRICES).text, encoding="utf-8")
    assert prices.of(file, tmp_path) is not None
