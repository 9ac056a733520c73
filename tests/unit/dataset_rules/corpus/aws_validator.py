"""The inputs on which AWS's own validator for Claude 3 Haiku was tried: one good line and 29 odd ones, and five files.

It crashed on nine of the lines and took bad data for good. Each line stands here among 31 good ones, as it did there.
"""

import json
from typing import Any, Final

from tests.unit.dataset_rules.corpus.case import Case, Expected, error, messages, said, warning

_TURNS: Final = json.loads(said("q", "a"))["messages"]
_AT: Final = 17
_RECORDS: Final = 32
_TRAIN: Final = {"min_records": 32, "max_records": 10_000, "max_tokens_per_record": 32_000, "max_file_bytes": 10**10}


def _good(count: int) -> list[bytes]:
    return [said(f"question {number}", f"answer {number}").encode() for number in range(count)]


def among(line: str | bytes, *expected: Expected) -> Case:
    """Return 32 lines of which one is odd; its findings are named as if it stood alone."""
    lines = _good(_RECORDS)
    lines[_AT - 1] = line.encode() if isinstance(line, str) else line
    return messages(b"\n".join(lines) + b"\n", *(each._replace(line=_AT) for each in expected), **_TRAIN)


def turns(*messages: Any, **more: Any) -> str:
    return json.dumps({**more, "messages": list(messages)})


CRASHED: Final[dict[str, Case]] = {
    "system null": among(said("q", "a", system=None), error("text", "system")),
    "messages missing": among('{"system": "any"}', error("missing-key")),
    "messages null": among('{"messages": null}', error("messages", "messages")),
    "a message without content": among(turns(_TURNS[0], {"role": "assistant"}), error("missing-key", "messages[1]")),
    "a content that is a number": among(said("q", 42), error("text", "messages[1].content")),
    "the line is a JSON array": among("[1, 2]", error("record")),
    "the line is a JSON string": among('"any"', error("record")),
    "the line is null": among("null", error("record")),
    "a byte that is not UTF-8": among(said("q\udcff", "a").encode("utf-8", "surrogateescape"), error("utf-8")),
}
ACCEPTED: Final[dict[str, Case]] = {
    "another key in the record": among(said("q", "a", id=7), error("unknown-key")),
    "another key in a message": among(
        turns(_TURNS[0], {**_TURNS[1], "name": "any"}), error("unknown-key", "messages[1]")
    ),
    "an empty content": among(said("q", ""), error("empty-text", "messages[1].content")),
    "a content of white space": among(said("q", " \n "), error("empty-text", "messages[1].content")),
    "NaN": among(said("q", 0).replace(": 0}", ": NaN}"), error("json-constant"), error("text", "messages[1].content")),
    "a key twice": among(said("q", "a").replace('"a"', '"x", "content": "a"'), error("duplicate-key")),
    "40,000 Chinese characters": among(said("字" * 40_000, "a"), warning("record-length-cautious")),
    "Human at the start of a text": among(said("Human: q", "a"), warning("reserved-word-start", "messages[0].content")),
    "reserved words without their colon": among(said("\nHuman q", "\nAssistant a")),
}
REFUSED: Final[dict[str, Case]] = {
    "97,000 ASCII characters": among(said("q" * 97_000, "a"), warning("record-length-cautious")),
    "200,000 ASCII characters": among(said("q" * 200_000, "a"), error("record-length")),
    "assistant first": among(turns(_TURNS[1], _TURNS[0], _TURNS[1]), error("first-role", "messages[0].role")),
    "user last": among(turns(*_TURNS, _TURNS[0]), error("last-role", "messages[2].role")),
    "user twice": among(turns(_TURNS[0], *_TURNS), error("role-alternation", "messages[1].role")),
    "one message": among(turns(_TURNS[0]), error("message-count", "messages"), error("last-role", "messages[0].role")),
    "a role of its own": among(turns({"role": "system", "content": "any"}, *_TURNS), error("role", "messages[0].role")),
    "a content of blocks": among(said([{"text": "q"}], "a"), error("text", "messages[0].content")),
    "Human in a text": among(said("q\n\nHuman: r", "a"), error("reserved-word", "messages[0].content")),
    "Assistant in the system prompt": among(
        said("q", "a", system="any\nAssistant: x"), error("reserved-word", "system")
    ),
    "no JSON": among("any", error("json")),
}

LINES: Final[dict[str, Case]] = {"good": among(said("q", "a")), **CRASHED, **ACCEPTED, **REFUSED}

_FILE: Final = b"\n".join(_good(_RECORDS)) + b"\n"
FILES: Final[dict[str, Case]] = {
    "a byte order mark": messages(b"\xef\xbb\xbf" + _FILE, error("byte-order-mark"), **_TRAIN),
    "latin-1": messages(_FILE.replace(b"question 3", "qué".encode("latin-1"), 1), error("utf-8", line=4), **_TRAIN),
    "10,022 records": messages(b"\n".join(_good(10_022)), error("record-count", line=0), **_TRAIN),
    # The other two only show when records are compared: tests/unit/data_checker/test_file_sets.py.
}
