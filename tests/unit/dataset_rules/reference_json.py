"""JSON as RFC 8259 writes it down, read one character after the other: slow, obvious, and nobody else's code."""

import re
from typing import Any, Final

MAX_DEPTH: Final = 64

_WHITE_SPACE: Final = " \t\n\r"
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS: Final = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class NotJsonError(Exception):
    """The text is not JSON, or says a key twice, or is nested too deeply."""


def parse(text: str) -> Any:
    """Return the value; every number is 0, as no rule reads one."""
    parser = _Parser(text)
    value = parser.value(1)
    parser.white_space()
    if parser.at != len(text):
        raise NotJsonError
    return value


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def white_space(self) -> None:
        while self.peek() and self.peek() in _WHITE_SPACE:
            self.at += 1

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, expected: str) -> None:
        if not self.text.startswith(expected, self.at):
            raise NotJsonError
        self.at += len(expected)

    def value(self, depth: int) -> Any:
        self.white_space()
        if self.peek() in ("{", "["):
            if depth > MAX_DEPTH:
                raise NotJsonError
            return self.object(depth) if self.peek() == "{" else self.array(depth)
        if self.peek() == '"':
            return self.string()
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        number = _NUMBER.match(self.text, self.at)
        if not number:
            raise NotJsonError
        self.at = number.end()
        return 0

    def object(self, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        self.take("{")
        self.white_space()
        while self.peek() != "}":
            if value:
                self.take(",")
                self.white_space()
            key = self.string()
            if key in value:
                raise NotJsonError
            self.white_space()
            self.take(":")
            value[key] = self.value(depth + 1)
            self.white_space()
        self.take("}")
        return value

    def array(self, depth: int) -> list[Any]:
        value: list[Any] = []
        self.take("[")
        self.white_space()
        while self.peek() != "]":
            if value:
                self.take(",")
            value.append(self.value(depth + 1))
            self.white_space()
        self.take("]")
        return value

    def string(self) -> str:
        self.take('"')
        units: list[str] = []
        while self.peek() != '"':
            character = self.peek()
            if not character or character < " ":
                raise NotJsonError
            self.at += 1
            units.append(self.escape() if character == "\\" else character)
        self.take('"')
        return _joined(units)

    def escape(self) -> str:
        kind = self.peek()
        self.at += 1
        if kind in _ESCAPES:
            return _ESCAPES[kind]
        digits = self.text[self.at : self.at + 4]
        if kind != "u" or not re.fullmatch(r"[0-9a-fA-F]{4}", digits, re.ASCII):
            raise NotJsonError
        self.at += 4
        return chr(int(digits, 16))


def _joined(units: list[str]) -> str:
    """Return a text in which two escapes that are one character are one; halves stay what they are."""
    return "".join(units).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
