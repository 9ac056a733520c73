"""Environments beside one that is removed, which use its bucket, a key or a model. Reads only their settings files."""

from collections.abc import Collection, Iterator, Mapping

from settings.problems import SettingsError
from settings.toml_file import read_toml
from tune.terminal.environments import EnvironmentRef


def users(anchor: EnvironmentRef, *, arns: Collection[str], buckets: Collection[str] = ()) -> Iterator[str]:
    """Yield why a key, a model or a bucket is still in use: the settings file that names it.

    What an app in another folder was given, nobody here can know.
    """
    for path in sorted(anchor.folder.glob("*.toml")):
        if path.stem == anchor.name:
            continue
        try:
            document = read_toml(path)
        except SettingsError:
            yield f"{path.name} cannot be read, so nobody knows which bucket, key or model it names: correct it first"
            continue
        for setting, text in _texts(document):
            if used := _used(setting, text, arns, buckets):
                where = f"{path.name}, {setting}"
                yield f"environment {path.stem} uses {used} ({where}): remove that environment, or the setting, first"


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
