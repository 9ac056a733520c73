"""Reads what a synthesis wrote: stages, stacks, templates, assets and acknowledgements."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class WrittenStack:
    """One stack of a cloud assembly.

    Attributes:
        stage: Id of its stage.
        id: Its id in the stage.
        account: Account it is for.
        region: Region it is for.
        template: Its template.
        assets: The files and folders that it deploys, as they were staged.
    """

    stage: str
    id: str
    account: str
    region: str
    template: Json
    assets: tuple[Path, ...]

    @property
    def kinds(self) -> Counter[str]:
        """How many resources of each type it has."""
        return Counter(resource["Type"] for resource in self.template["Resources"].values())


def stacks(folder: Path) -> list[WrittenStack]:
    """Return the stacks of an app whose stacks stand in stages, in the order in which they were made."""
    return [stack for assembly in sorted(folder.glob("assembly-*")) for stack in _stacks(assembly)]


def acknowledgements(folder: Path) -> dict[str, str]:
    """Return each id that was acknowledged in an app, with its reason."""
    report = _read(folder / "validation-report.json")
    return {
        each["acknowledgedId"]: each["reason"]
        for plugin in report["pluginReports"]
        for each in plugin.get("suppressedViolations", ())
    }


def _stacks(assembly: Path) -> Iterator[WrittenStack]:
    for name, artifact in _read(assembly / "manifest.json")["artifacts"].items():
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        account, region = artifact["environment"].removeprefix("aws://").split("/")
        stage, stack_id = artifact["displayName"].split("/")
        template = assembly / artifact["properties"]["templateFile"]
        assets = _read(assembly / f"{name}.assets.json")["files"].values()
        sources = (assembly / asset["source"]["path"] for asset in assets)
        others = tuple(path.resolve() for path in sources if path.name != template.name)
        yield WrittenStack(stage, stack_id, account, region, _read(template), others)


def _read(path: Path) -> Json:
    document: Json = json.loads(path.read_text(encoding="utf-8"))
    return document
