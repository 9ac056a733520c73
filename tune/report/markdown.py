"""A report as Markdown, for a pull request or the summary of a job: without pictures, whose numbers are in tables."""

from collections.abc import Iterator, Sequence

from tune.report.blocks import Block, Items, Paragraph, Picture, ReportDocument, Section, Table, Verbatim
from tune.terminal.escaped import in_html, markdown


def text(its: ReportDocument) -> str:
    """Return the Markdown; whoever is in a hurry unfolds the details or not."""
    lines = [f"### {markdown(its.title)}", "", " · ".join(map(markdown, its.facts)), ""]
    for section in its.sections:
        lines += _section(section)
    return "\n".join(lines) + "\n"


def _section(its: Section) -> Iterator[str]:
    if its.is_detail:
        yield f"<details><summary>{in_html(its.title)}</summary>"
    else:
        yield f"#### {markdown(its.title)}"
    yield ""
    for block in its.blocks:
        yield from _block(block)
    if its.is_detail:
        yield from ("</details>", "")


def _block(its: Block) -> Iterator[str]:
    match its:
        case Paragraph(words, is_strong):
            yield from (f"**{markdown(words)}**" if is_strong else markdown(words), "")
        case Items(texts):
            yield from (*(f"- {markdown(each)}" for each in texts), "")
        case Table():
            yield from (f"**{markdown(its.caption)}**", "", _row(its.columns))
            yield f"|{'|'.join(' --- ' if number in its.words else ' ---: ' for number in range(len(its.columns)))}|"
            yield from (*map(_row, its.rows), "")
        case Picture() | Verbatim():  # a host shows no SVG, and content is for no host
            return


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(markdown, cells))} |"
