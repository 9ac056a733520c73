"""The commands of a tutorial, in the order in which a reader runs them."""

import re
from dataclasses import dataclass
from typing import Final

from tests.conftest import ROOT

_PIECE: Final = re.compile(r"^## (?P<step>\d+)\. |^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block of code of a page, `number` within its step; steps are the numbered headings."""

    page: str
    step: int
    number: int
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """What is typed: one command a line, continued ones in one."""
        return re.sub(r" *\\\n\s*", " ", self.text).splitlines()

    def __str__(self) -> str:
        return f"{self.page}, step {self.step}, block {self.number}"


def blocks(page: str) -> list[Block]:
    """Return the blocks of a tutorial."""
    text = (ROOT / "docs" / "tutorials" / f"{page}.md").read_text(encoding="utf-8")
    found: list[Block] = []
    step, number = 0, 0
    for piece in _PIECE.finditer(text):
        if piece["step"]:
            step, number = int(piece["step"]), 0
        else:
            number += 1
            found.append(Block(page, step, number, piece["language"], piece["text"]))
    return found
