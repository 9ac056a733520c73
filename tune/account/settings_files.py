"""What the settings files of a folder ask for, as far as anybody can read them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from settings import SettingsError
from settings.folder import environment_file, environment_names, exists, model_file, model_names
from settings.location import prefix_of
from settings.stack_names import StackKind, stack_name
from settings.toml_file import read_toml
from tune.account.location import Location
from tune.account.stacks import StackOfApp

# Returns why no settings file asks for a stack; nothing when one does.
WhyNot = Callable[[StackOfApp], str]

_TABLES: dict[StackKind, str] = {"Training": "training", "Serving": "serving"}


def asked_for(_stack: StackOfApp) -> str:
    """Take every stack for asked for: nobody has said where the settings files are."""
    return ""


@dataclass(frozen=True)
class SettingsFiles:
    """The files of a folder, the app that it says, and the account and Region that are looked at."""

    folder: Path
    place: Location
    app: str

    def environments(self) -> Iterator[str]:
        """Yield the environments that are in this place; one whose file does not tell is among them."""
        return (name for name in environment_names(self.folder) if not self._elsewhere(name))

    def models(self, environment: str) -> list[str]:
        """Return the models that have a file in an environment."""
        return model_names(self.folder, environment)

    def why_not(self, stack: StackOfApp) -> str:
        """See `WhyNot`. A file that cannot be read, or is wrong, still asks for the stacks that it names."""
        environment = stack.environment
        if stack.app != self.app:
            return ""  # that app's files say it
        if not exists(environment_file(self.folder, environment)):
            return f"no environment here is named {environment}"
        if elsewhere := self._elsewhere(environment):
            return elsewhere
        expected = stack_name(prefix_of(self.folder, environment), environment, stack.kind, stack.model)
        if expected != stack.name:
            return f"{environment}/environment.toml names it {expected}"
        return self._model_asks(stack) if stack.model else ""

    def _model_asks(self, stack: StackOfApp) -> str:
        path = model_file(self.folder, stack.environment, stack.model)
        name = f"{stack.environment}/{path.name}"
        if not exists(path):
            return f"there is no {name}"
        table, document = _TABLES[stack.kind], _read(path)
        return f"{name} has no [{table}]" if document is not None and table not in document else ""

    def _elsewhere(self, environment: str) -> str:
        document = self._document(environment)
        for key, here in (("account", self.place.account), ("region", self.place.region)):
            if isinstance(there := document.get(key), str) and there != here:
                return f"{environment}/environment.toml is about {key} {there}"
        return ""

    def _document(self, environment: str) -> dict[str, Any]:
        return _read(environment_file(self.folder, environment)) or {}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return read_toml(path)
    except SettingsError:
        return None
