"""What a base model accepts of a dataset file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from bedrock_lifecycle.engine.properties import BadProperty, Properties

# No tokenizer of the base models is public. Bedrock's user guide plans with six characters a token (page
# model-customization-prepare), which is the most that a record can be given: beyond it, the record is too long.
CHARACTERS_PER_TOKEN: Final = 6

# JSON may write one character as two escaped surrogates of six bytes each.
_BYTES_PER_CHARACTER: Final = 12
_BYTES_FOR_STRUCTURE: Final = 65_536

DATA_FORMAT: Final = "DataFormat"
MIN_RECORDS: Final = "MinRecords"
MAX_RECORDS: Final = "MaxRecords"
MAX_TOKENS_PER_RECORD: Final = "MaxTokensPerRecord"
MAX_FILE_BYTES: Final = "MaxFileBytes"
RESERVED_WORDS: Final = "ReservedWords"


class RecordFormat(StrEnum):
    """How a record is written down."""

    MESSAGES = "messages"
    """`system` and `content` are strings (Claude 3 Haiku)."""
    CONVERSE = "converse"
    """`system` and `content` are lists of text blocks (Nova)."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The bounds of one file, all of them inclusive.

    `reserved_words` are found wherever they stand in a text, in exactly this spelling.
    """

    data_format: RecordFormat
    min_records: int
    max_records: int
    max_tokens_per_record: int
    max_file_bytes: int
    reserved_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _at_least(MIN_RECORDS, self.min_records, 0)
        _at_least(MAX_RECORDS, self.max_records, max(self.min_records, 1))
        _at_least(MAX_TOKENS_PER_RECORD, self.max_tokens_per_record, 1)
        _at_least(MAX_FILE_BYTES, self.max_file_bytes, 1)
        if "" in self.reserved_words:
            raise BadProperty(f"property {RESERVED_WORDS}: an empty word is in every text, take it out")

    @property
    def max_characters_per_record(self) -> int:
        return self.max_tokens_per_record * CHARACTERS_PER_TOKEN

    @property
    def max_line_bytes(self) -> int:
        """The longest line that is looked into, newline not counted.

        A record of the most characters fits, however it is escaped, so what bounds the memory refuses no good record.
        """
        return self.max_characters_per_record * _BYTES_PER_CHARACTER + _BYTES_FOR_STRUCTURE

    @classmethod
    def from_properties(cls, raw: Mapping[str, Any]) -> Self:
        """Read the limits among the properties of a custom resource; `BadProperty` names what is wrong."""
        properties = Properties(raw)
        return cls(
            data_format=_data_format(properties.text(DATA_FORMAT)),
            min_records=properties.integer(MIN_RECORDS),
            max_records=properties.integer(MAX_RECORDS),
            max_tokens_per_record=properties.integer(MAX_TOKENS_PER_RECORD),
            max_file_bytes=properties.integer(MAX_FILE_BYTES),
            reserved_words=_words(properties.text(RESERVED_WORDS)),
        )

    def to_properties(self) -> dict[str, str]:
        """Return what `from_properties` reads."""
        return {
            DATA_FORMAT: self.data_format.value,
            MIN_RECORDS: str(self.min_records),
            MAX_RECORDS: str(self.max_records),
            MAX_TOKENS_PER_RECORD: str(self.max_tokens_per_record),
            MAX_FILE_BYTES: str(self.max_file_bytes),
            RESERVED_WORDS: json.dumps(self.reserved_words),
        }


def _at_least(name: str, value: int, bound: int) -> None:
    if value < bound:
        raise BadProperty(f"property {name}: expected at least {bound}, received {value}")


def _data_format(text: str) -> RecordFormat:
    try:
        return RecordFormat(text)
    except ValueError:
        allowed = " or ".join(RecordFormat)
        raise BadProperty(f"property {DATA_FORMAT}: expected {allowed}, received {text!r}") from None


def _words(text: str) -> tuple[str, ...]:
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadProperty(f"property {RESERVED_WORDS}: expected a JSON list of strings")
    return tuple(words)
