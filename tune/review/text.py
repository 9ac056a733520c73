"""A review for people at a terminal."""

from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tune.review.compare import Review
from tune.review.findings import ReviewFinding, nothing_is, untold
from tune.spending.prices import Prices
from tune.terminal.counting import counted

_STYLES = {
    "buys": "red",
    "deletes": "red",
    "stays": "red",
    "shares": "red",
    "widens": "red",
    "trains": "yellow",
    "evaluates": "yellow",
}


def show(review: Review, base: str, head: str, console: Console, *, at: str = "", prices: Prices | None = None) -> None:
    """Show it, the worst first."""
    when = f", {at}" if at else ""
    console.print(Text(f"From {base} to {head}{when}, {review.basis}", style="bold"))
    for finding in review.findings:
        for renderable in _lines(finding, prices):
            console.print(renderable)
    if nothing := nothing_is(review.absent):
        console.print(Text(nothing, style="dim"))
    if prices and any(its.costs for its in review.findings):
        console.print(Text(f"Money is {prices.origin}."))
    told = f"{counted(len(review.stacks), 'stack')} changed, {review.unchanged} unchanged"
    console.print(Text(f"{told}. {untold(is_asked=bool(review.asked))}"))


def _lines(its: ReviewFinding, prices: Prices | None) -> Iterator[Padding | Text]:
    head = Text(f"{its.verb:8}", style=_STYLES.get(its.finding_class, "cyan"))
    yield head.append(f" {its.place}", style="bold")
    yield Padding(Text(its.says), (0, 0, 0, 9))
    if its.was or its.now:
        yield Padding(Text(" → ".join(filter(None, (its.was, its.now))), style="dim"), (0, 0, 0, 9))
    for cost in its.costs:
        yield Padding(Text(prices.told(cost) if prices else str(cost)), (0, 0, 0, 9))
