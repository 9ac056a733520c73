"""The pages that people read, taken apart: headings, links, and what stands in code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tests.conftest import ROOT

# Made by tools, or installed.
_NOT_OURS: Final = ("node_modules", "cdk.out", "build")
_FENCE: Final = re.compile(r"^ *```")
_INLINE_CODE: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ (.+)$")
# How GitHub makes an anchor of a heading: lower case, blanks to hyphens, and without what is neither letter nor digit.
_NOT_IN_ANCHORS: Final = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def anchors(self) -> set[str]:
        headings = (found[1] for line in self._prose if (found := _HEADING.match(line)))
        return {_NOT_IN_ANCHORS.sub("", _LINK.sub("", heading).lower()).replace(" ", "-") for heading in headings}

    @cached_property
    def links(self) -> list[str]:
        """The targets of all links."""
        return [target for line in self._prose for target in _LINK.findall(_INLINE_CODE.sub("", line))]

    @cached_property
    def code(self) -> list[str]:
        """Every line of a code block, continued ones joined, and every piece of code inside a line."""
        joined = re.sub(r" *\\\n\s*", " ", "\n".join(self._fenced))
        return [*joined.splitlines(), *_INLINE_CODE.findall("\n".join(self._prose))]

    @cached_property
    def _prose(self) -> list[str]:
        return [line for fenced, line in self._lines() if not fenced]

    @cached_property
    def _fenced(self) -> list[str]:
        return [line for fenced, line in self._lines() if fenced]

    def _lines(self) -> Iterator[tuple[bool, str]]:
        fenced = False
        for line in self.path.read_text(encoding="utf-8").splitlines():
            if _FENCE.match(line):
                fenced = not fenced
            else:
                yield fenced, line


def pages(root: Path = ROOT) -> list[Page]:
    """Return every page of the project."""
    found = (path.relative_to(root) for path in root.rglob("*.md"))
    ours = (path for path in found if not any(part in _NOT_OURS or part.startswith(".") for part in path.parts))
    return [Page(root / path) for path in sorted(ours)]
