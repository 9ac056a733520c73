"""The conversations of a file of another shape, one by one; nothing wrong gets through."""

from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NoReturn

from bedrock_lifecycle.dataset.rules.findings import FileFinding, FileFindings, Findings
from bedrock_lifecycle.dataset.rules.foreign_shapes import OWN, Shape
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_lifecycle.dataset.rules.strict_json import StrictReader
from tune.dataset.columns import ColumnNames
from tune.dataset.conversion import RecordConversation
from tune.dataset.files import Unusable, lines_of
from tune.dataset.formats import recognised
from tune.dataset.progress import Advance
from tune.dataset.readers import READERS, Reader, ReadingRules, named_texts
from tune.dataset.records import records, wide_limits
from tune.dataset.reports.checked import CheckedFile
from tune.dataset.reports.refused import DataRefused
from tune.dataset.tables import SUFFIXES, rows
from tune.dataset.what_helps import described
from tune.terminal.labels import name_of

# A question and its answer; how many and how long records may be is the check's business.
_NO_COLUMNS: Final = frozenset({"messages", "conversations"})
_LIMITS: Final = wide_limits(RecordFormat.MESSAGES)


def conversations(path: Path, to: RecordFormat, columns: ColumnNames, advance: Advance) -> Iterator[RecordConversation]:
    """Yield what the records of a file say, which is to be written in a format of conversations.

    Args:
        path: The file: pairs, strings, chat messages, ShareGPT, named texts, or a table; its first lines tell.
        to: The format that it is converted to.
        columns: Names of texts. Given, they are looked for in the file, whatever its shape.
        advance: Is told of the bytes that are done.

    Raises:
        DataRefused: After the last record, when there were others: whoever writes must keep nothing before that.
        Unusable: When the file cannot be read to its end, or is in the wanted format already.
    """
    shape = Shape.TABLE if path.suffix.lower() in SUFFIXES else recognised(path)
    if shape is Shape.TABLE:
        yield from _of_table(path, columns, advance)
        return
    keys = _keys(path)
    if columns.are_given or shape is Shape.COLUMNS or (shape is None and keys.isdisjoint(_NO_COLUMNS) and keys):
        read = named_texts(columns.among(keys, name_of(path)))
    elif shape is not None and OWN.get(shape) is to:
        raise Unusable(f"{name_of(path)} is in the {to} format already: there is nothing to convert")
    elif shape is not None and shape not in READERS:
        _refuse(path, shape, to)
    else:
        read = READERS[shape or _nearest(keys)]
    yield from _of_lines(path, read, advance)


def _of_lines(path: Path, read: Reader, advance: Advance) -> Iterator[RecordConversation]:
    rules = ReadingRules(_LIMITS, read)
    for _ in records(path, _LIMITS, advance, rules=rules):
        yield rules.conversation


def _of_table(path: Path, columns: ColumnNames, advance: Advance) -> Iterator[RecordConversation]:
    rules: ReadingRules | None = None
    findings, count = Findings(), 0
    for line, cells in rows(path, advance):
        count += 1
        if cells is None:
            told = "must have as many cells as the first line: put cells that hold the separator in quotes"
            findings.add(line, "", "record", told)
            continue
        if rules is None:
            rules = ReadingRules(_LIMITS, named_texts(columns.among(cells.keys(), name_of(path))))
        problems = list(rules.check(cells, 0))
        for problem in problems:
            findings.add(line, *problem)
        if not problems:
            yield rules.conversation
    if not count:
        findings.add(0, "", "record-count", "has 0 records: must have one or more below the names of the columns")
    if findings.error_count:
        report = FileFindings(findings.kept, findings.counts, count, path.stat().st_size, "", 0)
        raise DataRefused([CheckedFile(path, report)])


def _refuse(path: Path, shape: Shape, to: RecordFormat) -> NoReturn:
    finding = FileFinding(0, "", "other-shape", described(path, shape, to))
    raise DataRefused([CheckedFile(path, FileFindings((finding,), {finding.rule: 1}, 0, path.stat().st_size, "", 0))])


def _nearest(keys: Collection[str]) -> Shape:
    """Return as what a record of no known shape is read, which tells what is wrong with it."""
    if "messages" in keys:
        return Shape.OPENAI_CHAT
    return Shape.SHAREGPT if "conversations" in keys else Shape.PAIRS


def _keys(path: Path) -> frozenset[str]:
    """Return the keys of the first record; none when it is no object, which is told when it is read."""
    with closing(lines_of(path, _LIMITS.max_line_bytes)) as lines:
        first = next(lines, None)
    value, _ = StrictReader().read(first.data) if first else (None, [])
    return frozenset(value) if isinstance(value, dict) else frozenset()
