"""How an error message shows a value and proposes a name: always on one line, never at any length."""

import datetime as dt
import difflib
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

_MAX_SHOWN_LENGTH: Final = 60
_CUT: Final = "..."
_MAX_SHOWN_BITS: Final = 128  # Python refuses to print integers of more than 4300 digits


def shown(value: object, *, longest: int = _MAX_SHOWN_LENGTH) -> str:
    """Return a value as a reader of a settings file would write it, shortened in its middle where it is longer."""
    text = _text_of(value)
    if len(text) <= longest:
        return text
    end = (longest - len(_CUT)) // 2
    return text[: longest - len(_CUT) - end] + _CUT + text[-end:]


def suggestion(name: object, *, known: Collection[str], otherwise: str) -> str:
    """Return what to do about an unknown name: the closest of the known ones, or `otherwise`."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near else otherwise


def nearest(name: object, known: Collection[str]) -> str | None:
    """Return the known name that is meant: the longest that the name begins with, or else the one most like it."""
    wanted = str(name)[:_MAX_SHOWN_LENGTH].casefold() if isinstance(name, str) else ""
    folded = {candidate.casefold(): candidate for candidate in known}
    begun = [candidate for candidate in folded if wanted.startswith(candidate)]
    found = [max(begun, key=len)] if begun else difflib.get_close_matches(wanted, folded, n=1)
    return folded[found[0]] if found else None


def _text_of(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # The quoted form escapes whatever would break the line.
            return repr(str(value))
        case int() if value.bit_length() > _MAX_SHOWN_BITS:
            return "an integer of more than 38 digits"
        case int() | float() | Decimal() | dt.date() | dt.time():
            return str(value)
        case Mapping():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return f"a value of type {type(value).__name__}"
