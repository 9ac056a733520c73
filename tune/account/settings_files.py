"""What the settings files of a folder ask for, as far as anybody can read them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from settings import SettingsError
from settings.toml_file import read_toml
from tune.account.location import Location
from tune.terminal.environments import StackKind

# Returns why no settings file asks for a stack of an environment; nothing when one does.
WhyNot = Callable[[str, StackKind], str]

_TABLES: dict[StackKind, str] = {"Training": "training", "Serving": "serving"}


def asked_for(_environment: str, _kind: StackKind) -> str:
    """Take every stack for asked for: nobody has said where the settings files are."""
    return ""


@dataclass(frozen=True)
class SettingsFiles:
    """The files of a folder, and the account and Region that are looked at."""

    folder: Path
    place: Location

    def environments(self) -> Iterator[str]:
        """Yield the environments that are in this place; one whose file does not tell is among them."""
        for path in sorted(self.folder.glob("*.toml")):
            if self._elsewhere(path.stem) is None:
                yield path.stem

    def why_not(self, environment: str, kind: StackKind) -> str:
        """See `WhyNot`. A file that cannot be read, or is wrong, still asks for what it names."""
        path = self._path(environment)
        if not path.exists():
            return "no settings file here asks for it"
        if elsewhere := self._elsewhere(environment):
            return elsewhere
        table = _TABLES.get(kind)
        document = _read(path)
        return f"{path.name} has no [{table}]" if table and document is not None and table not in document else ""

    def _elsewhere(self, environment: str) -> str | None:
        path = self._path(environment)
        document = _read(path) or {}
        for key, here in (("account", self.place.account), ("region", self.place.region)):
            if isinstance(there := document.get(key), str) and there != here:
                return f"{path.name} is about {key} {there}"
        return None

    def _path(self, environment: str) -> Path:
        return self.folder / f"{environment}.toml"


def _read(path: Path) -> dict[str, object] | None:
    try:
        return read_toml(path)
    except SettingsError:
        return None
