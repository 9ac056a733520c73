"""An environment of `environments/`, as a team would take it over: with its own account, and otherwise as it is."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from sandbox.server import ACCOUNT

_FOLDER: Final = Path(__file__).resolve().parents[2] / "environments"
_PLACEHOLDER: Final = "111122223333"
_DATA: Final = "../examples/"

# A text of the settings file, and what stands there instead.
Change = tuple[str, str]


class EnvironmentExample:
    """The settings file of an example, for the sandbox's account; its data stay where they are.

    `changes` are what else a team has made of it.
    """

    def __init__(self, environment: str, *changes: Change) -> None:
        self.environment = environment
        self.original = _changed((_FOLDER / f"{environment}.toml").read_text(encoding="utf-8"), changes)
        self.text = _replaced(self.original, f'account = "{_PLACEHOLDER}"', f'account = "{ACCOUNT}"')
        self.text = self.text.replace(f'"{_DATA}', f'"{(_FOLDER / _DATA).resolve()}/')

    def write(self, folder: Path, *changes: Change) -> Path:
        """Write the settings, changed in a few places, into a folder of their own."""
        folder.mkdir()
        (folder / f"{self.environment}.toml").write_text(_changed(self.text, changes), encoding="utf-8")
        return folder

    def settings(self) -> dict[str, Any]:
        return tomllib.loads(self.text)

    def assert_only_the_account_differs(self) -> None:
        """Compare with the file in the repository and its changes: key by key, and line by line."""
        theirs, ours = tomllib.loads(self.original), self.settings()
        assert (theirs.pop("account"), ours.pop("account")) == (_PLACEHOLDER, ACCOUNT)
        there = {split: (_FOLDER / source.pop("path")).resolve() for split, source in theirs["data"].items()}
        here = {split: Path(source.pop("path")) for split, source in ours["data"].items()}
        assert here == there
        assert all(path.is_absolute() for path in here.values())
        assert all(path.is_file() for path in here.values())
        assert ours == theirs
        pairs = zip(self.original.splitlines(), self.text.splitlines(), strict=True)
        changed = [old.split(" = ")[0] for old, new in pairs if old != new]
        assert changed == ["account", *there]


def _changed(text: str, changes: Iterable[Change]) -> str:
    for old, new in changes:
        text = _replaced(text, old, new)
    return text


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)
