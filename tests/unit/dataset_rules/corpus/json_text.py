"""Bytes that are UTF-8 or not, text that is JSON or not."""

from typing import Final

from tests.unit.dataset_rules.corpus.case import Case, error, messages, said, warning

GOOD = said("q", "a")
DEEP = 64

CASES: Final[dict[str, Case]] = {
    "good": messages(GOOD),
    "good with every kind of white space": messages(GOOD.replace(" ", "\t \r") + " \r"),
    "good without white space": messages(GOOD.replace(" ", "")),
    "good with other characters": messages(said("é 😀 \u2028 \u0085 \ufeff", "\x7f")),
    "good with escapes": messages(said("x", "a").replace("x", r"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000")),
    "good with an escaped key": messages(GOOD.replace("role", r"r\u006fle")),
    "not utf-8: a byte": messages(GOOD.encode().replace(b"q", b"\xff"), error("utf-8")),
    "not utf-8: latin-1": messages(said("é", "a").encode("latin-1"), error("utf-8")),
    "not utf-8: half a character": messages(GOOD.encode().replace(b"q", b"\xc3"), error("utf-8")),
    "not utf-8: too long a form": messages(GOOD.encode().replace(b"q", b"\xc0\xaf"), error("utf-8")),
    "not utf-8: beyond Unicode": messages(GOOD.encode().replace(b"q", b"\xf4\x90\x80\x80"), error("utf-8")),
    "not utf-8: a surrogate": messages(GOOD.encode().replace(b"q", b"\xed\xa0\x80"), error("utf-8")),
    "not utf-8: cut at the end": messages(GOOD.encode() + b"\xe2\x82", error("utf-8")),
    "not utf-8: after the record": messages(GOOD.encode() + b"\xff", error("utf-8")),
    "a mark where a line starts": messages(f"{GOOD}\n\ufeff{GOOD}", error("json", line=2)),
    "two marks": messages(f"\ufeff\ufeff{GOOD}", error("byte-order-mark"), error("json")),
    "cut short": messages(GOOD[:-1], error("json")),
    "cut in a text": messages(GOOD[:-8], error("json")),
    "cut in an escape": messages(GOOD[:-5].replace("a", "\\"), error("json")),
    "one bracket too many": messages(GOOD + "}", error("json")),
    "two records in a line": messages(GOOD + GOOD, error("json")),
    "two records with a comma": messages(f"{GOOD},{GOOD}", error("json")),
    "a comma at the end": messages(GOOD + ",", error("json")),
    "a comma before a bracket": messages(GOOD.replace("}]", "},]"), error("json")),
    "a comma before a brace": messages(GOOD[:-1] + ",}", error("json")),
    "a comma missing": messages(GOOD.replace("}, {", "} {"), error("json")),
    "single quotes": messages(GOOD.replace('"', "'"), error("json")),
    "typographic quotes": messages(GOOD.replace('"', "“"), error("json")),
    "keys without quotes": messages(GOOD.replace('"role"', "role"), error("json")),
    "a comment": messages(GOOD + " // any", error("json")),
    "a comment between": messages(GOOD.replace("[", "[/* any */"), error("json")),
    "a null byte after": messages(GOOD + "\0", error("json")),
    "a null byte in a text": messages(GOOD.replace("q", "\0"), error("json")),
    "a tab in a text": messages(GOOD.replace("q", "\t"), error("json")),
    "a carriage return in a text": messages(GOOD.replace("q", "\r"), error("json")),
    "an escape that is none": messages(GOOD.replace("q", r"\x41"), error("json")),
    "an escape of three digits": messages(GOOD.replace("q", r"\u041"), error("json")),
    "a form feed between": messages(GOOD.replace(" ", "\f"), error("json")),
    "a no-break space between": messages(GOOD.replace(" ", "\u00a0"), error("json")),
    "a record over two lines": messages(GOOD.replace(", ", ",\n", 1), error("json"), error("json", line=2)),
    "NaN": messages(GOOD.replace('"q"', "NaN"), error("json-constant"), error("text", "messages[0].content")),
    "Infinity": messages(GOOD.replace('"q"', "Infinity"), error("json-constant"), error("text", "messages[0].content")),
    "-Infinity": messages(
        GOOD.replace('"q"', "-Infinity"), error("json-constant"), error("text", "messages[0].content")
    ),
    "NaN alone": messages("NaN", error("json-constant")),
    "nan": messages(GOOD.replace('"q"', "nan"), error("json")),
    "True": messages(GOOD.replace('"q"', "True"), error("json")),
    "a number with a leading zero": messages(GOOD.replace('"q"', "01"), error("json")),
    "a number with a plus": messages(GOOD.replace('"q"', "+1"), error("json")),
    "a number in hexadecimal": messages(GOOD.replace('"q"', "0x1"), error("json")),
    "a number that ends with its point": messages(GOOD.replace('"q"', "1."), error("json")),
    "a number beyond every range": messages(GOOD.replace('"q"', "1e999999"), error("text", "messages[0].content")),
    "a number of ten thousand digits": messages(
        GOOD.replace('"q"', "9" * 10_000),
        error("text", "messages[0].content"),
        warning("record-length-cautious"),
    ),
    "a key twice": messages(
        GOOD[:-1] + ', "messages": []}', error("duplicate-key"), error("message-count", "messages")
    ),
    "a key twice with the same value": messages(
        GOOD.replace('"content": "q"', '"content": "q", "content": "q"'), error("duplicate-key")
    ),
    "a key twice, once in escapes": messages(
        GOOD.replace('"content": "q"', r'"content": "q", "c\u006fntent": "q"'), error("duplicate-key")
    ),
    "half a surrogate pair, the first": messages(GOOD.replace("q", r"\ud800"), error("unicode", "messages[0].content")),
    "half a surrogate pair, the second": messages(
        GOOD.replace("q", r"x\udc00"), error("unicode", "messages[0].content")
    ),
    "a surrogate pair the wrong way round": messages(
        GOOD.replace("q", r"\ude00\ud83d"), error("unicode", "messages[0].content")
    ),
    "nested as deep as is read": messages("[" * DEEP + "]" * DEEP, error("record")),
    "nested deeper": messages("[" * (DEEP + 1) + "]" * (DEEP + 1), error("json-nesting")),
    "nested for ever": messages("[" * 100_000, error("json-nesting"), max_tokens_per_record=100_000),
    "brackets in a text": messages(said("[{" * DEEP, "}" * DEEP)),
    "brackets and quotes in a text": messages(said('"[{' * DEEP, "]}")),
    "an array": messages("[5]", error("record")),
    "a string": messages('"any"', error("record")),
    "an empty string": messages('""', error("record")),
    "a number": messages("5", error("record")),
    "null": messages("null", error("record")),
    "true": messages("true", error("record")),
    "an empty array": messages("[]", error("record")),
    "an empty object": messages("{}", error("missing-key")),
}
