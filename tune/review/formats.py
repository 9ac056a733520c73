"""A review in the form that is asked for, on standard output."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import typer
from rich.console import Console

from tune.review.compare import Review
from tune.review.document import document
from tune.review.findings import dearest_first
from tune.review.markdown import CommentContext as CommentContext
from tune.review.markdown import comment
from tune.review.run import Compared
from tune.review.sarif import sarif
from tune.review.text import show
from tune.spending.prices import Prices
from tune.terminal.folders import DEFAULT_FOLDER, ROOT

Format = Literal["text", "markdown", "json", "sarif"]


def tell(found: Compared, form: Format, folder: Path, told: CommentContext) -> None:
    """Print it; `folder` is that of the environments, and with prices the dearest of each class is the first."""
    prices = told.prices
    review = _in_order(found, prices)
    match form:
        case "text":
            show(review, found.base, found.head, Console(), at=told.at, prices=prices)
        case "markdown":
            typer.echo(comment(review, found.base, found.head, told), nl=False)
        case "json":
            typer.echo(written(found, prices), nl=False)
        case "sarif":
            typer.echo(json.dumps(sarif(review, found.base, found.head, _in_repository(folder), prices), indent=2))


def written(found: Compared, prices: Prices | None) -> str:
    """Return the JSON document as a file has it."""
    return json.dumps(document(_in_order(found, prices), found.base, found.head, prices), indent=2) + "\n"


def _in_order(found: Compared, prices: Prices | None) -> Review:
    its = found.review
    return replace(its, findings=tuple(dearest_first(its.findings, prices.first_month))) if prices else its


def _in_repository(folder: Path) -> Path:
    """Return the folder of the environments as the repository has it; the default's name for one that is elsewhere."""
    absolute = folder.absolute()
    return absolute.relative_to(ROOT) if absolute.is_relative_to(ROOT) else Path(DEFAULT_FOLDER.name)
