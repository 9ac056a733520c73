"""A model that is asked which of two answers is better."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

_TASK: Final = "compare"
_KEYS: Final = frozenset({"task", "rubric", "question", "reference", "answer_a", "answer_b"})
_WORD: Final = re.compile(r"\w+")


@dataclass
class Judge:
    """How a judge judges: `always` is the answer that it prefers by its position, `reply` what it says instead."""

    always: str | None = None
    reply: str | None = None

    def clear(self) -> None:
        """Judge by what the answers say."""
        self.always = self.reply = None

    def answer(self, prompt: str) -> str | None:
        """Return what it says to a request for a verdict, None to anything else."""
        asked = _request(prompt)
        if asked is None:
            return None
        return self.reply if self.reply is not None else json.dumps({"better": self.always or better(asked)})


def better(asked: dict[str, str]) -> str:
    """Return which answer shares more words with the reference: a, b, or neither."""
    a, b = (_overlap(asked[name], asked["reference"]) for name in ("answer_a", "answer_b"))
    return "neither" if a == b else "a" if a > b else "b"


def _request(prompt: str) -> dict[str, str] | None:
    if not prompt.lstrip().startswith("{"):
        return None
    try:
        asked: Any = json.loads(prompt)
    except ValueError:
        return None
    if not isinstance(asked, dict) or not asked.keys() >= _KEYS or asked["task"] != _TASK:
        return None
    return {name: asked[name] if isinstance(asked[name], str) else json.dumps(asked[name]) for name in _KEYS}


def _overlap(answer: str, reference: str) -> float:
    """Return the F1 of the words that both have."""
    ours, theirs = (Counter(_WORD.findall(text.casefold())) for text in (answer, reference))
    return 2 * (ours & theirs).total() / ((ours.total() + theirs.total()) or 1)
