"""Checks a part of a file: certifies the lines that it can, and leaves the others to the rules."""

from collections.abc import Callable, Iterable

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE, Level
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.line_checker import WHITE_SPACE, LineChecker
from bedrock_lifecycle.dataset.rules.lines import Line
from bedrock_lifecycle.dataset.rules.texts import Characters, LengthRules, WordRules
from bedrock_tuning.data.checker.batches import Batch
from bedrock_tuning.data.checker.content import RecordContent, content_of
from bedrock_tuning.data.checker.counters import Counters
from bedrock_tuning.data.checker.fast_path import certifier
from bedrock_tuning.data.checker.local_file import Digest
from bedrock_tuning.data.checker.part import Part
from bedrock_tuning.data.checker.reserved_words import WordSearch


class PartCheck:
    """Checks the lines of a part in their order. `at_start` says whether the part starts the file."""

    def __init__(
        self, limits: Limits, survey: Counters | None, *, at_start: bool = True, digest: Digest | None = None
    ) -> None:
        self._checker = LineChecker(limits, at_start=at_start)
        self._part = Part(survey, self._checker.findings, shapes=self._checker.shapes)
        self._digest = digest
        self._lengths = LengthRules(limits)
        self._words = WordRules(limits)
        self._search = WordSearch(limits)
        self._certify = certifier(limits.data_format)
        self._is_suspicious = False

    def run(self, batches: Iterable[Batch], progress: Callable[[int], None] | None = None) -> Part:
        """Check lines that come in batches; tell `progress` after each how many bytes it had."""
        for batch in batches:
            self._is_suspicious = self._scan(batch)
            # By its first line a file can be none of lines.
            if batch.too_long or batch.rest or not self._part.lines or self._checker.is_other_kind:
                self._check_pieces(batch)
            else:
                self._check_lines(batch.pieces)
            if progress:
                progress(batch.bytes)
        self._part.records = self._checker.records
        self._part.characters = self._checker.characters
        self._part.is_other_kind = self._checker.is_other_kind
        return self._part

    def _scan(self, batch: Batch) -> bool:
        """Do what takes bytes without understanding them; tell whether a text may break a rule on reserved words."""
        if self._digest is None and not self._search.is_needed:
            return False
        data = b"".join(batch.pieces)
        if self._digest is not None:
            self._digest.update(data)
        return self._search.suspects(data)

    def _check_pieces(self, batch: Batch) -> None:
        for index, piece in enumerate(batch.pieces):
            if index in batch.rest:
                self._part.bytes += len(piece)
            else:
                too_long = index in batch.too_long
                self._check_line(piece, None if too_long else self._certify(piece), too_long=too_long)

    def _check_lines(self, lines: list[bytes]) -> None:
        # What nearly all lines take is written out: of a short record, calls would be a tenth of its time.
        certify, harmless, is_suspicious = self._certify, self._lengths.harmless_bytes, self._is_suspicious
        part, checker = self._part, self._checker
        see = part.survey.see if part.survey is not None else None
        for line in lines:
            content = certify(line)
            size = len(line)
            if content is None or is_suspicious or size > harmless:
                self._check_line(line, content)
                continue
            characters = sum(map(len, content.texts))
            checker.records += 1
            checker.characters += characters
            part.lines += 1
            if see is not None:
                see(part.lines, part.bytes, size - line.endswith(b"\n"), content, characters)
            part.bytes += size

    def _check_line(self, line: bytes, content: RecordContent | None, *, too_long: bool = False) -> None:
        """Check a line that is certified in its shape alone, or not at all."""
        if content and not self._checker.is_other_kind and self._is_sound(line, content):
            self._count_certified(line, content)
            return
        before = self._checker.characters
        record = self._checker.check(Line(self._part.lines + 1, line.removesuffix(b"\n"), too_long))
        content = None if record is None else content_of(record)
        self._count(line, content, self._checker.characters - before)

    def _count_certified(self, line: bytes, content: RecordContent) -> None:
        characters = sum(map(len, content.texts))
        self._checker.certified(characters)
        self._count(line, content, characters)

    def _count(self, line: bytes, content: RecordContent | None, characters: int) -> None:
        part = self._part
        part.lines += 1
        if content is not None and part.survey is not None:
            part.survey.see(part.lines, part.bytes, len(line) - line.endswith(b"\n"), content, characters)
        part.bytes += len(line)

    def _is_sound(self, line: bytes, content: RecordContent) -> bool:
        """Tell whether words and length break no rule but those of warnings, which are told."""
        if self._is_suspicious and self._holds_words(content):
            return False
        return len(line) <= self._lengths.harmless_bytes or self._is_short(line, content)

    def _holds_words(self, content: RecordContent) -> bool:
        return any(True for text in content.texts for _ in self._words.check("", "user", text))

    def _is_short(self, line: bytes, content: RecordContent) -> bool:
        output = sum(map(len, content.answer))
        characters = Characters(sum(map(len, content.texts)) - output, output)
        problems = list(self._lengths.check(characters, len(line.removesuffix(b"\n").strip(WHITE_SPACE))))
        if any(CATALOGUE[problem.rule].level is Level.ERROR for problem in problems):
            return False
        for problem in problems:
            self._checker.findings.add(self._part.lines + 1, *problem)
        return True
