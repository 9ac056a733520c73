"""`tune probe`: arguments in, exit code out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tune.terminal.arguments import Folder, Json
from tune.terminal.completion import environment_names
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER


def probe(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="ENV",
            autocompletion=environment_names,
            help="Ask in its account and Region. Default: those of the credentials.",
        ),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: Json = False,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Write the answers to a file, without data of the account."),
    ] = None,
) -> None:
    """Ask an AWS account whether what this project assumes of AWS is so.

    It only reads: it changes nothing and costs nothing. Questions that cost or change something are printed as
    commands.

    Exit codes: 0 each answer is the register's (docs/explanation/sandbox.md); 1 an answer differs; 2 settings or
    credentials are wrong, or nothing was answered.

    python -m tune probe dev
    python -m tune probe dev --answers answers.json
    python -m tune probe --json
    """
    from tune.account.ambient import ambient
    from tune.account.clients import clients
    from tune.account.location import place_of
    from tune.probe.probing import probe as ask
    from tune.probe.text import answer_file, document, lines
    from tune.terminal.targets import ref_of

    if answers is not None:
        _check_writable(answers)
    if name is None:
        aws, place = ambient()
    else:
        ref = ref_of(folder, name)
        aws, place = clients(ref, "lookup"), place_of(ref)
    probed = ask(aws, place.region, datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(document(probed), indent=2))
    else:
        typer.echo("\n".join(lines(probed)))
    if not probed.answers:
        refuse("AWS answered none of the questions, for the reasons above; no file was written")
    if answers is not None:
        _write(answers, answer_file(probed))
    elif probed.differing and not as_json:
        typer.echo("\n--answers FILE writes the answers, without data of the account, for make sandbox to play.")
    raise typer.Exit(1 if probed.differing else 0)


def _check_writable(path: Path) -> None:
    """Refuse before anything is asked: a file that is something else is not written over."""
    from sandbox.assumptions.answers import AnswersError, given_in

    if path.exists():
        try:
            given_in(path)
        except AnswersError as problem:
            refuse(f"{path}: {problem}; it is not overwritten; name another file")
    elif not path.parent.is_dir():
        refuse(f"{path}: there is no folder {path.parent}")


def _write(path: Path, document: dict[str, Any]) -> None:
    try:
        path.write_text(f"{json.dumps(document, indent=2)}\n", encoding="utf-8")
    except OSError as error:
        refuse(f"{path}: cannot be written: {error.strerror}")
