"""A review as the comment of a pull request: worst first, escaped, and never longer than a host takes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from tune.review.compare import Review, StackReview
from tune.review.findings import CLASSES, NOUNS, FindingClass, ReviewFinding, nothing_is, untold
from tune.review.picture import picture
from tune.spending.cost import Cost
from tune.spending.prices import Prices
from tune.terminal import escaped
from tune.terminal.counting import counted

MARK: Final = "<!-- bedrock-tuning-review -->"
"""By which the comment of an earlier commit is found."""
# GitHub takes 65,536 characters.
MOST_CHARACTERS: Final = 60_000
_FIRST_SCREEN: Final = 25
# Of one finding: so that none takes the place of all others.
_MOST_SAID: Final = 600
_MOST_OF_A_VALUE: Final = 200
_MOST_OF_A_NAME: Final = 60
_MOST_NAMED: Final = 4
_SIGNS: Final[dict[FindingClass, str]] = {
    "refused": "⛔",
    "buys": "🔴",
    "trains": "🟠",
    "evaluates": "🟠",
    "deletes": "🔴",
    "stays": "🔴",
    "moves": "🟣",
    "shares": "🔴",
    "widens": "🔴",
    "loosens": "🟡",
    "unknown": "⚪",
    "changes": "🔵",
}
_HEAD: Final = ("| | where | what | was → is | costs |", "|---|---|---|---|---|")
_LEFT_OUT_LAST: Final = ("finding", "picture", "resource")


@dataclass(frozen=True, kw_only=True)
class CommentContext:
    """What a comment says beside the review.

    at: when it was made, in words. Default: not said.
    prices: those of the team. Default: no money.
    link: where all findings are, for a comment that is cut. Default: none.
    is_drawn: whether it has a picture of the stacks.
    most: how many characters it may have.
    """

    at: str = ""
    prices: Prices | None = None
    link: str = ""
    is_drawn: bool = False
    most: int = MOST_CHARACTERS


@dataclass(frozen=True, eq=False)
class _Block:
    """Lines that are shown on demand, each but the first `heads`, which are of no use without one more, a `noun`."""

    title: str
    lines: Sequence[str]
    heads: int
    noun: str


def comment(review: Review, base: str, head: str, told: CommentContext | None = None) -> str:
    """Return the comment; what is left out of it is counted, and what cannot be told is left out last."""
    told = told or CommentContext()
    when = f", {escaped.markdown(told.at)}" if told.at else ""
    names = [escaped.code(escaped.shortened(each, _MOST_OF_A_NAME)) for each in (base, head)]
    compared = f"Compared {' with '.join(names)}{when}, {review.basis}"
    begin = [MARK, f"### {_title(review)}", compared, ""]
    end = list(_ending(review, told.prices))
    said = [its for its in review.findings if its.finding_class != "changes"]
    updates = [its for its in review.findings if its.finding_class == "changes"]
    first, rest = said[:_FIRST_SCREEN], said[_FIRST_SCREEN:]
    unknown = [its for its in rest if its.certainty == "unknown"]
    more = [its for its in rest if its.certainty != "unknown"]
    drawn = picture(review) if told.is_drawn else ()
    pictures = [_Block("Stacks that change", ["```mermaid", *drawn, "```"], len(drawn) + 1, "picture")] if drawn else []
    blocks = [
        _Block(title, _table(each, told.prices), len(_HEAD), "finding")
        for title, each in (
            (f"{counted(len(unknown), 'more finding')} that cannot be determined", unknown),
            (counted(len(more), "more finding"), more),
            (f"{counted(len(updates), 'update')} without a bill", updates),
        )
        if each
    ]
    lists = [_of_stack(each) for each in review.stacks if each.changed]
    return _fitted(begin, _table(first, told.prices), end, [*pictures, *blocks, *lists], told)


def _title(review: Review) -> str:
    environments = sorted({its.environment for its in review.stacks})
    names = [escaped.code(escaped.shortened(name, _MOST_OF_A_NAME)) for name in environments[:_MOST_NAMED]]
    more = [f"{len(environments) - _MOST_NAMED} more"] if len(environments) > _MOST_NAMED else []
    about = ", ".join((*names, *more)) or "no environment"
    counts = [counted(len(found), NOUNS[each]) for each in CLASSES if each != "changes" and (found := review.of(each))]
    return f"Review of {about}: {', '.join(counts) or 'nothing is trained, bought, moved, deleted or widened'}"


def _table(findings: Sequence[ReviewFinding], prices: Prices | None) -> list[str]:
    return [*_HEAD, *(_row(its, prices) for its in findings)] if findings else []


def _row(its: ReviewFinding, prices: Prices | None) -> str:
    change = " → ".join(_value(each, _MOST_OF_A_VALUE) for each in (its.was, its.now) if each)
    sign = f"{_SIGNS[its.finding_class]} {its.verb}"
    costs = "; ".join(_cost(each, prices) for each in its.costs)
    return f"| {sign} | {escaped.markdown(its.place)} | {_value(its.says, _MOST_SAID)} | {change} | {costs} |"


def _value(text: str, most: int) -> str:
    return escaped.markdown(escaped.shortened(text, most))


def _cost(cost: Cost, prices: Prices | None) -> str:
    return escaped.markdown(prices.told(cost) if prices else str(cost))


def _ending(review: Review, prices: Prices | None) -> Iterator[str]:
    if nothing := nothing_is(review.absent):
        yield from ("", nothing)
    yield ""
    if unknown := [its for its in review.findings if its.certainty == "unknown"]:
        yield f"**{counted(len(unknown), 'finding')} cannot be determined** from templates."
    if prices and any(its.costs for its in review.findings):
        yield f"Money is {_value(prices.origin, _MOST_OF_A_VALUE)}."
    yield f"{counted(review.unchanged, 'stack')} unchanged. {untold(is_asked=bool(review.asked))}"


def _of_stack(stack: StackReview) -> _Block:
    counts = ", ".join(f"{number} {verb}" for verb, number in stack.counts.items())
    # No Markdown is read in the line of the summary.
    title = f"{escaped.in_html(f'{stack.environment}/{stack.id}')}: {stack.state}{f', {counts}' if counts else ''}"
    return _Block(
        title, [f"- {verb}: {escaped.markdown(path)} ({kind})" for verb, path, kind in stack.changed], 0, "resource"
    )


def _fitted(begin: list[str], table: list[str], end: list[str], blocks: Sequence[_Block], told: CommentContext) -> str:
    """Return all of it as one text, or as much as there is room for: the first lines of a table or block stay.

    What comes after a finding that is left out, and the picture, is left out too.
    """
    link = f": [all of them]({told.link})" if told.link else ": the JSON document has all of them"
    most = f"**{10**6:,} findings, 1 picture and {10**6:,} resources left out**{link}."
    room = told.most - _size([*begin, *end, "", most])
    first = _Block("", table, len(_HEAD), "finding")
    shown: dict[_Block, Sequence[str]] = {}
    left_out: Counter[str] = Counter()
    for block in sorted((first, *blocks), key=lambda its: _LEFT_OUT_LAST.index(its.noun)):
        around = _size(_opened(block, [])) if block is not first else 0
        lines = _as_much(block.lines, 0 if left_out["finding"] else room - around, block.heads)
        left_out[block.noun] += _rows(block.lines, block.heads) - _rows(lines, block.heads)
        if lines:
            shown[block] = lines
            room -= around + _size(lines)
    opened = [line for block in blocks if block in shown for line in _opened(block, shown[block])]
    lines = [*begin, *shown.get(first, ()), *end, *opened]
    if counts := [counted(left_out[each], each) for each in _LEFT_OUT_LAST if left_out[each]]:
        lines += ["", f"**{' and '.join(filter(None, (', '.join(counts[:-1]), counts[-1])))} left out**{link}."]
    return "\n".join(lines) + "\n"


def _opened(block: _Block, lines: Sequence[str]) -> list[str]:
    return ["", f"<details><summary>{block.title}</summary>", "", *lines, "", "</details>"]


def _as_much(lines: Sequence[str], room: int, heads: int) -> Sequence[str]:
    """Return the first lines that there is room for; none where that is only heads."""
    sizes = accumulate(len(line) + 1 for line in lines)
    number = sum(size <= room for size in sizes)
    return lines[:number] if number > heads else []


def _rows(lines: Sequence[str], heads: int) -> int:
    return max(len(lines) - heads, 0)


def _size(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)
