"""What shape a file is in, by its first lines; and what to do when a base model takes another."""

from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from bedrock_lifecycle.dataset.rules.foreign_shapes import OWN, Shape, shape_of, shape_of_text
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_lifecycle.dataset.rules.strict_json import StrictReader
from tune.dataset.files import lines_of
from tune.dataset.records import wide_limits
from tune.dataset.subject import Rules
from tune.dataset.what_helps import described
from tune.terminal.labels import name_of

_BOM: Final = b"\xef\xbb\xbf"


def format_of(path: Path, otherwise: RecordFormat = RecordFormat.CONVERSE) -> RecordFormat:
    """Tell the format of a file by its first record; what looks like none is taken for `otherwise`."""
    shape = recognised(path)
    return OWN.get(shape, otherwise) if shape else otherwise


def other_format(path: Path, rules: Rules) -> str | None:
    """Return what to do with a file that is in another shape than a base model takes; None where it is not."""
    shape, wanted = recognised(path), rules.record_format
    if shape is None or OWN.get(shape) is wanted:
        return None
    return f"{name_of(path)} {described(path, shape, wanted)}"


def recognised(path: Path) -> Shape | None:
    """Return the shape of a file by its first lines; None when it has none that is known."""
    with closing(lines_of(path, wide_limits(RecordFormat.MESSAGES).max_line_bytes)) as lines:
        first, second = (*(line.data for line in islice(lines, 2)), b"", b"")[:2]
    first = first.removeprefix(_BOM)
    value, _ = StrictReader().read(first)
    if isinstance(value, dict):
        return _with_version(value, shape_of(value))
    return shape_of_text(first, second)


def _with_version(record: dict[str, object], shape: Shape | None) -> Shape | None:
    """Take what has the version of the Converse format for that, however wrong it is otherwise."""
    return Shape.BLOCKS if shape is None and "schemaVersion" in record else shape
