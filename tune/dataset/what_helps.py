"""The command that helps with a file in another shape than is wanted: the rules know the shape, and no command."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Final

from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.dataset.rules.foreign_shapes import Shape, describe
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tune.terminal.labels import name_of

# The command that a message names.
CONVERT: Final = "python -m tune dataset convert"


def described(path: Path, shape: Shape, wanted: RecordFormat) -> str:
    """Return what to say of a file of a shape where a format is wanted, with the command that helps."""
    return describe(shape, wanted, shlex.quote(name_of(path)), convert=CONVERT)


def with_what_helps(report: FileFindings, path: Path, wanted: RecordFormat) -> FileFindings:
    """Return a report of a file whose finding about its shape names the command that helps, if one does."""
    told = {describe(shape, wanted): described(path, shape, wanted) for shape in Shape}
    findings = (
        replace(each, message=told.get(each.message, each.message)) if each.rule == "other-shape" else each
        for each in report.findings
    )
    return replace(report, findings=tuple(findings))
