"""How pictures look: colors, dashes and marks, light and dark, on paper and without color.

The colors of lines differ by at least 27 (CIE76) from each other, as people see them and as those do who do not see
red, green or blue (Machado, Oliveira and Fernandes 2009), and stand out from the ground by at least 4.5 to 1, which is
enough for text (WCAG 2.2, 1.4.3). A line has a dash and a mark of its own too: no picture needs its colors.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class LineStyle:
    """What sets a line apart from others: its colors on a light and on a dark ground, its dashes and its marks.

    mark: The path of a mark around 0,0, in pixels.
    glyph: The mark in a terminal.
    """

    light: str
    dark: str
    dash: str
    mark: str
    glyph: str
    terminal: str


STYLES: Final = (
    LineStyle("#0067a5", "#58a6ff", "", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "●", "bright_blue"),
    LineStyle("#b34700", "#ffa657", "7 4", "M-3.5-3.5h7v7h-7z", "■", "yellow"),
    LineStyle("#ac22fc", "#f62583", "2 3", "M0-5L4.5 3.5h-9z", "▲", "magenta"),
    LineStyle("#551202", "#fde2af", "10 3 2 3", "M0-5L5 0L0 5L-5 0z", "◆", "white"),
    LineStyle("#1e098e", "#bdfa0f", "4 2", "M0 5L4.5-3.5h-9z", "▼", "green"),
    LineStyle("#482251", "#58fbf4", "1 4", "M-4-4L4 4M-4 4L4-4", "✕", "cyan"),
)
"""One for each line of a panel; there are no more."""

FONT_SIZE: Final = 14
# What characters take in a wide font (DejaVu Sans), and what is not ASCII at most: hardly any font is wider.
_WIDE, _CAPITAL, _CHARACTER = 14.0, 11.0, 8.9
_WIDE_ONES: Final = frozenset("mwMW@%")
FONT: Final = "system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif"
GROUND: Final = ("#ffffff", "#0d1117")
TEXT: Final = ("#1f2328", "#f0f6fc")
QUIET: Final = ("#59636e", "#9198a1")
GRID: Final = ("#d1d9e0", "#3d444d")


def width_of(text: str) -> float:
    """Return what a text takes at most, in pixels."""
    return sum(
        _WIDE if each in _WIDE_ONES or not each.isascii() else _CAPITAL if each.isupper() else _CHARACTER
        for each in text
    )


def fitted(text: str, width: float) -> str:
    """Return a text that takes at most so many pixels, shortened where it must be."""
    if width_of(text) <= width:
        return text
    shorter = (f"{text[:end]}…" for end in range(len(text) - 1, -1, -1))
    return next((each for each in shorter if width_of(each) <= width), "…")


def css() -> str:
    """Return the style sheet of every picture: light, and dark where a screen prefers that; paper is light."""
    shared = (
        ".picture{max-width:100%;height:auto}"
        # Around each letter the ground hides the lines that it stands on.
        f".picture text{{font:{FONT_SIZE}px {FONT};paint-order:stroke;stroke-width:4;stroke-linejoin:round}}"
        ".picture .middle{text-anchor:middle}.picture .end{text-anchor:end}.picture .strong{font-weight:600}"
        ".picture .line{fill:none;stroke-width:2;stroke-linejoin:round}.picture .faint{stroke-width:1;opacity:.7}"
        ".picture .grid,.picture .guide{fill:none;stroke-width:1}.picture .guide{stroke-dasharray:3 3}"
        ".picture .ring{fill:none;stroke-width:2}.picture .mark{stroke-width:1.5}"
    )
    dashes = "".join(
        f".picture .dash{number}{{stroke-dasharray:{style.dash}}}" for number, style in enumerate(STYLES) if style.dash
    )
    return f"{shared}{dashes}{_colors(0)}@media screen and (prefers-color-scheme:dark){{{_colors(1)}}}"


def _colors(scheme: int) -> str:
    lines = "".join(
        f".picture .s{number}{{stroke:{color}}}.picture .m{number}{{fill:{color};stroke:{color}}}"
        f".picture .t{number}{{fill:{color}}}"
        for number, style in enumerate(STYLES)
        for color in ((style.light, style.dark)[scheme],)
    )
    return (
        f".picture .ground{{fill:{GROUND[scheme]}}}.picture text{{fill:{TEXT[scheme]};stroke:{GROUND[scheme]}}}"
        f".picture .quiet{{fill:{QUIET[scheme]}}}.picture .grid{{stroke:{GRID[scheme]}}}"
        f".picture .guide,.picture .ring{{stroke:{TEXT[scheme]}}}{lines}"
    )
