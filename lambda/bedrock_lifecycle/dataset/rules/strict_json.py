"""JSON as its standard has it, read from hostile bytes without ever failing."""

import json
import re
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.findings import RecordProblem

_NOT_JSON: Final = "must be one JSON object on one line"
# No record is nested so deep, and Python's parser has no bound of its own that is the same everywhere.
MAX_DEPTH: Final = 64
_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class StrictReader:
    """Reads one line at a time. What Python's parser lets pass beyond the standard is a problem."""

    def __init__(self) -> None:
        self._problems: set[RecordProblem] = set()
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            # No rule reads a number, and converting a long one fails (digits) or takes for ever.
            parse_int=_no_number,
            parse_float=_no_number,
        )

    def read(self, line: bytes) -> tuple[Any, list[RecordProblem]]:
        """Return the value and what is wrong with the way it is written; the value is None if it cannot be read."""
        self._problems.clear()
        if is_too_deep(line):
            return None, [
                RecordProblem("", "json-nesting", f"is nested more than {MAX_DEPTH} levels deep: {_NOT_JSON}")
            ]
        try:
            value = self._decoder.decode(line.decode("utf-8"))
        # The parser's own messages quote what they read; only positions are taken from them.
        except UnicodeDecodeError as error:
            return None, [RecordProblem("", "utf-8", f"byte {error.start + 1} is not UTF-8: save the file as UTF-8")]
        except json.JSONDecodeError as error:
            return None, [RecordProblem("", "json", f"is not JSON at character {error.pos + 1}: {_NOT_JSON}")]
        return value, sorted(self._problems)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            self._problems.add(RecordProblem("", "duplicate-key", "an object has the same key twice: keep one of them"))
        return value

    def _constant(self, _: str) -> None:
        self._problems.add(RecordProblem("", "json-constant", "NaN and Infinity are not JSON: remove them"))


def is_too_deep(line: bytes) -> bool:
    """Tell whether brackets outside of texts are nested more than `MAX_DEPTH` levels deep."""
    if line.count(b"[") + line.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _BRACKETS.finditer(line):
        token = match[0]
        depth += (token in (b"[", b"{")) - (token in (b"]", b"}"))
        if depth > MAX_DEPTH:
            return True
    return False


def _no_number(_: str) -> int:
    return 0
