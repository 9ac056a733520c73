"""What the demo shows, as rich renderables. Text from elsewhere is never read as markup."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tune.account.items import InventoryItem
from tune.demo.answers import AnsweredQuestion
from tune.terminal.counting import counted

_ANSWER_WIDTH: Final = 180
_INDENT: Final = (0, 0, 0, 3)
_SECONDS_PER_HOUR: Final = 3600


def facts(rows: Iterable[tuple[str, str]]) -> Padding:
    """Names on the left, values on the right."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    return Padding(table, _INDENT)


def remark(text: str) -> Padding:
    """A sentence between other things."""
    return Padding(Text(text), _INDENT)


def files(rows: Iterable[tuple[str, Path]]) -> Padding:
    """Files by what they are, each a link where the terminal has links."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, path in rows:
        table.add_row(Text(name), Text(str(path), style=f"link {path.resolve().as_uri()}"))
    return Padding(table, _INDENT)


def answers(answered: Iterable[AnsweredQuestion]) -> Iterable[Padding]:
    """For each question what was expected, what the base model says and what the tuned one says."""
    for each in answered:
        yield facts(
            (
                ("question", each.question.subject),
                ("expected", each.question.expected),
                ("base model", _shortened(each.base)),
                ("tuned model", _shortened(each.tuned)),
                ("", ""),
            )
        )


def bill(meter: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What AWS would have billed, by its nature; prices are AWS's business."""
    jobs, throughputs = meter["jobs"], meter["throughputs"]
    hours = meter["modelUnitSeconds"] / _SECONDS_PER_HOUR
    asked = sum(each["inputTokens"] + each["outputTokens"] for each in meter["invocations"])
    return [
        ("once", f"{meter['trainedTokens']:,} tokens trained (estimated), in {counted(len(jobs), 'training run')}"),
        ("by the token", f"{asked:,} tokens of questions and answers (estimated), those of the evaluation among them"),
        ("by the hour", f"{hours:.1f} model-unit hours, of {counted(len(throughputs), 'Provisioned Throughput')}"),
        ("by the month", "one custom model, one key, the objects in the bucket: until they are removed"),
    ]


def kept(items: Sequence[InventoryItem]) -> Padding:
    """What stays, and on AWS the command that removes it."""
    return facts(row for item in items for row in _kept(item))


def _kept(item: InventoryItem) -> Iterator[tuple[str, str]]:
    yield item.what, f"{item.name}: {item.cost}"
    if item.command:
        yield "", f"$ {item.command}"


def _shortened(text: str) -> str:
    return textwrap.shorten(text, _ANSWER_WIDTH, placeholder=" …")
