"""What a base model accepts of a dataset file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from bedrock_lifecycle.contract.properties import BadProperty, Properties

# No tokenizer of the base models is public. Bedrock's user guide plans with six characters a token (page
# model-customization-prepare), which is the most that a record can be given: beyond it, the record is too long.
CHARACTERS_PER_TOKEN: Final = 6
# AWS's own validator for Claude 3 Haiku estimates with three characters a token (aws-samples/amazon-bedrock-samples).
CAUTIOUS_CHARACTERS_PER_TOKEN: Final = 3

# JSON may write one character as two escaped surrogates of six bytes each.
_BYTES_PER_CHARACTER: Final = 12
_BYTES_FOR_STRUCTURE: Final = 65_536
# Where no page bounds the tokens of a record, memory does.
_MOST_LINE_BYTES: Final = 8 * 1024 * 1024

DATA_FORMAT: Final = "DataFormat"
MIN_RECORDS: Final = "MinRecords"
MAX_RECORDS: Final = "MaxRecords"
MAX_TOKENS_PER_RECORD: Final = "MaxTokensPerRecord"
MAX_FILE_BYTES: Final = "MaxFileBytes"
RESERVED_WORDS: Final = "ReservedWords"
# Absent from templates that need them not, and from those of older versions.
RESERVED_WORD_ROLES: Final = "ReservedWordRoles"
SUSPECTED_WORDS: Final = "SuspectedWords"
TEXT_ONLY: Final = "TextOnly"
MAX_INPUT_TOKENS: Final = "MaxInputTokens"
MAX_OUTPUT_TOKENS: Final = "MaxOutputTokens"

EVERY_ROLE: Final = ("system", "user", "assistant")


class RecordFormat(StrEnum):
    """How a record is written down."""

    MESSAGES = "messages"
    """`system` and `content` are strings (Claude 3 Haiku)."""
    CONVERSE = "converse"
    """`system` and `content` are lists of text blocks (Nova, Llama 3.2 and later)."""
    PROMPT_COMPLETION = "prompt_completion"
    """`prompt` and `completion` are strings (Titan, Llama 3.1, Cohere)."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The bounds of one file, all of them inclusive.

    `reserved_words` are found wherever they stand in a text of one of the `reserved_word_roles`, in exactly this
    spelling; a prompt is the user's text and a completion the assistant's. `suspected_words` are warned of
    wherever they stand, in any letters. `max_input_tokens` bounds what is asked in a record, `max_output_tokens` its
    last answer; None is no bound of its own. `text_only` tells that the base model takes no images, videos, documents.
    """

    data_format: RecordFormat
    min_records: int
    max_records: int
    max_tokens_per_record: int
    max_file_bytes: int
    reserved_words: tuple[str, ...] = ()
    reserved_word_roles: tuple[str, ...] = EVERY_ROLE
    suspected_words: tuple[str, ...] = ()
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    text_only: bool = False

    def __post_init__(self) -> None:
        _at_least(MIN_RECORDS, self.min_records, 0)
        _at_least(MAX_RECORDS, self.max_records, max(self.min_records, 1))
        _at_least(MAX_TOKENS_PER_RECORD, self.max_tokens_per_record, 1)
        _at_least(MAX_FILE_BYTES, self.max_file_bytes, 1)
        _at_least(MAX_INPUT_TOKENS, self.max_input_tokens, 1)
        _at_least(MAX_OUTPUT_TOKENS, self.max_output_tokens, 1)
        for name, words in ((RESERVED_WORDS, self.reserved_words), (SUSPECTED_WORDS, self.suspected_words)):
            if "" in words:
                raise BadProperty(f"property {name}: an empty word is in every text; remove it")
        if not set(self.reserved_word_roles) <= set(EVERY_ROLE):
            raise BadProperty(f"property {RESERVED_WORD_ROLES}: must be some of {', '.join(EVERY_ROLE)}")

    @property
    def max_characters_per_record(self) -> int:
        return self.max_tokens_per_record * CHARACTERS_PER_TOKEN

    @property
    def max_line_bytes(self) -> int:
        """The longest line that is looked into, newline not counted.

        A record of the most characters fits, however it is escaped, so what bounds the memory refuses no good record;
        only where no page says how long a record may be, 8 MiB are the bound.
        """
        return min(self.max_characters_per_record * _BYTES_PER_CHARACTER + _BYTES_FOR_STRUCTURE, _MOST_LINE_BYTES)

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
            reserved_words=_words(RESERVED_WORDS, properties.text(RESERVED_WORDS)),
            reserved_word_roles=_roles(properties.optional_text(RESERVED_WORD_ROLES)),
            suspected_words=_words(SUSPECTED_WORDS, properties.optional_text(SUSPECTED_WORDS) or "[]"),
            max_input_tokens=_optional(properties, MAX_INPUT_TOKENS),
            max_output_tokens=_optional(properties, MAX_OUTPUT_TOKENS),
            text_only=properties.optional_text(TEXT_ONLY) == "true",
        )

    def to_properties(self) -> dict[str, str]:
        """Return what `from_properties` reads; what has its default is left out where that was always allowed."""
        properties = {
            DATA_FORMAT: self.data_format.value,
            MIN_RECORDS: str(self.min_records),
            MAX_RECORDS: str(self.max_records),
            MAX_TOKENS_PER_RECORD: str(self.max_tokens_per_record),
            MAX_FILE_BYTES: str(self.max_file_bytes),
            RESERVED_WORDS: json.dumps(self.reserved_words),
        }
        if self.reserved_word_roles != EVERY_ROLE:
            properties[RESERVED_WORD_ROLES] = json.dumps(self.reserved_word_roles)
        if self.suspected_words:
            properties[SUSPECTED_WORDS] = json.dumps(self.suspected_words)
        if self.text_only:
            properties[TEXT_ONLY] = "true"
        if self.max_input_tokens is not None:
            properties[MAX_INPUT_TOKENS] = str(self.max_input_tokens)
        if self.max_output_tokens is not None:
            properties[MAX_OUTPUT_TOKENS] = str(self.max_output_tokens)
        return properties


def _at_least(name: str, value: int | None, bound: int) -> None:
    if value is not None and value < bound:
        raise BadProperty(f"property {name}: must be at least {bound} (got {value})")


def _data_format(text: str) -> RecordFormat:
    try:
        return RecordFormat(text)
    except ValueError:
        allowed = " or ".join(RecordFormat)
        raise BadProperty(f"property {DATA_FORMAT}: must be {allowed} (got {text!r})") from None


def _optional(properties: Properties, name: str) -> int | None:
    return properties.integer(name) if name in properties else None


def _roles(text: str | None) -> tuple[str, ...]:
    return EVERY_ROLE if text is None else _words(RESERVED_WORD_ROLES, text)


def _words(name: str, text: str) -> tuple[str, ...]:
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadProperty(f"property {name}: must be a JSON list of strings")
    return tuple(words)
