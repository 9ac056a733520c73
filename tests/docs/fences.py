"""The fenced blocks of the pages, by page and heading: settings, commands, outputs."""

import re
import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tests.conftest import ROOT
from tests.docs.pages import Page, pages

_FENCE: Final = re.compile(r"^ *```(\w*)$")
_HEADING: Final = re.compile(r"^#+ (.+)$")
_PROGRAMS: Final = ("aws", "cdk", "export", "git", "make", "python", ".venv/bin/python", "uv")
_ASSIGNMENT: Final = re.compile(r"^[A-Z]+=\$\((.*)\)$")


@dataclass(frozen=True)
class Fence:
    """One fenced block; `number` counts those under the same heading."""

    page: str
    heading: str
    number: int
    language: str
    text: str

    @property
    def place(self) -> tuple[str, str, int]:
        return self.page, self.heading, self.number

    @cached_property
    def commands(self) -> tuple[str, ...]:
        """What is typed, without comments, continued lines in one; nothing if any line is no command."""
        if self.language:
            return ()
        joined = re.sub(r" *\\\n\s*", " ", self.text)
        found = [re.sub(r" {2,}#.*", "", line).strip() for line in joined.splitlines()]
        found = [(its[1] if (its := _ASSIGNMENT.match(each)) else each) for each in found]
        return tuple(found) if all(each.split()[:1] and each.split()[0] in _PROGRAMS for each in found) else ()

    @property
    def is_usage(self) -> bool:
        """Whether it names the arguments of a command and is none: each section of the page of commands begins so."""
        return self.page == "docs/reference/commands.md" and self.number == 1

    def __str__(self) -> str:
        return f"{self.page}: {self.heading} [{self.number}]"


def fences() -> list[Fence]:
    """Return every fenced block of every page, in order."""
    return [fence for page in pages() for fence in _fences(page)]


def fence(page: str, heading: str, number: int = 1) -> Fence:
    """Return one block."""
    (found,) = (each for each in _fences(Page(ROOT / page)) if (each.heading, each.number) == (heading, number))
    return found


def words(command: str) -> list[str]:
    """Return a command as a shell splits it, up to where its output goes."""
    found = shlex.split(command)
    end = next((at for at, word in enumerate(found) if word in ("|", ">", ">>")), len(found))
    return found[:end]


def _fences(page: Page) -> Iterator[Fence]:
    heading, language, inside = "", None, list[str]()
    numbers: Counter[str] = Counter()
    for line in page.path.read_text(encoding="utf-8").splitlines():
        found = _FENCE.match(line)
        if found and language is None:
            language, inside = found[1], []
        elif found:
            numbers[heading] += 1
            text = textwrap.dedent("\n".join(inside)) + "\n"
            yield Fence(str(page), heading, numbers[heading], str(language), text)
            language = None
        elif language is not None:
            inside.append(line)
        elif its := _HEADING.match(line):
            heading = its[1]
