"""Whatever a name holds, a report shows it as text and nothing else; whatever a record holds, it is shown as it is."""

import html as library
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.evaluation.statistics.sample import Sample, paired
from bedrock_lifecycle.evaluation.stored.summary import Difference, Slice, Summary, TargetAnswers, Worst
from tune.report import html, markdown
from tune.report.document import document
from tune.report.facts import RecordInWords, Report

# What leaves its place where it is not escaped, or turns the direction of what follows.
HOSTILE: Final = (
    "<script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(1)>",
    "\"><a href='https://any.invalid'>",
    "a | b `c` **d** [e](https://any.invalid) @everybody #1",
    "</details>\n# heading",
    "\u202eright to left\u2066",
    "\x1b[31mred\x07",
    "half \ud800 of one",
    "<!-- --> ]]> &amp; &#60;",
    "\u05d0\u05d1\u05d2 \u0627\u0644",
)
_TAGS: Final = frozenset({"html", "head", "meta", "title", "style", "body", "header", "h1", "ul", "li", "nav", "a"}) | {
    *("main", "section", "h2", "p", "figure", "figcaption", "pre", "div", "table", "caption", "thead", "tbody", "tr"),
    *("th", "td", "bdi", "span", "svg", "desc", "rect", "text", "path", "circle"),
}
_LOADS: Final = ("src", "href", "srcset", "action", "data", "background", "poster", "xlink:href")
_UNSEEN: Final = ("Cc", "Cf", "Cs")
FEWER: Final = settings(max_examples=40)
"""Each example is a whole page."""
names: Final = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=40))


class _Page(HTMLParser):
    """Everything in a page that could be more than text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def report_of(*told: str, contents: Sequence[str] | None = None) -> Report:
    """Return a report in which every name that comes from elsewhere is one of these."""
    name, label, measure, code = (told * 4)[:4]
    ours, theirs = [[1.0], [0.0], [1.0]], [[0.0], [0.0], [1.0]]
    sample = Sample.of("scores", ours)
    targets = [
        TargetAnswers(
            name=each,
            model=name,
            answered=3,
            unanswered=1,
            input_tokens=1,
            output_tokens=1,
            stop_reasons={code: 3},
            errors={code: 1},
        )
        for each in ("tuned", name)
    ]
    numbers = Summary(
        evaluation="9c1f6a0b2d3e",
        is_complete=True,
        made="2026-11-28",
        test_sha256="a" * 64,
        records=3,
        of=3,
        targets=tuple(targets),
        scores={"tuned": {measure: sample}, name: {measure: Sample.of("scores", theirs)}},
        differences=(Difference(theirs=name, measure=measure, sample=paired(ours, theirs)),),
        slices=(Slice(by="group", label=label, target="tuned", measure=measure, sample=sample),),
        worst=(Worst(record=1, measure=measure, theirs=name, difference=-1.0),),
        warnings=(label,),
    )
    shown = RecordInWords(record=1, question="any", reference="any", answers={name: "any"})
    found = [replace(shown, question=each, reference=each) for each in contents or ()]
    return Report(environment="dev", model="docstrings", numbers=numbers, no_training=code, contents=found or None)


def page_of(*told: str, contents: Sequence[str] | None = None) -> str:
    return html.page(document(report_of(*told, contents=contents)))


def is_harmless(page: str) -> bool:
    found = _Page(page)
    loads = {value for name, value in found.attributes if name in _LOADS and not value.startswith("#")}
    return not loads and found.tags <= _TAGS and not [name for name, _ in found.attributes if name.startswith("on")]


def test_the_check_itself_sees_what_is_not_escaped() -> None:
    page = page_of("any")
    assert is_harmless(page)
    assert not is_harmless(page.replace("any", HOSTILE[0]))
    assert not is_harmless(page.replace("any", HOSTILE[1]))
    assert not is_harmless(page.replace("any", '"><a href="https://any.invalid">'))


@FEWER
@given(st.lists(names, min_size=1, max_size=4))
def test_a_page_has_no_element_and_loads_nothing_that_a_name_brings(told: list[str]) -> None:
    page = page_of(*told)
    assert is_harmless(page)
    page.encode()


@FEWER
@given(st.lists(names, min_size=1, max_size=4))
def test_nothing_in_a_page_is_unseen_or_turns_the_direction_of_the_rest(told: list[str]) -> None:
    assert not [each for each in page_of(*told) if each != "\n" and unicodedata.category(each) in _UNSEEN]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_is_read_as_it_is_but_for_what_is_unseen(name: str) -> None:
    seen = "".join(each for each in " ".join(name.split()) if unicodedata.category(each) not in _UNSEEN)
    assert seen in "\n".join(_Page(page_of(name)).texts)


@FEWER
@given(st.lists(names, min_size=1, max_size=4))
def test_markdown_has_no_markup_and_no_row_that_a_name_brings(told: list[str]) -> None:
    text = markdown.text(document(report_of(*told)))
    plain = markdown.text(document(report_of("any")))
    assert len(text.splitlines()) == len(plain.splitlines())
    assert set(re.findall(r"<[^>]*>", text)) <= {"<details>", "</details>", "<summary>", "</summary>"}
    for line, other in zip(text.split("\n"), plain.split("\n"), strict=True):
        assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", other))
        assert line.startswith("- ") == other.startswith("- ")
    text.encode()


@FEWER
@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=200)))
def test_content_is_text_with_its_line_breaks(content: str) -> None:
    page = page_of("any", contents=[content])
    assert is_harmless(page)
    page.encode()
    shown = library.unescape(page.partition("<pre")[2].partition(">")[2].partition("</pre>")[0])
    hidden = [each for each in shown if each not in "\n\t" and unicodedata.category(each) in _UNSEEN]
    assert not hidden
    rest = iter(shown)
    assert all(each in rest for each in content if each in "\n\t" or unicodedata.category(each) not in _UNSEEN)


def test_content_is_in_no_form_but_the_page() -> None:
    assert "Quokka" in page_of("any", contents=["Quokka"])
    assert "Quokka" not in markdown.text(document(report_of("any", contents=["Quokka"])))
