"""Lines are told apart by people who see colors otherwise, and without any color."""

from itertools import combinations
from typing import Final

import pytest

from tune.pictures.style import GROUND, STYLES, css

# Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# severity 1.0, in linear RGB.
SEEN: Final = {
    "all colors": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
SCHEMES: Final = {"light": [each.light for each in STYLES], "dark": [each.dark for each in STYLES]}


def linear(color: str) -> list[float]:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]


def luminance(color: str) -> float:
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear(color), strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(color: str, seen: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """Return a color as somebody sees it, in CIELAB under D65."""
    red, green, blue = (
        min(1.0, max(0.0, sum(share * part for share, part in zip(row, linear(color), strict=True)))) for row in seen
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(one: str, other: str, seen: str) -> float:
    pairs = zip(lab(one, SEEN[seen]), lab(other, SEEN[seen]), strict=True)
    return float(sum((first - second) ** 2 for first, second in pairs) ** 0.5)


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_any_two_lines_differ_however_colors_are_seen(scheme: str, seen: str) -> None:
    assert min(difference(*pair, seen) for pair in combinations(SCHEMES[scheme], 2)) >= 27


def test_two_colors_that_look_the_same_without_green_are_seen() -> None:
    assert difference("#b34700", "#6b6200", "no green") < 27 < difference("#b34700", "#6b6200", "all colors")


@pytest.mark.parametrize(("scheme", "ground"), [*zip(SCHEMES, GROUND, strict=True)])
def test_a_line_and_its_name_stand_out_from_the_ground(scheme: str, ground: str) -> None:
    assert min(contrast(color, ground) for color in SCHEMES[scheme]) >= 4.5


def test_any_two_lines_differ_without_color() -> None:
    for what in ("dash", "mark", "glyph"):
        assert len({getattr(each, what) for each in STYLES}) == len(STYLES)


def test_paper_is_never_dark() -> None:
    before, _, dark = css().partition("@media screen and (prefers-color-scheme:dark)")
    assert dark
    assert [each.dark for each in STYLES if each.dark in before] == []
    assert [each.dark for each in STYLES if each.dark not in dark] == []
