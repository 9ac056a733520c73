"""A report as one HTML page: no script, and nothing that a browser would load from anywhere."""

import html
from collections.abc import Iterator, Sequence
from typing import Final

from tune.pictures import style
from tune.report.blocks import Block, Items, Paragraph, Picture, ReportDocument, Section, Table, Verbatim
from tune.terminal.escaped import spelled, visible

BEGINS: Final = "<!doctype html>\n<!-- bedrock-tuning report -->\n"
"""What a file of ours begins with."""
# A browser that knows it refuses everything else, whatever an escaping has missed.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_CSS: Final = (
    f"body{{font:16px/1.5 {style.FONT};max-width:64rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}}"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin:2rem 0 .5rem}"
    ".facts{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem}"
    ".strong{font-weight:600;font-size:1.25rem;border-left:.3rem solid;padding-left:.75rem}"
    ".scrolls{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0 1rem}"
    "caption{text-align:left;font-weight:600;padding:.25rem 0}"
    "th,td{padding:.25rem .75rem .25rem 0;text-align:left;vertical-align:top;overflow-wrap:normal}"
    "thead th{font-weight:400}tbody th{font-weight:400}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}.whole{white-space:nowrap}"
    "figure{margin:.5rem 0 1rem}figcaption{font-weight:600}"
    "pre{white-space:pre-wrap;padding:.5rem;margin:.25rem 0;unicode-bidi:plaintext}"
    "a:focus-visible,.scrolls:focus-visible{outline:2px solid}"
    "@media print{body{max-width:none;padding:0;font-size:10pt}nav{display:none}.scrolls{overflow:visible}"
    "table{font-size:8pt}th,td{padding-right:.4rem}"
    "figure,tr{break-inside:avoid}h2{break-after:avoid}}"
)


def page(its: ReportDocument) -> str:
    """Return the page."""
    return "".join(
        (
            BEGINS,
            '<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="color-scheme" content="light dark">\n<meta name="robots" content="noindex">\n',
            f"<title>{_text(its.title)}</title>\n<style>{_CSS}{_colors()}</style>\n</head>\n<body>\n",
            f"<header>\n<h1>{_text(its.title)}</h1>\n",
            f'<ul class="facts">{"".join(f"<li>{_text(each)}</li>" for each in its.facts)}</ul>\n</header>\n',
            f'<nav aria-label="Sections"><ul class="facts">{"".join(map(_link, its.sections))}</ul></nav>\n',
            "<main>\n",
            *(part for each in its.sections for part in _section(each)),
            "</main>\n</body>\n</html>\n",
        )
    )


def _link(its: Section) -> str:
    return f'<li><a href="#{its.name}">{_text(its.title)}</a></li>'


def _section(its: Section) -> Iterator[str]:
    yield f'<section id="{its.name}" aria-labelledby="{its.name}-title">\n'
    yield f'<h2 id="{its.name}-title">{_text(its.title)}</h2>\n'
    yield from map(_block, its.blocks)
    yield "</section>\n"


def _block(its: Block) -> str:
    match its:
        case Paragraph(text, is_strong):
            return f'<p class="{"strong" if is_strong else "plain"}">{_text(text)}</p>\n'
        case Items(texts):
            return f"<ul>{''.join(f'<li>{_text(each)}</li>' for each in texts)}</ul>\n"
        case Picture(svg):
            return f"<figure>{svg}</figure>\n"
        case Verbatim(name, text):
            shown = html.escape(spelled(text))
            return f'<figure><figcaption>{_text(name)}</figcaption><pre dir="auto">{shown}</pre></figure>\n'
        case Table():
            return _table(its)


def _table(its: Table) -> str:
    head = "".join(
        f'<th scope="col"{_class(number, its)}>{_text(each)}</th>' if each else "<td></td>"
        for number, each in enumerate(its.columns)
    )
    body = "".join(f"<tr>{''.join(_cells(row, its))}</tr>\n" for row in its.rows)
    caption = _text(its.caption)
    # What scrolls is reached without a mouse, and says what it is.
    return (
        f'<div class="scrolls" role="region" tabindex="0" aria-label="{caption}"><table>\n'
        f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _cells(row: Sequence[str], its: Table) -> Iterator[str]:
    for number, each in enumerate(row):
        shown = f"<bdi>{_text(each)}</bdi>"
        # An interval stays on its line; only words may go on below.
        if number not in its.words and not any(map(str.isalpha, each)):
            shown = f'<span class="whole">{shown}</span>'
        yield f'<th scope="row">{shown}</th>' if number == 0 else f"<td{_class(number, its)}>{shown}</td>"


def _class(number: int, its: Table) -> str:
    return "" if number in its.words else ' class="number"'


def _text(text: str) -> str:
    return html.escape(visible(text))


def _colors() -> str:
    return f"{_of_scheme(0)}@media screen and (prefers-color-scheme:dark){{{_of_scheme(1)}}}"


def _of_scheme(scheme: int) -> str:
    first = style.STYLES[0]
    link = (first.light, first.dark)[scheme]
    return (
        f"html{{background:{style.GROUND[scheme]};color:{style.TEXT[scheme]}}}a{{color:{link}}}"
        f"thead th{{color:{style.QUIET[scheme]}}}th,td{{border-bottom:1px solid {style.GRID[scheme]}}}"
        f"pre{{border:1px solid {style.GRID[scheme]}}}"
    )
