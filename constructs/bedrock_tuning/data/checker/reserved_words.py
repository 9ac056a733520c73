"""Looks for reserved words in lines as they are written, without reading them as JSON."""

import json
from typing import Final

from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_tuning.data.checker.substrings import holds_any

_ESCAPES: Final = (b"\\u", b"\\/")


class WordSearch:
    """Tells of many lines at once that no text in them can break a rule on reserved words, or that one may.

    A word may be written with escapes. A line break always is, as `\\n`; what JSON lets anybody write in another way
    (`\\u0055ser:`, `\\/`) makes the lines suspicious as such.
    """

    def __init__(self, limits: Limits) -> None:
        words = (*limits.reserved_words, *limits.suspected_words)
        any_case = (*(word for word in limits.reserved_words if not word.startswith("\n")), *limits.suspected_words)
        # A slash needs the second of the escapes only where a word has one.
        escapes = _ESCAPES[: 1 + any("/" in word for word in words)] if words else ()
        # Of those that begin with a line break first the rest, which is hardly ever there; then where it is.
        lines = [_written(word[1:]) for word in limits.reserved_words if word.startswith("\n")]
        self._rare = (*escapes, *lines)
        self._exact = (*escapes, *(before + line for line in lines for before in (b"\\n", b'"')))
        # Of several spellings one is looked for.
        self._lower = tuple(dict.fromkeys(_written(word).lower() for word in any_case))

    @property
    def is_needed(self) -> bool:
        return bool(self._rare)

    def suspects(self, lines: bytes) -> bool:
        if holds_any(lines, self._rare) and holds_any(lines, self._exact):
            return True
        return bool(self._lower and holds_any(lines.lower(), self._lower))


def _written(word: str) -> bytes:
    return json.dumps(word, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
