"""Writes data files for measurements: conversations of made-up words, the same ones every time."""

import json
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

_SYLLABLES: Final = (
    "an",
    "be",
    "con",
    "de",
    "er",
    "for",
    "in",
    "lo",
    "men",
    "no",
    "or",
    "pre",
    "re",
    "sta",
    "the",
    "un",
)
_WORDS: Final = (*_SYLLABLES, *map("".join, product(_SYLLABLES, repeat=2)))
_FOREIGN: Final = ("café", "Zürich", "naïve", "São", "東京", "Größe", "“so”")
_POOL_CHARACTERS: Final = 4_000_000


def write(path: Path, records: int, size: int) -> None:
    """Write about `size` bytes: `records` good records in the messages format, all different."""
    chance = random.Random(size)  # noqa: S311 - nothing to guess here
    plain, foreign = (" ".join(_sentences(chance, others)) for others in ((), _FOREIGN))
    with path.open("w", encoding="utf-8") as file:
        for _ in range(records):
            pool = foreign if chance.random() < 0.25 else plain
            length = int(size / records * chance.uniform(0.6, 1.4))
            file.write(json.dumps(_record(chance, pool, length), ensure_ascii=False) + "\n")


def _record(chance: random.Random, pool: str, length: int) -> dict[str, Any]:
    """Return one to three turns; a twentieth of the length is the system prompt, which one in ten does without."""
    pairs = chance.choice((1, 1, 1, 2, 3))
    messages = [
        {"role": role, "content": _cut(chance, pool, int(length * share / pairs))}
        for _ in range(pairs)
        for role, share in (("user", 0.7), ("assistant", 0.25))
    ]
    system = {"system": _cut(chance, pool, length // 20)} if chance.random() < 0.9 else {}
    return {**system, "messages": messages}


def _cut(chance: random.Random, pool: str, length: int) -> str:
    pieces = []
    while length > 0:
        start = chance.randrange(len(pool) - 1000)
        pieces.append(pool[start : start + length])
        length -= len(pieces[-1])
    return "".join(pieces).strip() or "yes"


def _sentences(chance: random.Random, others: tuple[str, ...]) -> Iterator[str]:
    """Yield some four million characters of sentences; a twentieth of them has one of the other words."""
    written = 0
    while written < _POOL_CHARACTERS:
        words = chance.choices(_WORDS, k=chance.randint(5, 18))
        if others and chance.random() < 0.05:
            words[0] = chance.choice(others)
        if chance.random() < 0.03:
            words[-1] = f'"{words[-1]}"'
        sentence = " ".join(words).capitalize() + chance.choice((".", ".", ".", "?", ".\n", ":\n-"))
        written += len(sentence) + 1
        yield sentence
