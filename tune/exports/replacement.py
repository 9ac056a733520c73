"""Which properties replace a resource when they change: from the database that the pinned CDK CLI brings with it."""

import gzip
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Literal

from tune.terminal.folders import ROOT

Replaces = Literal["yes", "maybe", "no"]
# By the types of a resource and its property.
Replacement = Callable[[str, str], Replaces]

_DATABASE: Final = ROOT / "node_modules" / "aws-cdk" / "db.json.gz"


def replacement(kind: str, name: str) -> Replaces:
    """Return whether a change of a property replaces the resource; what is not known may."""
    properties = _properties().get(kind)
    if properties is None or name not in properties:
        return "maybe"
    found: Replaces = properties[name].get("causesReplacement", "no")
    return found


@cache
def _properties() -> Mapping[str, Mapping[str, Any]]:
    try:
        database = json.loads(gzip.decompress(_DATABASE.read_bytes()))
        resources = database["schema"]["resource"]["entities"]
        return {each["cloudFormationType"]: each["properties"] for each in resources}
    except (OSError, ValueError, LookupError, TypeError):
        return {}  # another CLI than the pinned one: then nothing can be told
