"""What is asked of every text in a record, and of all of them together: reserved words and length."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.dataset.rules.findings import RecordProblem
from bedrock_lifecycle.dataset.rules.limits import CAUTIOUS_CHARACTERS_PER_TOKEN, CHARACTERS_PER_TOKEN, Limits

_REMEDY: Final = "use another word"


@dataclass
class Characters:
    """How long the texts of a record are: what is asked in it, and its last answer."""

    input: int = 0
    output: int = 0

    @property
    def record(self) -> int:
        return self.input + self.output


class LengthRules:
    """Tokens cannot be counted, so lengths are judged by two ratios: one that flatters a record, one that does not.

    The cautious one takes the bytes of the whole line for characters, so that scripts whose every character takes
    several tokens are not flattered, and so that it costs nothing to tell that a record is short enough.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        tokens = (limits.max_tokens_per_record, limits.max_input_tokens, limits.max_output_tokens)
        self.harmless_bytes: Final = min(most for most in tokens if most is not None) * CAUTIOUS_CHARACTERS_PER_TOKEN
        """A line of at most so many bytes has no problem."""

    def check(self, characters: Characters, line_bytes: int) -> Iterator[RecordProblem]:
        if line_bytes > self.harmless_bytes:
            limits = self._limits
            yield from _length("record", characters.record, line_bytes, limits.max_tokens_per_record)
            yield from _length("input", characters.input, characters.input, limits.max_input_tokens)
            yield from _length("output", characters.output, characters.output, limits.max_output_tokens)


def _length(part: str, characters: int, cautious: int, most: int | None) -> Iterator[RecordProblem]:
    if most is None:
        return
    if characters > most * CHARACTERS_PER_TOKEN:
        yield RecordProblem(
            "",
            f"{part}-length",
            f"{part} has {characters} characters: more than {most} tokens, the base model's limit, even at "
            f"{CHARACTERS_PER_TOKEN} characters a token, the most that Bedrock's user guide assumes",
        )
    elif cautious > most * CAUTIOUS_CHARACTERS_PER_TOKEN:
        unit = "bytes in its line" if part == "record" else "characters"
        yield RecordProblem(
            "",
            f"{part}-length-cautious",
            f"{part} has {cautious} {unit}, which may be more than {most} tokens, the base model's limit: AWS's own "
            f"validator counts {CAUTIOUS_CHARACTERS_PER_TOKEN} characters a token; real tokens cannot be counted here",
        )


class WordRules:
    """Reserved words, where a text holds them and where it nearly does."""

    def __init__(self, limits: Limits) -> None:
        self._roles = limits.reserved_word_roles
        # With its line break a word is exact: AWS's validator for it compares letter by letter.
        self._lines = [(word, word[1:]) for word in limits.reserved_words if word.startswith("\n")]
        # The spellings of one word are looked for at once.
        self._spellings: dict[bytes, list[str]] = {}
        for word in limits.reserved_words:
            if not word.startswith("\n"):
                self._spellings.setdefault(lower(word), []).append(word)
        self._suspected = [(lower(word), word) for word in limits.suspected_words]

    def check(self, path: str, role: str, text: str) -> Iterator[RecordProblem]:
        """Check a text in which every character is one."""
        for word, bare in self._lines:
            if word in text:
                yield self._holds(path, role, word)
            elif text.startswith(bare):
                yield RecordProblem(
                    path,
                    "reserved-word-start",
                    f"starts with {bare!r}: the base model reserves {word!r}, and what it means at the start of a text "
                    f"is not established; {_REMEDY}",
                )
        if self._spellings or self._suspected:
            yield from self._any_case(path, role, text, lower(text))

    def _any_case(self, path: str, role: str, text: str, in_lower_case: bytes) -> Iterator[RecordProblem]:
        for lower_word, spellings in self._spellings.items():
            if lower_word not in in_lower_case:
                continue
            exact = [word for word in spellings if word in text]
            for word in exact:
                yield self._holds(path, role, word)
            if in_lower_case.count(lower_word) > sum(text.count(word) for word in exact):
                yield RecordProblem(
                    path,
                    "reserved-word-case",
                    f"has {spellings[0]!r} in another case: the base model reserves it, and whether in any case is "
                    f"not established; AWS's own validator refuses it: {_REMEDY}",
                )
        for lower_word, word in self._suspected:
            if lower_word in in_lower_case:
                yield RecordProblem(
                    path,
                    "reserved-word-suspected",
                    f"has {word!r}, which AWS's own validators refuse and no page reserves: {_REMEDY}",
                )

    def _holds(self, path: str, role: str, word: str) -> RecordProblem:
        if role in self._roles:
            told = f"must not have {word!r}, which the base model reserves: {_REMEDY}"
            return RecordProblem(path, "reserved-word", told)
        return RecordProblem(
            path,
            "reserved-word-role",
            f"has {word!r}, which AWS's own validator refuses, though it may be reserved for "
            f"{' and '.join(self._roles)} only: {_REMEDY}",
        )


def lower(text: str) -> bytes:
    """Return the text in UTF-8 with the letters A to Z in lower case, and no others, as bytes can be compared."""
    return text.encode("utf-8", "surrogatepass").lower()
