"""Looks for reserved words in lines as they are written, without reading them as JSON.

Reserved words are the only rule that has to look at every byte of every text for something that is hardly ever there.
Python's own search for a few letters reads some 3 GB/s; the C library's `strstr` uses the widest registers that the
processor has, and was measured ten times as fast. Where there is none (Windows), Python's search does it.
"""

import ctypes
import json
from collections.abc import Callable
from typing import Final

from bedrock_lifecycle.dataset.rules.limits import Limits

Search = Callable[[bytes, bytes], bool]
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


def _find(haystack: bytes, needle: bytes) -> bool:
    return needle in haystack


def _strstr() -> Search:
    try:
        strstr = ctypes.CDLL(None).strstr
    except (AttributeError, OSError, TypeError):
        return _find
    strstr.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    strstr.restype = ctypes.c_void_p
    return lambda haystack, needle: strstr(haystack, needle) is not None


_SEARCH: Final = _strstr()


def holds_any(haystack: bytes, needles: tuple[bytes, ...], search: Search = _SEARCH) -> bool:
    """Tell whether one of the needles is in the haystack."""
    if b"\0" in haystack:  # where C takes a text to end
        search = _find
    return any(search(haystack, needle) for needle in needles)
