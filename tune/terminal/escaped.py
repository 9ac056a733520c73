"""Text of a user's as nothing but text, wherever it is shown: no markup, no line break, no mention."""

import html
import re
import unicodedata
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]#|~])")
# What a host makes mentions, references and links of, in what is rendered: an unseen space in it keeps it from that.
_CALLS: Final = re.compile(r"@|#(?=\d)|(?:(?<=http)|(?<=https)|(?<=ftp)):(?=//)|\bGH(?=-\d)|\bwww(?=\.)", re.IGNORECASE)
_UNSEEN: Final = "&#8203;"
_NOT_OF_A_LABEL: Final = re.compile(r"[^\w .,:/-]")
# Controls, what turns the direction of the rest, and halves of a character, which no file can have.
_UNSEEN_KINDS: Final = ("Cc", "Cf", "Cs")


def markdown(text: str) -> str:
    """Return a text for Markdown."""
    return _called_nobody(_SPECIAL.sub(r"\\\1", html.escape(visible(text), quote=False)))


def code(text: str) -> str:
    """Return a text for Markdown, in the type of code."""
    return f"<code>{markdown(text)}</code>"


def in_html(text: str) -> str:
    """Return a text for a place where no Markdown is read."""
    return _called_nobody(html.escape(visible(text), quote=False))


def label(text: str) -> str:
    """Return a text for a quoted label of a Mermaid diagram."""
    return _NOT_OF_A_LABEL.sub(lambda its: f"#{ord(its[0])};", visible(text))


def shortened(text: str, most: int) -> str:
    """Return at most so many characters of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def visible(text: str) -> str:
    """Return a text in one line, without what cannot be seen or turns the direction of the rest."""
    return "".join(its for its in " ".join(text.split()) if unicodedata.category(its) not in _UNSEEN_KINDS)


def spelled(text: str) -> str:
    """Return a text with its line breaks; what cannot be seen, or turns the direction of the rest, is spelled out."""
    return "".join(
        f"\\u{ord(its):04x}" if its not in "\n\t" and unicodedata.category(its) in _UNSEEN_KINDS else its
        for its in text.replace("\r\n", "\n")
    )


def _called_nobody(escaped: str) -> str:
    return _CALLS.sub(rf"\g<0>{_UNSEEN}", escaped).replace("@", "&#64;")
