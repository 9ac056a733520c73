"""What is wrong with a page as a browser shows it: what touches, is cut, cannot be read, or has no words."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tests.docs.browser import Medium

_TEXT_CONTRAST: Final = 4.5
_MARK_CONTRAST: Final = 3.0
_SMALLEST: Final = 9.0
# Boxes of texts have some room above and below their letters.
_ROOM: Final = (0.5, 2.0)

Box = Sequence[float]

# Whatever is measured is measured once, as it is; what of it is wrong is decided below.
MEASURED: Final = """(() => {
  const root = document.documentElement, style = each => getComputedStyle(each);
  const box = its => [its.left + scrollX, its.top + scrollY, its.right + scrollX, its.bottom + scrollY];
  const canvas = Object.assign(document.createElement("i"), {style: "background: Canvas; position: absolute"});
  document.body.append(canvas);
  const isPaper = matchMedia("print").matches;
  const sheet = isPaper ? "rgb(255, 255, 255)" : style(canvas).backgroundColor;
  canvas.remove();
  const isClear = color => color === "transparent" || /^rgba.* 0\\)$/.test(color);
  const ground = each => {
    const svg = each.closest("svg");
    if (svg) return svg.querySelector(".ground") ? style(svg.querySelector(".ground")).fill : ground(svg.parentElement);
    for (let at = each; at; at = at.parentElement) {
      const its = style(at);
      if (isPaper && its.printColorAdjust !== "exact") continue;
      if (!isClear(its.backgroundColor)) return its.backgroundColor;
    }
    return sheet;
  };
  const opacity = each => each ? style(each).opacity * opacity(each.parentElement) : 1;
  const isForEars = each => {
    for (let at = each; at && at !== document.body; at = at.parentElement) {
      const its = style(at);
      if (its.position === "absolute" && parseFloat(its.width) <= 1) return true;
    }
    return false;
  };
  const pictures = [...document.querySelectorAll("svg")], of = each => pictures.indexOf(each.closest("svg"));
  const scale = each => each.ownerSVGElement ? each.getScreenCTM().a : 1;
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const at = node.parentElement;
    if (!node.data.trim() || at.closest("script, style, title, desc, noscript") || isForEars(at)) continue;
    if (style(at).visibility !== "visible") continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) if (rect.width && rect.height) texts.push({
      text: node.data.trim().slice(0, 40), picture: of(at), box: box(rect), ground: ground(at), opacity: opacity(at),
      color: at.ownerSVGElement ? style(at).fill : style(at).color, size: parseFloat(style(at).fontSize) * scale(at),
    });
  }
  const labels = svg => (svg.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean)
    .map(id => (document.getElementById(id) || {}).textContent || "");
  const shapes = [...document.querySelectorAll("svg :is(path, rect, circle, line, polyline, polygon)")]
    .filter(each => !each.matches(".ground, .grid, defs *, clipPath *")).map(each => ({
      kind: each.getAttribute("class") || each.tagName, picture: of(each),
      box: box(each.getBoundingClientRect()), opacity: opacity(each), ground: ground(each),
      colors: ["fill", "stroke"].map(its => style(each)[its]).filter(its => its !== "none"),
    }));
  return {
    width: innerWidth, content: root.scrollWidth, texts, shapes,
    language: root.lang, title: document.title, scripts: document.scripts.length,
    loaded: performance.getEntriesByType("resource").map(each => each.name),
    ids: [...document.querySelectorAll("[id]")].map(each => each.id),
    pictures: pictures.map(each => ({
      box: box(each.getBoundingClientRect()), role: each.getAttribute("role"), words: labels(each)})),
    images: [...document.images].map(each => ({source: each.src, words: each.alt, isThere: !!each.naturalWidth})),
    headings: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(each => +each.tagName[1]),
    tables: [...document.querySelectorAll("table")].map(each => ({
      name: (each.caption || each).textContent.trim().slice(0, 40), isNamed: !!each.caption || each.ariaLabel !== null,
      heads: each.querySelectorAll("th").length, bare: each.querySelectorAll("th:not([scope])").length})),
    cut: [...document.querySelectorAll("body *:not(svg, svg *)")].filter(each => {
      const its = style(each);
      return its.overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1 && !isForEars(each)
        && (isPaper || !["auto", "scroll"].includes(its.overflowX) || each.tabIndex < 0);
    }).map(each => each.textContent.trim().slice(0, 40)),
  };
})()"""


def faults(seen: dict[str, Any], medium: Medium) -> list[str]:
    """Return what is wrong with what was measured, each in a line that begins with its kind."""
    return [*_placed(seen), *_apart(seen), *_read(seen), *_told(seen), *_schemed(seen, medium)]


def _placed(seen: dict[str, Any]) -> Iterator[str]:
    if seen["content"] > seen["width"]:
        yield f"too wide: {seen['content']} of {seen['width']} pixels"
    yield from (f"cut: {each}" for each in seen["cut"])
    yield from (f"missing: {each['source']}" for each in seen["images"] if not each["isThere"])
    frames = [each["box"] for each in seen["pictures"]]
    yield from (f"outside: {its['kind']}" for its in seen["shapes"] if not _inside(its["box"], frames[its["picture"]]))
    for text in seen["texts"]:
        of = text["picture"]
        if text["box"][0] < 0 or (of >= 0 and not _inside(text["box"], frames[of])):
            yield f"outside: {text['text']}"


def _apart(seen: dict[str, Any]) -> Iterator[str]:
    texts = [(_shrunk(each["box"]), str(each["text"])) for each in seen["texts"]]
    yield from (f"touch: {one} / {other}" for one, other in _touching(texts))
    marks = [its for its in seen["shapes"] if {"mark", "ring"} & {*its["kind"].split()}]
    for box, text in texts:
        yield from (f"touch: {text} / {its['kind']}" for its in marks if _touch(box, its["box"]))


def _read(seen: dict[str, Any]) -> Iterator[str]:
    for text in seen["texts"]:
        if contrast(text["color"], text["ground"], text["opacity"]) < _TEXT_CONTRAST:
            yield f"contrast: {text['text']} ({text['color']} on {text['ground']})"
        if text["size"] < _SMALLEST:
            yield f"small: {text['text']} ({text['size']:.1f} pixels)"
    for shape in seen["shapes"]:
        # It is seen by its fill or by its stroke.
        best = max((contrast(each, shape["ground"], shape["opacity"]) for each in shape["colors"]), default=0.0)
        if best < _MARK_CONTRAST:
            yield f"contrast: {shape['kind']} ({shape['colors']} on {shape['ground']})"


def _told(seen: dict[str, Any]) -> Iterator[str]:
    if not (seen["language"] and seen["title"]):
        yield "words: the page has no language or no title"
    for picture in seen["pictures"]:
        if picture["role"] != "img" or len([each for each in picture["words"] if each.strip()]) < 2:
            yield f"words: a picture has the role {picture['role']} and the words {picture['words']}"
    yield from (f"words: {each['source']}" for each in seen["images"] if not each["words"])
    yield from (f"same id: {each}" for each, count in Counter(seen["ids"]).items() if count > 1)
    before = 0
    for level in seen["headings"]:
        if level > before + 1 or (level == 1 and before):
            yield f"heading: {level} after {before}"
        before = level
    for table in seen["tables"]:
        if not table["heads"] or table["bare"] or not table["isNamed"]:
            yield f"table: {table['name']}"


def _schemed(seen: dict[str, Any], medium: Medium) -> Iterator[str]:
    grounds = {each["ground"] for each in (*seen["texts"], *seen["shapes"])}
    dark = [each for each in grounds if _luminance(_rgb(each)) < 0.2]
    if medium == "paper" and dark:
        yield f"dark paper: {dark}"
    if medium == "dark" and len(dark) < len(grounds):
        yield f"light in the dark: {sorted(grounds - {*dark})}"


def _touching(texts: Sequence[tuple[Box, str]]) -> Iterator[tuple[str, str]]:
    downwards = sorted(texts, key=lambda each: each[0][1])
    for place, (one, text) in enumerate(downwards):
        for other, its in downwards[place + 1 :]:
            if other[1] >= one[3]:
                break
            if _touch(one, other):
                yield text, its


def _shrunk(box: Box) -> Box:
    across, down = _ROOM
    return [box[0] + across, box[1] + down, box[2] - across, box[3] - down]


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(one: Box, other: Box) -> bool:
    room = 0.5
    return all(its >= bound - room for its, bound in zip(one[:2], other[:2], strict=True)) and all(
        its <= bound + room for its, bound in zip(one[2:], other[2:], strict=True)
    )


def _rgb(color: str) -> tuple[float, ...]:
    return tuple(float(each) for each in re.findall(r"[\d.]+", color)[:3])


def contrast(color: str, ground: str, opacity: float = 1.0) -> float:
    """Return the contrast of a color that lets some of its ground through (WCAG 2.2)."""
    seen = [opacity * one + (1 - opacity) * other for one, other in zip(_rgb(color), _rgb(ground), strict=True)]
    dark, light = sorted((_luminance(seen), _luminance(_rgb(ground))))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Sequence[float]) -> float:
    red, green, blue = (
        each / 255 / 12.92 if each / 255 <= 0.04045 else ((each / 255 + 0.055) / 1.055) ** 2.4 for each in color
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
