"""An environment of `environments/`, as a team would take it over: with its own account, and otherwise as it is."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from sandbox.server import ACCOUNT

_FOLDER: Final = Path(__file__).resolve().parents[2] / "environments"
_PLACEHOLDER: Final = "111122223333"
_MODEL: Final = "docstrings"
_FILE: Final = f"{_MODEL}.toml"
_DATA: Final = "../../examples/"

# A text of one of the settings files, and what stands there instead.
Change = tuple[str, str]


class EnvironmentExample:
    """The settings files of an example, for the sandbox's account; its data stay where they are.

    `changes` are what else a team has made of them.
    """

    model: Final = _MODEL

    def __init__(self, environment: str, *changes: Change) -> None:
        self.environment = environment
        place, model = (
            (_FOLDER / environment / name).read_text(encoding="utf-8") for name in ("environment.toml", _FILE)
        )
        self.original = _changed((place, model), changes)
        place, model = self.original
        place = _replaced(place, f'account = "{_PLACEHOLDER}"', f'account = "{ACCOUNT}"')
        self.texts = place, model.replace(f'"{_DATA}', f'"{(_FOLDER / environment / _DATA).resolve()}/')

    def write(self, folder: Path, *changes: Change) -> Path:
        """Write the settings, changed in a few places, into a folder of their own."""
        (folder / self.environment).mkdir(parents=True)
        for name, text in zip(("environment.toml", _FILE), _changed(self.texts, changes), strict=True):
            (folder / self.environment / name).write_text(text, encoding="utf-8")
        return folder

    def settings(self) -> dict[str, Any]:
        """Return what both files say."""
        place, model = map(tomllib.loads, self.texts)
        return {**place, **model}

    def assert_only_the_account_differs(self) -> None:
        """Compare with the files in the repository and their changes: key by key, and line by line."""
        theirs = {key: its for text in self.original for key, its in tomllib.loads(text).items()}
        ours = self.settings()
        assert (theirs.pop("account"), ours.pop("account")) == (_PLACEHOLDER, ACCOUNT)
        folder = _FOLDER / self.environment
        there = {split: (folder / source.pop("path")).resolve() for split, source in theirs["data"].items()}
        here = {split: Path(source.pop("path")) for split, source in ours["data"].items()}
        assert here == there
        assert all(path.is_absolute() for path in here.values())
        assert all(path.is_file() for path in here.values())
        assert ours == theirs
        before, after = ("\n".join(texts).splitlines() for texts in (self.original, self.texts))
        pairs = zip(before, after, strict=True)
        changed = [old.split(" = ")[0] for old, new in pairs if old != new]
        assert changed == ["account", *there]


def _changed(texts: tuple[str, str], changes: Iterable[Change]) -> tuple[str, str]:
    """Return both files with each text replaced in the one that has it."""
    place, model = texts
    for old, new in changes:
        if old in place:
            place = _replaced(place, old, new)
        else:
            model = _replaced(model, old, new)
    return place, model


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)
