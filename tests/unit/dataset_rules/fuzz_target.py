"""What the fuzzer tries: an input is a file, the limits that it is judged by, and where it is cut.

The first byte picks format and limits, the second where the file is cut into chunks and parts; the rest is the file.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from bedrock_lifecycle.dataset.rules import findings, limits
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from tests.unit.dataset_rules.corpus.case import asked, blocks, said
from tests.unit.dataset_rules.corpus.every_case import CASES
from tests.unit.dataset_rules.samples import any_limits
from tests.unit.dataset_rules.verdicts import judge

LARGEST_BYTES: Final = 2048
_TIGHT: Final[dict[str, Any]] = {
    "min_records": 1,
    "max_records": 3,
    "max_tokens_per_record": 10,
    "max_input_tokens": 8,
    "max_output_tokens": 4,
    "max_file_bytes": 400,
    "reserved_words": ("\nHuman:", "User:", "</s>", "é"),
    "reserved_word_roles": ("system", "user"),
}
_ODD_WORDS: Final[dict[str, Any]] = {
    "max_tokens_per_record": 30,
    "reserved_words": ("\n\\", 'a"b', "\\n", "End\n", "/", "\u2028", "😀", "Ⅷ"),
    "reserved_word_roles": ("assistant",),
}
LIMITS: Final[list[Limits]] = [
    any_limits(data_format, **changes) for data_format in RecordFormat for changes in ({}, _TIGHT, _ODD_WORDS)
]
_RECORDS: Final = {
    RecordFormat.MESSAGES: said("q WORD", "a"),
    RecordFormat.CONVERSE: blocks("q WORD", "a"),
    RecordFormat.PROMPT_COMPLETION: asked("q WORD"),
}
_KINDS: Final = len(LIMITS) // len(RecordFormat)
TOKENS: Final = (
    *('"messages":', '"role":', '"content":', '"system":', '"schemaVersion":', '"text":', '"prompt":', '"completion":'),
    *('"user"', '"assistant"', '"bedrock-conversation-2024"', '{"role":"user","content":', '{"text":"a"}'),
    *("\\nHuman:", "\\nAssistant:", "Human:", "User:", "user:", "<image>", "<\\/s>", "\\u0055", "\\ud83d\\ude00"),
    *(
        "\\ud800",
        'a\\"b',
        "\\\\n",
        "End\\n",
        "NaN",
        "-Infinity",
        "null",
        "true",
        "1e999",
        "9" * 30,
        "9" * 5000,
        "[" * 70,
    ),
    *("\\u0000", " \n", "\r\n", "\ufeff", "é", "😀", "Ⅷ", "\u2028", "\u00a0", "\x1c"),
)


def loosen() -> None:
    """Make bounds small that no input of the fuzzer reaches: those of a line, and of the places that are kept."""
    limits._BYTES_FOR_STRUCTURE = 100  # type: ignore[misc]
    findings.PLACES_PER_RULE = 3  # type: ignore[misc]


def judge_input(data: bytes) -> None:
    """Judge one input; AssertionError when verdicts differ, and whatever else a checker fails with."""
    if len(data) >= 2:
        judge(data[2:], LIMITS[data[0] % len(LIMITS)], data[1] + 1)


def seeds() -> Iterator[bytes]:
    """Yield every case of the corpus with each kind of limits, and every reserved word, written out and escaped."""
    formats = list(RecordFormat)
    for number, case in enumerate(CASES.values()):
        first = _KINDS * formats.index(case.data_format)
        for kind in range(_KINDS):
            yield bytes([first + kind, number % 256]) + case.data[: LARGEST_BYTES - 2]
    for index, each in enumerate(LIMITS):
        for word in each.reserved_words:
            for written in (json.dumps(word, ensure_ascii=False)[1:-1], _escaped(word)):
                line = _RECORDS[each.data_format].replace("WORD", written)
                yield bytes([index, 255]) + line.encode("utf-8", "surrogatepass")


def _escaped(word: str) -> str:
    data = word.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[at : at + 2].hex()}" for at in range(0, len(data), 2))


def shrunk(data: bytes) -> bytes:
    """Return a short input that fails with the same kind of exception."""
    wanted, size = failure(data), len(data)
    while size := size // 2:
        start = 2
        while start < len(data):
            shorter = data[:start] + data[start + size :]
            if failure(shorter) is wanted:
                data = shorter
            else:
                start += size
    return data


def failure(data: bytes) -> type[Exception] | None:
    """Return the kind of exception that an input fails with."""
    try:
        judge_input(data)
    except Exception as error:  # noqa: BLE001 - every one is a finding
        return type(error)
    return None
