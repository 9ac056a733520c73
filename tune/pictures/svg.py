"""SVG as text."""

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from tune.pictures import style

# What XML 1.0 has no place for.
_UNPRINTABLE: Final = {number: None for number in range(32) if chr(number) not in "\t\n\r"}


def element(tag: str, content: str = "", /, **attributes: str | float) -> str:
    """Return an element. An underscore in an attribute's name is a hyphen, and the last one of `class_` is dropped."""
    told = "".join(f" {_name(key)}={quoteattr(_value(value))}" for key, value in attributes.items())
    return f"<{tag}{told}>{content}</{tag}>" if content else f"<{tag}{told}/>"


def text(content: str, x: float, y: float, classes: str = "") -> str:
    """Return a text whose baseline begins at a place; `middle` and `end` among the classes anchor it otherwise."""
    return element("text", plain(content), x=x, y=y, **({"class_": classes} if classes else {}))


def plain(content: str) -> str:
    """Return what shows a text in XML."""
    return escape(content.translate(_UNPRINTABLE))


def path(points: Iterable[tuple[float, float]], classes: str) -> str:
    """Return a line through places."""
    steps = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return element("path", d=f"M{steps}", class_=classes)


def mark(series: int, x: float, y: float) -> str:
    """Return the mark of a series at a place."""
    return element(
        "path",
        d=style.STYLES[series].mark,
        class_=f"mark m{series}",
        transform=f"translate({number(x)} {number(y)})",
    )


def document(name: str, title: str, description: str, size: tuple[float, float], parts: Iterable[str]) -> str:
    """Return a whole picture, which is also a part of an HTML page as it is.

    Args:
        name: Of the letters a to z, digits and hyphens; another one for each picture of a page.
        title: What the picture is, in a few words.
        description: What it shows, for whoever does not see it.
        size: Width and height in pixels; a narrower page shrinks it.
        parts: What is drawn, first to last.
    """
    width, height = size
    words = (
        element("title", plain(title), id=f"{name}-title"),
        element("desc", plain(description), id=f"{name}-desc"),
        element("style", style.css()),
        element("rect", class_="ground", width=width, height=height),
    )
    return (
        element(
            "svg",
            "\n" + "\n".join((*words, *parts)) + "\n",
            xmlns="http://www.w3.org/2000/svg",
            class_="picture",
            role="img",
            aria_labelledby=f"{name}-title {name}-desc",
            viewBox=f"0 0 {number(width)} {number(height)}",
            width=width,
            height=height,
        )
        + "\n"
    )


def number(value: float) -> str:
    """Return a number of pixels, to a tenth."""
    rounded = f"{value:.1f}".removesuffix(".0")
    return "0" if rounded == "-0" else rounded


def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)
