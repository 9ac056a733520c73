"""What a report is made of, whatever it is written as: all texts are plain, and whoever writes them escapes them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """Sentences; `is_strong` where they are what to read first."""

    text: str
    is_strong: bool = False


@dataclass(frozen=True)
class Items:
    """A list."""

    texts: Sequence[str]


@dataclass(frozen=True)
class Table:
    """Rows under the names of their columns.

    caption: What its numbers are; a screen reader says it first.
    words: Which columns are words, from 0 on; the others are numbers. Column 0 names its row.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)


@dataclass(frozen=True)
class Picture:
    """An SVG, which says itself what it shows; its numbers are in a table too, or in the words beside it."""

    svg: str


@dataclass(frozen=True)
class Verbatim:
    """A text with its line breaks, under its name."""

    name: str
    text: str


Block = Paragraph | Items | Table | Picture | Verbatim


@dataclass(frozen=True)
class Section:
    """A part of a report.

    name: Of the letters a to z and hyphens; a link within the page leads to it.
    is_detail: Whether whoever is in a hurry passes over it.
    """

    name: str
    title: str
    blocks: Sequence[Block]
    is_detail: bool = False


@dataclass(frozen=True)
class ReportDocument:
    """A whole report. `facts` are what it is about, a few words each."""

    title: str
    facts: Sequence[str]
    sections: Sequence[Section]
