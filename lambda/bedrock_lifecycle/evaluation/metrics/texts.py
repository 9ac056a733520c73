"""When two texts are equal, and what the words of a text are, in every script.

Unicode's data is that of the Python that runs: a character that a later Unicode adds is no letter before.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, get_args

Normalization = Literal["unicode", "case", "punctuation", "whitespace"]
NORMALIZATIONS: Final[tuple[Normalization, ...]] = get_args(Normalization)

# Nobody sees them: marks of direction (Unicode Standard Annex 9, table 4) and the byte order mark.
_INVISIBLE: Final = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF], "")
_ASCII_WORDS: Final = re.compile("[a-z0-9]+")
# Scripts that put no space between words; each of their letters is a word. From the ranges of Unicode's Blocks.txt.
_WITHOUT_SPACES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals of Han
    (0x3005, 0x3007),  # marks that repeat or stand for Han
    (0x3040, 0x312F),  # Hiragana, Katakana, Bopomofo
    (0x31A0, 0x31FF),  # Bopomofo and Katakana, extended
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0xA4CF),  # Han, Yi
    (0xA9E0, 0xA9FF),  # Myanmar, extended
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
    (0xF900, 0xFAFF),  # Han for compatibility
    (0xFF66, 0xFF9F),  # Katakana of half width
    (0x1AFF0, 0x1B16F),  # Kana
    (0x20000, 0x3FFFF),  # Han
)
_WITHOUT_SPACES_FROM: Final = min(low for low, _ in _WITHOUT_SPACES)


def normalized(text: str, how: Collection[Normalization]) -> str:
    """Return the text without the differences that `how` names; their order does not matter.

    - `unicode`: one spelling of each character (NFC), and no marks of direction. Not NFKC, for which x² is x2.
    - `case`: Unicode's case folding, for which ß is ss.
    - `punctuation`: every character of the categories P is left out.
    - `whitespace`: none at the ends, and one space for any between.

    Without any, texts are equal if every code point is.
    """
    if "unicode" in how:
        text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    if "case" in how:
        text = text.casefold()
        # Folding can undo the one spelling: the folded ΐ is three code points.
        text = unicodedata.normalize("NFC", text) if "unicode" in how else text
    if "punctuation" in how:
        text = "".join(character for character in text if unicodedata.category(character)[0] != "P")
    return " ".join(text.split()) if "whitespace" in how else text


def words(text: str) -> list[str]:
    """Return the words of a text, in one case and one spelling.

    A word is a run of letters, digits and their marks. In scripts without spaces a letter with its marks is one, and so
    is a symbol such as an emoji. Joiners and other format characters are left out, also inside a word. What is left,
    spaces and punctuation, separates. For ASCII these are the tokens of the Python package rouge-score without stemmer.
    """
    if text.isascii():
        return _ASCII_WORDS.findall(text.lower())
    text = "".join(
        character for character in normalized(text, ("unicode", "case")) if unicodedata.category(character) != "Cf"
    )
    starts = [*_starts(text), len(text)]
    return [word for start, end in pairwise(starts) if (word := _without_separators(text[start:end]))]


def _starts(text: str) -> Iterator[int]:
    """Yield where a word or a run of separators begins."""
    before = ""
    for position, character in enumerate(text):
        kind = _kind(character)
        if kind == "mark":
            # It belongs to what is before it; where that is nothing, it is as a letter.
            if before in ("letter", "single"):
                continue
            kind = "letter"
        if kind != before or kind == "single":
            yield position
        before = kind


@lru_cache(maxsize=4096)
def _kind(character: str) -> Literal["letter", "mark", "single", "separator"]:
    category = unicodedata.category(character)
    if category[0] == "M":
        return "mark"
    if category == "So":
        return "single"
    if category[0] not in "LN":
        return "separator"
    return "single" if _has_no_spaces(ord(character)) else "letter"


def _has_no_spaces(code_point: int) -> bool:
    return code_point >= _WITHOUT_SPACES_FROM and any(low <= code_point <= high for low, high in _WITHOUT_SPACES)


def _without_separators(run: str) -> str:
    return "" if _kind(run[0]) == "separator" else run
