"""A picture as PNG, for what shows no SVG. The package that draws it is not among what a deploy needs."""

import importlib
from typing import Any, Final

PACKAGE: Final = "resvg-py"
_MODULE: Final = "resvg_py"
_ZOOM: Final = 2
_PROBE: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{}</svg>'
_LETTER: Final = '<text x="2" y="16" font-size="16" font-family="sans-serif">M</text>'


class CannotDraw(Exception):
    """The message says what is missing, and what to do."""


def drawn(svg: str) -> bytes:
    """Return an SVG as PNG of twice its size, light; raise CannotDraw without the package, or without any font."""
    resvg = _resvg()
    if bytes(resvg.svg_to_bytes(svg_string=_PROBE.format(_LETTER))) == bytes(
        resvg.svg_to_bytes(svg_string=_PROBE.format(""))
    ):
        raise CannotDraw("this machine has no font, and a PNG would have no words: install one, or use --svg")
    return bytes(resvg.svg_to_bytes(svg_string=svg, zoom=_ZOOM))


def _resvg() -> Any:
    try:
        return importlib.import_module(_MODULE)
    except ImportError:
        why = f"--png needs the package {PACKAGE}, which is not installed"
        raise CannotDraw(f"{why}: run python -m pip install {PACKAGE}, or use --svg") from None
