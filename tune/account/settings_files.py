"""What the settings files of a folder ask for, as far as anybody can read them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from settings import SettingsError
from settings.base_models import load_base_models
from settings.folder import environment_file, environment_names, exists, model_file, model_names
from settings.location import prefix_of
from settings.stack_names import ACCESS, StackKind, stack_name
from settings.toml_file import read_toml
from tune.account.location import Location
from tune.account.stacks import StackOfApp
from tune.terminal.environments import EnvironmentRef, option_of, region_option


@dataclass(frozen=True)
class Unasked:
    """Why no settings file asks for a stack. `command` ends all that it has with its model or its environment."""

    why: str
    command: str = ""


# Returns why no settings file asks for a stack; None when one does.
WhyNot = Callable[[StackOfApp], Unasked | None]

_TABLES: dict[StackKind, str] = {
    "Training": "training",
    "Promotion": "promotion",
    "Evaluation": "evaluation",
    "Serving": "serving",
}


def asked_for(_stack: StackOfApp) -> None:
    """Take every stack for asked for: nobody has said where the settings files are."""


@dataclass(frozen=True)
class Elsewhere:
    """Other Regions of an account in which an app may have something, and why other accounts are not looked at."""

    regions: tuple[str, ...] = ()
    not_looked: tuple[str, ...] = ()


def elsewhere(folder: Path, place: Location) -> Elsewhere:
    """Return what lies outside a place: the Regions of the files and of every base model, the accounts of the files."""
    regions, accounts = {region for profile in load_base_models(folder)[0] for region in profile.regions}, []
    for environment in environment_names(folder):
        document = _read(environment_file(folder, environment)) or {}
        account, region = (document.get(key) for key in ("account", "region"))
        if isinstance(account, str) and account != place.account:
            accounts.append(f"account {account} of {environment}/environment.toml: looking there needs its credentials")
        elif isinstance(region, str):
            regions.add(region)
    return Elsewhere(tuple(sorted(regions - {place.region})), tuple(accounts))


def application_stacks(of: EnvironmentRef) -> Iterator[tuple[str, str]]:
    """Yield account and name of the stacks that applications have of an environment's models, as their files say."""
    for model in of.models:
        path = model_file(of.folder, of.name, model)
        for account in sorted(map(str, _accounts(_read(path) or {}))):
            yield account, of.stack(ACCESS, model)


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

    def why_not(self, stack: StackOfApp) -> Unasked | None:
        """See `WhyNot`. A file that cannot be read, or is wrong, still asks for the stacks that it names."""
        environment = stack.environment
        if stack.app != self.app:
            return None  # that app's files say it
        if stack.kind == ACCESS:
            return self._gives_access(stack)
        if not exists(environment_file(self.folder, environment)):
            return Unasked(f"no environment here is named {environment}", self._destroys_there(stack))
        if elsewhere := self._elsewhere(environment):
            return Unasked(elsewhere, self._destroys_there(stack))
        expected = stack_name(prefix_of(self.folder, environment), environment, stack.kind, stack.model)
        if expected != stack.name:
            # A destroy by the environment's name would take what stands under the prefix of now as well.
            return Unasked(f"{environment}/environment.toml names it {expected}")
        return self._model_asks(stack) if stack.model else None

    def _model_asks(self, stack: StackOfApp) -> Unasked | None:
        path = model_file(self.folder, stack.environment, stack.model)
        name = f"{stack.environment}/{path.name}"
        if not exists(path):
            return Unasked(f"there is no {name}", self._destroys(stack.environment, stack.model))
        table, document = _TABLES[stack.kind], _read(path)
        if document is None or table in document:
            return None
        # A stack of a training alone goes by its name: what serves the model may be asked for still.
        only = self._destroys(stack.environment, f"{stack.model} --serving-only") if stack.kind == "Serving" else ""
        return Unasked(f"{name} has no [{table}]", only)

    def _gives_access(self, stack: StackOfApp) -> Unasked | None:
        """Say why no file asks for a stack of an application, whose account is another one than the environment's."""
        path = model_file(self.folder, stack.environment, stack.model)
        document = _read(path) if exists(path) else {}
        expected = stack_name(prefix_of(self.folder, stack.environment), stack.environment, stack.kind, stack.model)
        is_here = self._document(stack.environment).get("region") == self.place.region and stack.name == expected
        if document is None or (is_here and self.place.account in _accounts(document)):
            return None
        command = f"aws cloudformation delete-stack --stack-name {stack.name} --region {self.place.region}"
        return Unasked(f"no [[access]] in {stack.environment}/{path.name} asks for it", command)

    def _destroys(self, environment: str, what: str) -> str:
        return f"python -m tune destroy {environment} {what}{option_of(self.folder)}"

    def _destroys_there(self, stack: StackOfApp) -> str:
        return f"{self._destroys(stack.environment, '--every-model --all')}{region_option(self.place.region)}"

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


def _accounts(document: Mapping[str, Any]) -> set[object]:
    """Return the accounts that a model's document gives access, as far as it can be read."""
    accesses = document.get("access")
    tables = accesses if isinstance(accesses, list) else []
    return {each.get("account") for each in tables if isinstance(each, Mapping)}
