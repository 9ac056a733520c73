"""Data that is not accepted, and the report that tells why."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console

from tune.dataset.reports import text
from tune.dataset.reports.checked import CheckedFile
from tune.terminal.problems import CannotBeDone

DATA_REFUSED: Final = 1


class DataRefused(CannotBeDone):
    """Files have records that break the rules."""

    code = DATA_REFUSED

    def __init__(self, files: Sequence[CheckedFile]) -> None:
        super().__init__(", ".join(file.name for file in files))
        self.files = files

    def tell(self) -> None:
        text.show(self.files, Console(stderr=True))
