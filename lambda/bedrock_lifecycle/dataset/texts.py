"""What is asked of every text in a record, and of all of them together: reserved words, Unicode, length."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bedrock_lifecycle.dataset.findings import Problem
from bedrock_lifecycle.dataset.limits import CAUTIOUS_BYTES_PER_TOKEN, CHARACTERS_PER_TOKEN, Limits


@dataclass
class Size:
    """How long texts are: in characters, and in bytes of UTF-8."""

    characters: int = 0
    bytes: int = 0

    def add(self, text: str) -> None:
        self.characters += len(text)
        self.bytes += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


@dataclass
class Sizes:
    """The size of a record: what is asked in it, and its last answer."""

    input: Size = field(default_factory=Size)
    output: Size = field(default_factory=Size)

    @property
    def record(self) -> Size:
        return Size(self.input.characters + self.output.characters, self.input.bytes + self.output.bytes)


class LengthRules:
    """Tokens cannot be counted, so lengths are judged by two ratios: one that flatters a record, one that does not."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def check(self, sizes: Sizes) -> Iterator[Problem]:
        yield from _length("record", sizes.record, self._limits.max_tokens_per_record)
        yield from _length("input", sizes.input, self._limits.max_input_tokens)
        yield from _length("output", sizes.output, self._limits.max_output_tokens)


def _length(part: str, size: Size, most: int | None) -> Iterator[Problem]:
    if most is None:
        return
    if size.characters > most * CHARACTERS_PER_TOKEN:
        yield Problem(
            "",
            f"{part}-length",
            f"{part} has {size.characters} characters: more than {most} tokens, the base model's limit, even at "
            f"{CHARACTERS_PER_TOKEN} characters a token, the most that Bedrock plans with",
        )
    elif size.bytes > most * CAUTIOUS_BYTES_PER_TOKEN:
        yield Problem(
            "",
            f"{part}-length-cautious",
            f"{part} has {size.bytes} bytes of text, which may be more than {most} tokens, the base model's limit: "
            f"AWS's own validator counts {CAUTIOUS_BYTES_PER_TOKEN} characters a token; real tokens cannot be counted "
            "here",
        )


class WordRules:
    """Reserved words, where a text holds them and where it nearly does; and characters that are none."""

    def __init__(self, limits: Limits) -> None:
        self._roles = limits.reserved_word_roles
        self._words = [(word, word.removeprefix("\n"), word.encode().lower()) for word in limits.reserved_words]

    def check(self, path: str, role: str, text: str) -> Iterator[Problem]:
        try:
            lower = text.encode().lower()
        except UnicodeEncodeError:
            yield Problem(path, "unicode", "holds half of a surrogate pair (\\ud800 to \\udfff), which is no character")
            lower = text.encode("utf-8", "surrogatepass").lower()
        for word, bare, lower_word in self._words:
            if word in text:
                yield self._holds(path, role, word)
            elif bare != word:
                # With its line break the word is exact: AWS's validator for it compares letter by letter.
                if text.startswith(bare):
                    yield Problem(
                        path,
                        "reserved-word-start",
                        f"starts with {bare!r}: the base model reserves {word!r}, and what becomes of it at the start "
                        "of a text is not established",
                    )
            elif lower_word in lower:
                yield Problem(
                    path,
                    "reserved-word-case",
                    f"holds {word!r} in other letters: the base model reserves it, and whether in any letters is not "
                    "established; AWS's own validator refuses it",
                )

    def _holds(self, path: str, role: str, word: str) -> Problem:
        if role in self._roles:
            return Problem(path, "reserved-word", f"must not hold {word!r}, which the base model reserves")
        return Problem(
            path,
            "reserved-word-role",
            f"holds {word!r}, which is reserved in texts of {' and '.join(self._roles)}: what becomes of it in others "
            "is not established; AWS's own validator refuses it",
        )
