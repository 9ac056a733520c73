"""`tune report`: arguments in, exit code out."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tune.terminal.arguments import Folder, Json, Name, OnlyModel
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER

if TYPE_CHECKING:
    from tune.report.facts import Report


def report(
    name: Name,
    model: OnlyModel = None,
    evaluation: Annotated[
        str | None, typer.Option("--evaluation", metavar="ID", help="ID of an evaluation. Default: the newest.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            show_default=False,
            help="Where the HTML page goes. Default: build/reports/; none with --json or --markdown.",
        ),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: Json = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown for a pull request or a job's summary instead.")
    ] = False,
    with_content: Annotated[
        bool,
        typer.Option("--show-content", help="Show the worst records in words, in a file that only you may read."),
    ] = False,
) -> None:
    """Write the report of an evaluation: verdict, intervals, comparisons.

    Changes nothing. It also says how each number was computed. It reads the stored numbers in the environment's
    bucket, with your own credentials: the bootstrap's lookup role may not decrypt them. The page is one file without
    scripts, which loads nothing. It replaces only another report. It has line numbers of the test file and no word of
    any record.

    --show-content adds the questions and answers of the worst records, as long as these are stored. It is refused in a
    pipeline, and for a file that git would commit.

    Exit codes: 0 written or printed; 1 there is no such evaluation, or its answers are not stored any more; 2 settings
    or credentials are wrong, AWS does not answer, or a file cannot be written.

    python -m tune report dev
    python -m tune report dev docstrings --output report.html
    python -m tune report dev docstrings --evaluation 56af50fa73e1 --json
    python -m tune report dev docstrings --markdown > report.md
    """
    import datetime as dt

    from tune.account.clients import clients
    from tune.report.observe import Evaluations
    from tune.terminal.screen import working
    from tune.terminal.targets import ref_of

    if as_json + as_markdown + with_content > 1:
        refuse("--json, --markdown and --show-content exclude each other: give one of them")
    ref = ref_of(folder, name, model)
    its_name = ref.only_model
    if with_content:
        from tune.report.files import default_file, refuse_for_content

        # Before anything is read; whether git would take the file is the same for every evaluation.
        refuse_for_content(output or default_file(name, its_name, evaluation or "newest"), os.environ)
    with working("reading the numbers"):
        evaluations = Evaluations(clients(ref), ref, its_name)
        found = evaluations.report(evaluation, dt.datetime.now(dt.UTC), with_content=with_content)
    if output or not (as_json or as_markdown):
        file = _written(found, output)
        if not (as_json or as_markdown):
            typer.echo(f"{file} is written.")
    if as_json or as_markdown:
        typer.echo(_printed(found, as_json=as_json), nl=False)
    raise typer.Exit(ExitCode.DONE)


def _written(found: "Report", output: Path | None) -> str:
    """Write the page, and return the name of its file."""
    from tune.report.document import document
    from tune.report.files import default_file, write_page
    from tune.report.html import page
    from tune.terminal.labels import name_of

    file = output or default_file(found.environment, found.model, found.numbers.evaluation)
    if output is None:
        file.parent.mkdir(parents=True, exist_ok=True)
    write_page(file, page(document(found)), has_content=found.contents is not None)
    return name_of(file)


def _printed(found: "Report", *, as_json: bool) -> str:
    from tune.report import document, json_document, markdown

    if as_json:
        return f"{json.dumps(json_document.document(found), indent=2)}\n"
    return markdown.text(document.document(found))
