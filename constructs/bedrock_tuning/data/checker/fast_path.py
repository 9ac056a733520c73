"""Certifies good lines at the speed of reading; every other line is left to the rules."""

from collections.abc import Callable
from typing import Final

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.data.checker.content import RecordContent
from bedrock_tuning.data.checker.record_shapes import SHAPES

try:
    import simdjson
except ImportError:  # there is no wheel for this Python: everything works without it, only slower
    simdjson = None  # type: ignore[assignment]

IS_FAST: Final = simdjson is not None
"""Whether there is a fast path on this machine."""

Certify = Callable[[bytes], RecordContent | None]

# What simdjson and a record of another shape raise.
_UNSURE: Final = (ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError)
_LONGEST_LINE_BYTES: Final = 4 * 1024 * 1024


def certifier(data_format: RecordFormat) -> Certify:
    """Return a function that tells what a line says which breaks none of the rules of its format, or None.

    It reads UTF-8, JSON, shape, roles, their order and blank texts; reserved words and lengths it does not.
    """
    if simdjson is None:
        return lambda _: None
    shape = SHAPES[data_format]
    parse = simdjson.Parser().parse

    def certify(line: bytes) -> RecordContent | None:
        # simdjson skips a byte order mark, which JSON forbids; and its own memory grows with the line.
        if not line.startswith(b"{") or len(line) > _LONGEST_LINE_BYTES:
            return None
        try:
            return shape(parse(line))
        except _UNSURE:
            return None

    return certify
