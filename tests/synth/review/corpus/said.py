"""What is said of each change, as somebody reviewed it: said.md."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.synth.review.corpus import CORPUS
from tune.review.findings import CLASSES, ReviewFinding, nothing_is

_FILE: Final = Path(__file__).with_name("said.md")
_TITLE: Final = (
    "# What a review says of each change of the corpus\n\nWritten by `make snapshots`, and read by a person.\n"
)


def as_written(findings: Iterable[ReviewFinding]) -> str:
    """Return findings as the file has them, without the updates that do nothing."""
    lines = [_line(its) for its in findings if its.finding_class != "changes"]
    return "\n".join(lines or [nothing_is(CLASSES)])


def _line(its: ReviewFinding) -> str:
    change = " → ".join(filter(None, (its.was, its.now)))
    more = "".join(f"\n  - {each}" for each in (change, *map(str, its.costs)) if each)
    return f"- **{its.verb}** ({its.place}): {its.says}{more}"


def sections() -> dict[str, str]:
    """Return what was reviewed, by the title of the change."""
    text = _FILE.read_text(encoding="utf-8") if _FILE.exists() else ""
    parts = (part.partition("\n\n") for part in text.split("\n## ")[1:])
    return {title: said.strip() for title, _, said in parts}


def reviewed(title: str, text: str) -> str:
    """Return what was reviewed of a change; with UPDATE_SNAPSHOTS set, write the text first."""
    if os.environ.get("UPDATE_SNAPSHOTS"):
        found = {**sections(), title: text}
        written = (f"\n## {its.title}\n\n{found[its.title]}\n" for its in CORPUS if its.title in found)
        _FILE.write_text(_TITLE + "".join(written), encoding="utf-8")
    return sections().get(title, "")
