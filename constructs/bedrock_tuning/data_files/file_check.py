"""Checks one open file: certifies what it can, and leaves the rest to the rules."""

import hashlib
from collections.abc import Callable, Iterable

from bedrock_lifecycle.dataset.catalogue import CATALOGUE, Level
from bedrock_lifecycle.dataset.limits import Limits
from bedrock_lifecycle.dataset.line_checker import WHITE_SPACE, LineChecker
from bedrock_lifecycle.dataset.lines import Line
from bedrock_lifecycle.dataset.texts import Characters, LengthRules, WordRules
from bedrock_tuning.data_files.batches import Batch
from bedrock_tuning.data_files.content import Content, content_of
from bedrock_tuning.data_files.fast_path import certifier
from bedrock_tuning.data_files.survey import Survey
from bedrock_tuning.data_files.words import WordSearch


class FileCheck:
    """The score of one file, and a survey of every record without an error."""

    def __init__(self, limits: Limits, survey: Survey | None = None, *, digest: bool = True) -> None:
        self.checker = LineChecker(limits)
        self.bytes = 0
        self._limits = limits
        self._survey = survey
        self._digest = hashlib.sha256() if digest else None
        self._lengths = LengthRules(limits)
        self._words = WordRules(limits)
        self._search = WordSearch(limits)
        self._certify = certifier(limits.data_format)
        self._line = 0

    @property
    def sha256(self) -> str:
        """The digest of what was checked, or nothing when none was asked for."""
        return self._digest.hexdigest() if self._digest else ""

    def run(self, batches: Iterable[Batch], progress: Callable[[int], None] | None = None) -> None:
        """Check the file, which comes in batches of lines, to its end."""
        for batch in batches:
            self._check(batch)
            if progress:
                progress(self.bytes)
        self.checker.finish(self.bytes)

    def _check(self, batch: Batch) -> None:
        words = self._scan(batch)
        for index, piece in enumerate(batch.pieces):
            if not batch.rest or index not in batch.rest:
                self._line += 1
                self._check_line(piece, too_long=index in batch.too_long, words=words)
            self.bytes += len(piece)

    def _scan(self, batch: Batch) -> bool:
        """Do what takes bytes without understanding them; tell whether a text may break a rule on reserved words."""
        if not self._digest and not self._search.is_needed:
            return False
        data = b"".join(batch.pieces)
        if self._digest:
            self._digest.update(data)
        return self._search.suspects(data)

    def _check_line(self, piece: bytes, *, too_long: bool, words: bool) -> None:
        leave = too_long or self.checker.is_other_kind
        content = None if leave else self._certified(piece, words=words)
        if content is None:
            record = self.checker.check(Line(self._line, piece.removesuffix(b"\n"), too_long))
            content = None if record is None else content_of(record)
        if content is not None and self._survey:
            self._survey.see(self._line, self.bytes, len(piece) - piece.endswith(b"\n"), content)

    def _certified(self, piece: bytes, *, words: bool) -> Content | None:
        content = self._certify(piece)
        if content is None or (words and self._holds_words(content)):
            return None
        if len(piece) > self._lengths.harmless_bytes and not self._measure(piece, content):
            return None
        self.checker.certified(content.characters)
        return content

    def _holds_words(self, content: Content) -> bool:
        return any(True for text in content.texts for _ in self._words.check("", "user", text))

    def _measure(self, piece: bytes, content: Content) -> bool:
        """Tell the warnings about a record's length; return False when there is an error, which the rules will tell."""
        output = sum(map(len, content.answer))
        characters = Characters(content.characters - output, output)
        problems = list(self._lengths.check(characters, len(piece.removesuffix(b"\n").strip(WHITE_SPACE))))
        if any(CATALOGUE[problem.rule].level is Level.ERROR for problem in problems):
            return False
        for problem in problems:
            self.checker.findings.add(self._line, *problem)
        return True
