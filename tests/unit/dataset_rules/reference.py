"""A second opinion on whether a file is accepted: another JSON parser, pydantic for the shapes, whole files in memory.

It shares no code with the rules but the limits' names, and it tells no more than yes or no.
"""

import functools
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from tests.unit.dataset_rules.reference_json import NotJsonError, parse

_OTHER_KINDS: Final = (b"version https://git-lfs.github.com/", b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"PK\x03\x04")


def _of_characters(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError
    return text


def _not_blank(text: str) -> str:
    if text.strip() == "":
        raise ValueError
    return text


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


Text = Annotated[str, AfterValidator(_of_characters)]
Said = Annotated[Text, AfterValidator(_not_blank)]


class Block(Strict):
    text: Said


class Message(Strict):
    role: Literal["user", "assistant"]
    content: Said | Annotated[list[Block], Field(min_length=1)]


class Conversation(Strict):
    messages: Annotated[list[Message], Field(min_length=2)]

    @model_validator(mode="after")
    def _turns(self) -> "Conversation":
        for index, message in enumerate(self.messages):
            if message.role != ("user" if index % 2 == 0 else "assistant"):
                raise ValueError
        if len(self.messages) % 2 != 0:
            raise ValueError
        return self


class ClaudeMessage(Message):
    content: Said


class ClaudeRecord(Conversation):
    system: Text = ""
    messages: Annotated[list[ClaudeMessage], Field(min_length=2)]  # type: ignore[assignment]


_OTHER_BLOCKS: Final = ("image", "video", "document", "reasoningContent", "toolUse", "toolResult")


class OpenBlock(Block):
    """May hold other keys than text, but not what is no text."""

    model_config = ConfigDict(strict=True, extra="allow")

    @model_validator(mode="after")
    def _is_text_alone(self) -> "OpenBlock":
        if any(key in _OTHER_BLOCKS for key in self.model_extra or {}):
            raise ValueError
        return self


class ConverseMessage(Message):
    model_config = ConfigDict(strict=True, extra="ignore")
    content: Annotated[list[OpenBlock], Field(min_length=1)]  # type: ignore[assignment]


class ConverseRecord(Conversation):
    model_config = ConfigDict(strict=True, extra="ignore")
    schemaVersion: str = ""  # noqa: N815 - the service's name
    system: list[OpenBlock] = []
    messages: Annotated[list[ConverseMessage], Field(min_length=2)]  # type: ignore[assignment]


class PromptRecord(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    prompt: Text
    completion: Text


_MODELS: Final[dict[RecordFormat, type[BaseModel]]] = {
    RecordFormat.MESSAGES: ClaudeRecord,
    RecordFormat.CONVERSE: ConverseRecord,
    RecordFormat.PROMPT_COMPLETION: PromptRecord,
}


def accepts(data: bytes, limits: Limits) -> bool:
    """Tell whether a file keeps the limits."""
    if len(data) > limits.max_file_bytes or data.startswith(_OTHER_KINDS):
        return False
    lines = _lines(data)
    if not limits.min_records <= len(lines) <= limits.max_records:
        return False
    return None not in (_texts_of(line, limits) for line in lines)


def said(data: bytes, limits: Limits) -> list[list[tuple[str, str]]]:
    """Return what each of the records says that are good in themselves, whatever the file is."""
    if data.startswith(_OTHER_KINDS):
        return []
    return [texts for line in _lines(data) if (texts := _texts_of(line, limits)) is not None]


def question(content: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what is asked in what `said` returned of a record."""
    return [(role, text) for role, text in content if role != "answer"]


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


@functools.lru_cache(maxsize=256)
def _texts_of(line: bytes, limits: Limits) -> list[tuple[str, str]] | None:
    if len(line) > limits.max_line_bytes:
        return None
    try:
        record = parse(line.decode("utf-8"))
        _MODELS[limits.data_format].model_validate(record)
    except (UnicodeDecodeError, NotJsonError, ValidationError):
        return None
    texts = _texts(record)
    return texts if _is_short(texts, limits) and not any(_holds_word(*each, limits) for each in texts) else None


def _texts(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Return every text with the role that says it; the last one is the answer's, or several of its blocks."""
    if "prompt" in record:
        return [("user", record["prompt"]), ("answer", record["completion"])]
    texts = [("system", text) for text in _flat(record.get("system", []))]
    for message in record["messages"]:
        role = "answer" if message is record["messages"][-1] else message["role"]
        texts += [(role, text) for text in _flat(message["content"])]
    return texts


def _flat(content: Any) -> list[str]:
    return [content] if isinstance(content, str) else [block["text"] for block in content]


def _is_short(texts: list[tuple[str, str]], limits: Limits) -> bool:
    answer = sum(len(text) for role, text in texts if role == "answer")
    asked = sum(len(text) for role, text in texts if role != "answer")
    return (
        answer + asked <= 6 * limits.max_tokens_per_record
        and (limits.max_input_tokens is None or asked <= 6 * limits.max_input_tokens)
        and (limits.max_output_tokens is None or answer <= 6 * limits.max_output_tokens)
    )


def _holds_word(role: str, text: str, limits: Limits) -> bool:
    named = "assistant" if role == "answer" else role
    return named in limits.reserved_word_roles and any(word in text for word in limits.reserved_words)
