"""The settings file of a model, as a push finds and leaves it."""

import difflib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tune.dataset.files import Unusable
from tune.dataset.output import completed
from tune.dataset.upload.pinning import CannotPin, Place, pinned
from tune.terminal.labels import name_of


@dataclass(frozen=True)
class SettingsFile:
    """A settings file and what was in it when the push began."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(path, path.read_bytes().decode())

    def edited(self, digests: Mapping[Place, str]) -> str:
        """Return the text with digests in place of paths; raise Unusable when that cannot be done safely."""
        try:
            return pinned(self.text, digests)
        except CannotPin as problem:
            raise Unusable(f"{name_of(self.path)}: {problem}") from None

    def changes(self, digests: Mapping[Place, str]) -> str:
        """Return what would change, as a diff."""
        lines = difflib.unified_diff(
            self.text.splitlines(), self.edited(digests).splitlines(), name_of(self.path), name_of(self.path), n=0
        )
        return "\n".join(line.rstrip("\n") for line in lines)

    def write(self, digests: Mapping[Place, str]) -> None:
        """Write digests in place of paths, at once; raise Unusable when the file is no longer what it was."""
        edited = self.edited(digests)
        if self.path.read_bytes().decode() != self.text:
            raise Unusable(f"{name_of(self.path)} has changed meanwhile and is left alone: run the command again")
        with completed(self.path, stat.S_IMODE(self.path.stat().st_mode)) as file:
            file.write(edited.encode())
