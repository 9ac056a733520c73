"""What the handlers of CloudFormation's resource types declare to need.

`declared.json` is from the resource schemas that cfn-lint brings; a test compares them and renews the file. It is data,
so that a policy can be printed where cfn-lint is not installed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DECLARED: Final = Path(__file__).parent / "declared.json"

# The actions of each handler, and those for tags, by the type of the resource.
Declared = Mapping[str, Mapping[str, tuple[str, ...]]]


def declared() -> Declared:
    """Return what each handler of each type declares, for every type that the templates can hold."""
    found = json.loads(DECLARED.read_text(encoding="utf-8"))
    return {kind: {handler: tuple(actions) for handler, actions in its.items()} for kind, its in found.items()}
