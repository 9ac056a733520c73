"""Looks for reserved words in lines as they are written, without reading them as JSON."""

import json

from bedrock_lifecycle.dataset.limits import Limits
from bedrock_tuning.data_files.substrings import holds_any


class WordSearch:
    """Tells of many lines at once that no text in them can break a rule on reserved words, or that one may.

    A word may be written with escapes. A line break always is, as `\\n`; what JSON lets anybody write in another way
    (`\\u0055ser:`, `\\/`) makes the lines suspicious as such.
    """

    def __init__(self, limits: Limits) -> None:
        lines = [word for word in limits.reserved_words if word.startswith("\n")]
        others = [word for word in limits.reserved_words if not word.startswith("\n")]
        self._exact = tuple(_written(word) for word in lines) + tuple(b'"' + _written(word[1:]) for word in lines)
        self._lower = tuple(_written(word).lower() for word in others)
        if limits.reserved_words:
            self._exact += (b"\\u",)
        if any("/" in word for word in limits.reserved_words):
            self._exact += (b"\\/",)

    @property
    def is_needed(self) -> bool:
        return bool(self._exact or self._lower)

    def suspects(self, lines: bytes) -> bool:
        return holds_any(lines, self._exact) or bool(self._lower and holds_any(lines.lower(), self._lower))


def _written(word: str) -> bytes:
    return json.dumps(word, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
