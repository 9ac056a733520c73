"""How an error message shows a value and proposes a name: always on one line, never at any length."""

import datetime as dt
import difflib
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

_MAX_SHOWN_LENGTH: Final = 60
_MAX_SHOWN_BITS: Final = 128  # Python refuses to print integers of more than 4300 digits


def shown(value: object) -> str:
    """Return a value as a reader of a settings file would write it, shortened to 60 characters."""
    text = _text_of(value)
    return text if len(text) <= _MAX_SHOWN_LENGTH else text[: _MAX_SHOWN_LENGTH - 3] + "..."


def suggestion(name: object, *, known: Collection[str], otherwise: str) -> str:
    """Return what to do about an unknown name: the closest of the known ones, or `otherwise`."""
    wanted = str(name)[:_MAX_SHOWN_LENGTH].casefold() if isinstance(name, str) else ""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(wanted, folded, n=1)
    return f"did you mean {folded[close[0]]}?" if close else otherwise


def _text_of(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # Cut before quoting: the quoted form escapes whatever would break the line.
            return repr(str(value)[:_MAX_SHOWN_LENGTH])
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
