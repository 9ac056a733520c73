"""Environments beside one that is removed, which were given its bucket or a key. Reads only their settings files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from stacks.settings.problems import SettingsError
from stacks.settings.toml_file import read_toml, table
from tune.environments import Anchor
from tune.purge.kept import Kept

_KEYS: Final = ("key_arn", "operations_key_arn")


def users(anchor: Anchor, kept: Kept) -> Iterator[str]:
    """Yield why something is still in use: the settings file that names it.

    What an app in another folder was given, nobody here can know.
    """
    for path in sorted(anchor.folder.glob("*.toml")):
        if path.stem == anchor.name:
            continue
        try:
            organization = table(read_toml(path), "organization")
        except SettingsError:
            yield f"{path.name} cannot be read, so nobody knows whether it was given a bucket or key: correct it first"
            continue
        for bucket in kept.buckets:
            if organization.get("bucket") == bucket.name:
                yield _told(path, "bucket", bucket.name)
        for key in kept.keys:
            yield from (_told(path, setting, key.arn) for setting in _KEYS if organization.get(setting) == key.arn)


def _told(path: Path, setting: str, value: str) -> str:
    return f"environment {path.stem} is given {value} ({path.name}, organization.{setting}): remove that one first"
