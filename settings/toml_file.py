"""Reads one TOML file; whatever prevents that is reported with the line."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from bedrock_tuning.common.messages import shown
from settings.problems import SettingsError, SettingsProblem

Document = Mapping[str, object]
"""What a file holds, or one of its tables, not checked yet."""

_BARE: Final = re.compile(r"""\s*(?P<key>[A-Za-z0-9_.-]+)\s*=\s*[^\s"'\[{]""")


def label(path: Path) -> str:
    """Return the path as a message shows it: relative to the working directory where that is shorter."""
    absolute = path.absolute()
    text = str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else path)
    return text if text.isprintable() else shown(text)


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds, decimals exact; raise SettingsError with file and line otherwise."""
    text = _read_text(path)
    try:
        return tomllib.loads(text, parse_float=_exact)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).removesuffix(")").rpartition(" (at ")
        if where == "end of document":
            where = f"line {_line_count(text)}"
        advice = f"correct the line{_quotes(text, where)}"
        raise _refused(path, where, f"is not valid TOML 1.0 ({what}); {advice}") from None
    except (RecursionError, ValueError):  # lists in lists without end, integers without end
        why = "has a value that is too large to read; shorten the value"
        raise _refused(path, "file", why) from None


def table(document: Document, key: str) -> Document:
    """Return a table of a document; what is no table has nothing in it."""
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        why = "must be TOML in UTF-8; save the file in that encoding"
        raise _refused(path, f"line {line}", why) from None
    except OSError as error:
        why = f"cannot be read ({error.strerror}); correct the name or the permissions of the file"
        raise _refused(path, "file", why) from None


def _quotes(text: str, where: str) -> str:
    """Return the advice for a line whose value lacks quotes, which is the usual slip; else nothing."""
    number = int(where.split(",")[0].removeprefix("line "))
    bare = _BARE.match(text.split("\n")[number - 1])
    return f': text needs quotes, and so do the digits of an account: {bare["key"]} = "…"' if bare else ""


def _line_count(text: str) -> int:
    return text.rstrip().count("\n") + 1


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what a Decimal can hold: no field takes it
        return Decimal("Infinity")


def _refused(path: Path, place: str, message: str) -> SettingsError:
    return SettingsError([SettingsProblem(file=label(path), place=place, message=message)])
