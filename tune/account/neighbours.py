"""Settings beside those of what is removed, which use its bucket, a key or a model. Reads only those files."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from settings.folder import environment_file, environment_names, model_file, model_names
from settings.problems import SettingsError
from settings.toml_file import read_toml
from tune.terminal.environments import EnvironmentRef


def users(anchor: EnvironmentRef, *, arns: Collection[str], buckets: Collection[str] = ()) -> Iterator[str]:
    """Yield why a key, a model or a bucket is still in use: the settings file that names it.

    What an app in another folder was given, nobody here can know.
    """
    for name, path in _beside(anchor):
        try:
            document = read_toml(path)
        except SettingsError:
            yield f"{name} cannot be read, so it may name this bucket, key or model: correct the file first"
            continue
        for setting, text in _texts(document):
            if used := _used(setting, text, arns, buckets):
                yield f"{name} uses {used} ({setting}): first destroy what that file deploys, or remove the setting"


def _beside(anchor: EnvironmentRef) -> Iterator[tuple[str, Path]]:
    """Yield every other settings file with its name: of one model, also those of its environment."""
    folder = anchor.folder
    for environment in environment_names(folder):
        models = model_names(folder, environment)
        paths = [environment_file(folder, environment), *(model_file(folder, environment, each) for each in models)]
        if environment == anchor.name:
            paths = [path for path in paths if anchor.named and path.stem != anchor.named]
        for path in paths:
            yield f"{environment}/{path.name}", path


def _used(setting: str, text: str, arns: Collection[str], buckets: Collection[str]) -> str | None:
    """Return which of them a text names: an ARN whichever setting it stands in, a bucket where one can stand."""
    if text in arns:
        return text
    bucket = text.removeprefix("s3://").partition("/")[0]
    is_place = text.startswith("s3://") or setting == "organization.bucket"
    return bucket if is_place and bucket in buckets else None


def _texts(value: object, setting: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a document that was not checked yet, with the setting that it stands in."""
    if isinstance(value, str):
        yield setting, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{setting}.{key}" if setting else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, setting)
