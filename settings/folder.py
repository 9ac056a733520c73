"""What the settings files are called: `<environment>/environment.toml`, and beside it one file for each model."""

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from settings.problems import SettingsProblem
from settings.toml_file import label

APP_FILE: Final = "app.toml"
ENVIRONMENTS_CONTEXT: Final = "environments"
# Says that the CDK CLI is told which stacks to look at: then it reports what the synthesis finds, and the app does not.
STACKS_ARE_NAMED: Final = "bedrock-tuning:stacks-are-named"
"""The context of the app that names another folder of settings."""
BASE_MODELS: Final = "base_models"
_ENVIRONMENT_FILE: Final = "environment.toml"
_TOML: Final = ".toml"
# Keys by which a file is known that was meant as settings, and more bytes than any has.
_TELLING: Final = frozenset(("account", "region", "training", "serving"))
_MOST_BYTES: Final = 1_000_000


def environment_file(folder: Path, environment: str) -> Path:
    """Return the file that makes a folder an environment."""
    return folder / environment / _ENVIRONMENT_FILE


def model_file(folder: Path, environment: str, model: str) -> Path:
    """Return the file of one model in one environment."""
    return folder / environment / f"{model}.toml"


def environment_names(folder: Path) -> list[str]:
    """Return the environments of a folder, sorted; their files may be wrong."""
    return [each.name for each in _folders(folder) if exists(environment_file(folder, each.name))]


def model_names(folder: Path, environment: str) -> list[str]:
    """Return the models of an environment, sorted; their files may be wrong."""
    return sorted(each.stem for each in (folder / environment).glob("*.toml") if each.name != _ENVIRONMENT_FILE)


def option(folder: Path) -> str:
    """Return the option with which a command of ours reads a folder of settings, with a blank before it."""
    return f" --environments {shlex.quote(label(folder))}"


def exists(path: Path) -> bool:
    """Tell whether there is a file; one in a folder that may not be searched is as good as none."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises there


def misplaced(folder: Path) -> Iterator[SettingsProblem]:
    """Yield files that are no settings where they are: nobody would miss what they ask for."""
    for path in sorted(each for each in folder.glob("*") if each.is_file()):
        if path.name != APP_FILE and _may_be_settings(path):
            is_app = path.stem == Path(APP_FILE).stem
            instead = folder / APP_FILE if is_app else model_file(folder, "<environment>", path.stem)
            why = "is not read" if is_app else "is in no environment's folder"
            belongs = f"this folder has {APP_FILE}, and folders with {_ENVIRONMENT_FILE} and a file for each model"
            yield _problem(path, f"{why}; {belongs}", instead)
    for each in (folder / BASE_MODELS, *_folders(folder)):
        yield from unread(folder, each.name)
    for each in _folders(folder):
        path = environment_file(folder, each.name)
        if not exists(path) and model_names(folder, each.name):
            why = "does not exist, and the folder of a model needs it"
            message = f"{why}; add it, or move the models' files"
            yield SettingsProblem(file=label(path), place="file", message=message)


def unread(folder: Path, name: str) -> Iterator[SettingsProblem]:
    """Yield what looks like settings in an environment's folder, or that of base models, and is not read there."""
    its = folder / name
    for parent, folders, files in os.walk(its):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for path in (Path(parent, file) for file in sorted(files)):
            if path.parent == its:
                is_unread, why = path.suffix != _TOML and _may_be_settings(path), f"does not end in {_TOML}"
            else:
                is_unread, why = path.suffix.lower() == _TOML, "is in a subfolder"
            if is_unread:
                yield _problem(
                    path, f"{why}, and is not read: only TOML files in {label(its)} are", its / f"{path.stem}{_TOML}"
                )


def _may_be_settings(path: Path) -> bool:
    """Tell whether somebody may have meant a file as settings. JSON may be data too, so its keys decide."""
    if (kind := path.suffix.lower()) != ".json":
        return kind in (_TOML, ".yaml", ".yml")
    try:
        document = json.loads(path.read_bytes()) if path.stat().st_size <= _MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and not _TELLING.isdisjoint(document)


def _problem(path: Path, why: str, instead: Path) -> SettingsProblem:
    message = f"{why}; write it as {label(instead)}, or move it out of the folder"
    return SettingsProblem(file=label(path), place="file", message=message)


def _folders(folder: Path) -> list[Path]:
    """Return the folders that may be environments: neither hidden nor reserved."""
    found = (each for each in folder.glob("*") if each.is_dir())
    return sorted(each for each in found if each.name != BASE_MODELS and not each.name.startswith("."))
