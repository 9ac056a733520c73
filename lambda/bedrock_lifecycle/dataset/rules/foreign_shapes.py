"""Files of another shape than a base model takes, recognised by name: one finding says what they are and what helps."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.limits import RecordFormat

# Keys of a record, and columns of a table, that hold what is asked and what is answered; the first of them counts.
PROMPT_COLUMNS: Final = ("prompt", "instruction", "question", "query", "input")
COMPLETION_COLUMNS: Final = ("completion", "output", "response", "answer")

_CELL: Final = re.compile(r'\s*"?\s*[A-Za-z_][A-Za-z0-9_ .()/-]{0,63}"?\s*')
_QUOTED: Final = re.compile(r'\s*"[^"\\]*"\s*')
_HEADINGS: Final = frozenset(
    [
        *PROMPT_COLUMNS,
        *COMPLETION_COLUMNS,
        *("system", "context", "text", "label", "message", "user", "assistant", "source", "target", "content"),
        *("summary", "category", "intent", "utterance", "title", "id"),
    ]
)
# A record alone is told what is wrong with it.
_FEWEST: Final = 2
_LINES: Final = 2
_BEGINNING_BYTES: Final = 4096
_BLOCKS: Final = frozenset({"text", "document", "image", "reasoningContent", "toolResult", "toolUse", "video"})
_OTHER_TURNS: Final = frozenset({"system", "developer", "tool", "function"})


class Shape(StrEnum):
    """What data can look like; the first three are formats that some base model takes."""

    PAIRS = "prompts and completions"
    STRINGS = "conversations of strings (messages)"
    BLOCKS = "conversations of blocks (converse)"
    OPENAI_CHAT = "OpenAI chat messages, with the system prompt or other roles as turns"
    SHAREGPT = "ShareGPT conversations (from, value)"
    COLUMNS = "named texts such as instruction, input and output"
    PREFERENCE = "preference pairs"
    PREFERENCE_TEXTS = "preference pairs of texts (prompt, chosen, rejected)"
    REINFORCEMENT = "prompts with a reference answer, for reinforcement fine-tuning"
    PROMPTS = "prompts without answers, for distillation"
    TEXTS = "only texts, for pre-training"
    ARRAY = "one JSON array"
    INDENTED = "JSON over several lines"
    TABLE = "a table (CSV)"


OWN: Final = {
    Shape.PAIRS: RecordFormat.PROMPT_COMPLETION,
    Shape.STRINGS: RecordFormat.MESSAGES,
    Shape.BLOCKS: RecordFormat.CONVERSE,
}
_WORDS: Final = {data_format: shape for shape, data_format in OWN.items()}
_CONVERTIBLE: Final = (
    *(
        Shape.PAIRS,
        Shape.STRINGS,
        Shape.OPENAI_CHAT,
        Shape.SHAREGPT,
        Shape.COLUMNS,
        Shape.TABLE,
        Shape.PREFERENCE_TEXTS,
    ),
)


def describe(shape: Shape, wanted: RecordFormat, source: str = "SOURCE", *, convert: str = "") -> str:
    """Return what to say of a file of a shape where a format is wanted, and what helps."""
    told = f"must have {_WORDS[wanted]} (got {shape})"
    return f"{told}{_why(shape)}: {remedy(shape, wanted, source, convert=convert)}"


def remedy(shape: Shape, wanted: RecordFormat, source: str = "SOURCE", *, convert: str = "") -> str:
    """Return what helps with a file of a shape where a format is wanted; `convert` is a command that converts some."""
    match shape:
        case Shape.ARRAY:
            return f"write one record per line, for example with jq -c '.[]' {source} > NEW"
        case Shape.INDENTED:
            return f"write one record per line, for example with jq -c . {source} > NEW"
        case Shape.REINFORCEMENT | Shape.PROMPTS | Shape.TEXTS:
            return "write the question and the answer to learn into each record"
        case Shape.PREFERENCE:
            return "write a conversation with the chosen answer into each record"
    if not convert or wanted is RecordFormat.PROMPT_COMPLETION or shape not in _CONVERTIBLE:
        return "write it in that format"
    chosen = " --completion-column chosen" if shape is Shape.PREFERENCE_TEXTS else ""
    return f"convert it with {convert} {source} NEW --to {wanted}{chosen}"


def _why(shape: Shape) -> str:
    match shape:
        case Shape.OPENAI_CHAT:
            return "; the system prompt belongs in the key system"
        case Shape.PREFERENCE | Shape.PREFERENCE_TEXTS:
            return "; they are for another kind of training, and fine-tuning can use only the chosen answers"
        case Shape.REINFORCEMENT | Shape.PROMPTS | Shape.TEXTS:
            return "; they are for another kind of training"
    return ""


def shape_of(record: object) -> Shape | None:
    """Return the shape of what a line holds; None when it has none of these."""
    if not isinstance(record, dict):
        return None
    keys = record.keys()
    if keys >= {"chosen", "rejected"} or keys >= {"chosen_messages", "rejected_messages"}:
        texts = isinstance(record.get("chosen"), str) and any(
            isinstance(record.get(key), str) for key in PROMPT_COLUMNS
        )
        return Shape.PREFERENCE_TEXTS if texts else Shape.PREFERENCE
    if keys & {"reference_answer", "reward_model"} or isinstance(record.get("prompt"), list):
        return Shape.REINFORCEMENT
    if (turns := record.get("messages")) and isinstance(turns, list):
        return _shape_of_turns([turn for turn in turns if isinstance(turn, dict)])
    if (turns := record.get("conversations")) and isinstance(turns, list):
        first = turns[0]
        return Shape.SHAREGPT if isinstance(first, dict) and first.keys() >= {"from", "value"} else None
    if "messages" not in keys and keys & {"prompt", "completion"}:
        asks_and_answers = keys >= {"prompt", "completion"} or not keys & {*PROMPT_COLUMNS[1:], *COMPLETION_COLUMNS[1:]}
        return Shape.PAIRS if asks_and_answers else Shape.COLUMNS
    if keys & {*PROMPT_COLUMNS} and keys & {*COMPLETION_COLUMNS}:
        return Shape.COLUMNS
    return Shape.TEXTS if "text" in keys and keys.isdisjoint({*PROMPT_COLUMNS, "label", "messages"}) else None


def _shape_of_turns(turns: list[dict[str, Any]]) -> Shape | None:
    roles = [role for turn in turns if isinstance(role := turn.get("role"), str)]
    if turns and "candidates" in turns[-1]:
        return Shape.PREFERENCE
    if roles and not {"assistant"} & {*roles}:
        return Shape.PROMPTS
    contents = [turn.get("content") for turn in turns]
    if _OTHER_TURNS & {*roles} or any(_is_typed(content) for content in contents):
        return Shape.OPENAI_CHAT
    match contents[:1]:
        case [str()]:
            return Shape.STRINGS
        case [[{**block}, *_]] if block.keys() & _BLOCKS:
            return Shape.BLOCKS
    return None


def _is_typed(content: object) -> bool:
    """Tell whether a content is a list of parts as OpenAI has them."""
    return isinstance(content, list) and any(
        isinstance(part, dict) and part.get("type") == "text" and "text" in part for part in content
    )


def shape_of_text(first: bytes, second: bytes = b"") -> Shape | None:
    """Return the shape of a file that is not one of lines of JSON objects, by the beginnings of its first two lines."""
    start = first.strip()
    if start.startswith(b"[") and start[1:].lstrip()[:1] in (b"", b"{"):
        return Shape.ARRAY
    if start == b"{" and second.lstrip().startswith(b'"'):
        return Shape.INDENTED
    return Shape.TABLE if delimiter_of(first) else None


def delimiter_of(header: bytes) -> str | None:
    """Return what separates the cells of a table by its first line; None when that names no columns."""
    text = header.decode("utf-8", "replace")
    for delimiter in (",", ";", "\t"):
        cells = text.rstrip("\r\n").split(delimiter)
        names = {cell.strip(' "').casefold() for cell in cells}
        is_quoted = all(_QUOTED.fullmatch(cell) for cell in cells)
        if len(cells) > 1 and (is_quoted or (names & _HEADINGS and all(map(_CELL.fullmatch, cells)))):
            return delimiter
    return None


@dataclass
class Shapes:
    """What the records look like that rules found errors in: how many there are, how many of which shape.

    `beginnings` has those of the first two lines of the file.
    """

    wrong: int = 0
    counts: Counter[Shape] = field(default_factory=Counter)
    beginnings: dict[int, bytes] = field(default_factory=dict)

    def see(self, number: int, data: bytes, record: object) -> None:
        """Take in a line with errors: its number, its bytes, and what it holds, if that could be read."""
        self.wrong += 1
        if shape := shape_of(record):
            self.counts[shape] += 1
        if number <= _LINES:
            self.beginnings[number] = data[:_BEGINNING_BYTES]

    def update(self, others: "Shapes", after_lines: int) -> None:
        """Take over what was seen behind so many lines of the same file."""
        self.wrong += others.wrong
        self.counts.update(others.counts)
        shifted = {number + after_lines: data for number, data in others.beginnings.items()}
        self.beginnings |= {number: data for number, data in shifted.items() if number <= _LINES}

    def of_file(self, wanted: RecordFormat, records: int) -> Shape | None:
        """Return the shape of a file of so many records, when most of them are of one that is not wanted."""
        shape, count = next(iter(self.counts.most_common(1)), (None, 0))
        if shape and count >= _FEWEST and count * 2 > records and OWN.get(shape) is not wanted:
            return shape
        if self.wrong * 2 <= records or self.counts:
            return None
        return shape_of_text(self.beginnings.get(1, b""), self.beginnings.get(2, b""))
