"""The environment that a command is about: its settings, and the names that follow from them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from bedrock_lifecycle import contract
from settings import Environment, load_environment, load_whereabouts
from settings.toml_file import label
from tune.terminal.folders import DEFAULT_FOLDER, ROOT
from tune.terminal.problems import CannotBeDone

StackKind = Literal["Foundation", "Training", "Serving"]
STACK_KINDS: Final[tuple[StackKind, ...]] = ("Foundation", "Training", "Serving")


class UnknownEnvironment(CannotBeDone):
    """No settings file has this name; the message lists those there are."""


class Where(Protocol):
    """What is needed of the settings to find an environment in AWS."""

    @property
    def environment(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...


@dataclass(frozen=True)
class EnvironmentRef:
    """One environment in AWS, found without its data files, and the folder that its settings file is in."""

    settings: Where
    folder: Path

    @property
    def name(self) -> str:
        return self.settings.environment

    def stack(self, kind: StackKind) -> str:
        """Return the name of a stack in CloudFormation."""
        return f"{self.name}-{kind}"

    @property
    def option(self) -> str:
        """The option with which a command of ours reads the same folder, with a blank before it."""
        return "" if self.folder == DEFAULT_FOLDER else f" --environments {label(self.folder)}"


@dataclass(frozen=True)
class DeployTarget(EnvironmentRef):
    """One environment with all its settings, as a deployment takes them."""

    settings: Environment

    @property
    def training_name(self) -> str | None:
        """The name that the customization job and the custom model share, None where nothing is trained."""
        if self.settings.training is None:
            return None
        return contract.training_name(
            name=self.settings.name,
            environment=self.name,
            training_id=self.settings.training_id,
            attempt=self.settings.training.attempt,
        )

    def has(self, kind: StackKind) -> bool:
        """Tell whether the settings ask for a stack."""
        asked_for = {"Training": self.settings.training is not None, "Serving": self.settings.serving is not None}
        return asked_for.get(kind, True)

    @property
    def stacks(self) -> list[str]:
        """The names of the stacks that the settings ask for."""
        return [self.stack(kind) for kind in STACK_KINDS if self.has(kind)]

    def pattern(self, kind: StackKind | Literal["*"]) -> str:
        """Return how the CDK CLI names a stack; `*` means all those of this environment, and of no other."""
        return f"{self.name}/{kind}"

    @property
    def assembly(self) -> Path:
        """Where the CDK CLI synthesizes to: it locks that folder as long as it deploys from it."""
        return ROOT / "cdk.out" / "environments" / self.name

    @property
    def context(self) -> tuple[str, ...]:
        """The arguments with which the app reads the same folder."""
        return () if self.folder == DEFAULT_FOLDER else ("-c", f"environments={self.folder}")

    @property
    def context_of_one(self) -> tuple[str, ...]:
        """The same, and the app makes this environment alone: findings about others are no business of a command."""
        return (*self.context, "-c", f"only={self.name}")


def find(folder: Path, name: str) -> DeployTarget:
    """Return an environment by its name; raise UnknownEnvironment, or SettingsError for a file that is wrong."""
    path = _settings_file(folder, name)
    return DeployTarget(load_environment(path), path.parent)


def find_anchor(folder: Path, name: str) -> EnvironmentRef:
    """Return where an environment is, by its name; raise as `find`, but for its data files, which are not read."""
    path = _settings_file(folder, name)
    return EnvironmentRef(load_whereabouts(path), path.parent)


def _settings_file(folder: Path, name: str) -> Path:
    absolute = folder.resolve()
    known = sorted(path.stem for path in absolute.glob("*.toml"))
    if name not in known:
        there_are = f"there are {', '.join(known)}" if known else "the folder has no .toml file"
        raise UnknownEnvironment(f"no environment is named {name!r} in {label(folder)}: {there_are}")
    return absolute / f"{name}.toml"
