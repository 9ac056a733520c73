"""The questions of a bake, checked as the function reads them that asks them."""

import hashlib
from pathlib import Path

from bedrock_lifecycle.contract import MAX_BAKE_BYTES
from bedrock_lifecycle.resources.questions import NotAQuestion, question
from tune.dataset.files import reading
from tune.dataset.reports.refused import DATA_REFUSED
from tune.dataset.upload.upload import FileToUpload
from tune.terminal.labels import name_of
from tune.terminal.problems import CannotBeDone


class QuestionsRefused(CannotBeDone):
    """A file has records that cannot be asked; the message has no word of them."""

    code = DATA_REFUSED


def checked_questions(path: Path, count: int) -> FileToUpload:
    """Return a file as it was when the first so many records were checked.

    Raises:
        QuestionsRefused: When one of them cannot be asked, or the file is too large.
        Unusable: When it cannot be read.
    """
    with reading(path) as file:
        if file.size > MAX_BAKE_BYTES:
            raise QuestionsRefused(f"{name_of(path)} has more than {MAX_BAKE_BYTES:,} bytes: name a smaller file")
        body = file.read(0, file.size)
    sha256 = hashlib.sha256(body).hexdigest()
    for number in range(count):
        try:
            question(body, sha256, number)
        except NotAQuestion as problem:
            raise QuestionsRefused(f"{name_of(path)} cannot be asked: {problem}") from None
    return FileToUpload(path, sha256, len(body))
