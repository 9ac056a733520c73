"""Environments beside one that is purged, which were given its bucket or its key. Reads only their settings files."""

from collections.abc import Iterator
from pathlib import Path

from stacks.settings.problems import SettingsError
from stacks.settings.toml_file import read_toml, table
from tune.environments import Anchor
from tune.purge.kept import Kept


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
            if organization.get("key_arn") == key.arn:
                yield _told(path, "key_arn", key.arn)


def _told(path: Path, setting: str, value: str) -> str:
    return f"environment {path.stem} is given {value} ({path.name}, organization.{setting}): purge that one first"
