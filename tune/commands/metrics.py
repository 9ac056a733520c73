"""`tune metrics`: arguments in, exit code out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tune.terminal.arguments import Folder, Json, Name, OnlyModel
from tune.terminal.exit_codes import ExitCode
from tune.terminal.folders import DEFAULT_FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tune.metrics.training import TrainingLosses
    from tune.pictures.lines import LineChart


def metrics(
    name: Name,
    model: OnlyModel = None,
    folder: Folder = DEFAULT_FOLDER,
    training: Annotated[
        str | None, typer.Option("--training", metavar="ID", help="Training ID and attempt. Default: the newest.")
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            "--compare",
            metavar="ID",
            help="Another training run to show beside it, or all of the model. Can be given several times.",
        ),
    ] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Write the picture to a file as SVG.")
    ] = None,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FILE", help="Write the picture to a file as PNG; needs resvg-py.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the losses of a training run: curves, best epoch, and what they suggest.

    Changes nothing. It reads the metrics files that Bedrock has left in the environment's bucket, with your own
    credentials: the bootstrap's lookup role may not decrypt them. The data files and the stacks need not exist. A
    picture replaces only a file that is a picture.

    --compare shows at most six training runs together; with all, the newest ones. Losses say which training is better
    only where base model and validation data are the same.

    Exit codes: 0 shown; 1 there is no such training, or no loss of it; 2 settings or credentials are wrong, AWS does
    not answer, or a file cannot be written.

    python -m tune metrics dev
    python -m tune metrics dev docstrings --svg loss.svg
    python -m tune metrics dev docstrings --compare 4ffdfb6d1c2a-1
    python -m tune metrics dev docstrings --compare all --json
    """
    from tune.account.clients import clients
    from tune.metrics import json_document, picture
    from tune.metrics.files import write_png, write_svg
    from tune.metrics.observe import Trainings
    from tune.pictures.lines import drawn
    from tune.terminal.screen import working
    from tune.terminal.targets import ref_of

    ref = ref_of(folder, name, model)
    its_name = ref.only_model
    with working("reading the metrics"):
        found = Trainings(clients(ref), ref, its_name)
        first = found.one(training)
        shown = found.beside(first, compare) if compare else (first,)
    left_out = found.left_out(shown) if compare else ()
    chart = picture.side_by_side(shown) if len(shown) > 1 else picture.chart(first)
    if chart and svg:
        write_svg(svg, drawn(chart))
    if chart and png:
        write_png(png, drawn(chart))
    if as_json:
        typer.echo(json.dumps(json_document.document(name, its_name, shown, left_out), indent=2))
    else:
        _show(shown, chart, left_out)
        _tell([file for file in (svg, png) if file], is_drawn=chart is not None)
    raise typer.Exit(ExitCode.DONE if chart else ExitCode.FAILED)


def _show(shown: "Sequence[TrainingLosses]", chart: "LineChart | None", left_out: "Sequence[str]") -> None:
    from rich.console import Console

    from tune.metrics import text
    from tune.metrics.advice import advice, compared

    console = Console()
    if len(shown) == 1:
        console.print(text.heading(shown[0]), soft_wrap=True)
    if chart:
        console.print(text.picture(chart, console.width), no_wrap=True, crop=False)
        console.print(text.epochs(shown[0]) if len(shown) == 1 else text.side_by_side(shown))
    for its in shown:
        for sentence in text.sentences(its):
            typer.echo(sentence if len(shown) == 1 else f"{its.id}: {sentence}")
    for line in text.advised(advice(shown[0]) if len(shown) == 1 else compared(shown)):
        console.print(line, soft_wrap=True)
    if left_out:
        typer.echo(f"Not shown: {', '.join(left_out)}")
    if len(shown) == 1:
        typer.echo(f"Metrics: {shown[0].where}")


def _tell(files: "Sequence[Path]", *, is_drawn: bool) -> None:
    from tune.terminal.labels import name_of

    for file in files:
        typer.echo(f"{name_of(file)} {'is written' if is_drawn else 'is not written: there is nothing to draw'}.")
