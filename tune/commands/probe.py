"""The command: arguments in, exit code out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sandbox.assumptions.answers import AnswersError, given_in
from tune.account.clients import Aws, clients
from tune.account.location import ambient
from tune.probe.probing import Probed
from tune.probe.probing import probe as ask
from tune.probe.text import answer_file, document, lines
from tune.terminal.arguments import Folder, anchor_of
from tune.terminal.environments import DEFAULT_FOLDER
from tune.terminal.exit_codes import refuse


def probe(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="ENV", help="Asks its account and Region; without it those of the credentials are asked."
        ),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Write the answers to a file, without data of the account."),
    ] = None,
) -> None:
    """Ask an account what this project only assumes of AWS. Reads alone: it changes nothing and costs nothing.

    What can be asked only by spending or changing something is printed as commands. Exits with 0 when each answer is
    the register's (docs/sandbox.md), with 1 when one is not, with 2 when settings or credentials are wrong or nothing
    was answered.
    """
    if answers is not None:
        _check_writable(answers)
    aws, region = _asked(folder, name)
    probed = ask(aws, region, datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(document(probed), indent=2))
    else:
        typer.echo("\n".join(lines(probed)))
    if not probed.answers:
        refuse("AWS has answered none of the questions: see above why; no file was written")
    if answers is not None:
        _write(answers, probed)
    elif probed.differing and not as_json:
        typer.echo("\n--answers FILE writes what was answered, and nothing of the account, for make sandbox to play.")
    raise typer.Exit(1 if probed.differing else 0)


def _asked(folder: Path, name: str | None) -> tuple[Aws, str]:
    if name is None:
        aws, place = ambient()
        return aws, place.region
    anchor = anchor_of(folder, name)
    return clients(anchor), anchor.settings.region


def _check_writable(path: Path) -> None:
    """Refuse before anything is asked: a file that is something else is not written over."""
    if path.exists():
        try:
            given_in(path)
        except AnswersError as problem:
            refuse(f"{path}: {problem}; it is not written over, name another file")
    elif not path.parent.is_dir():
        refuse(f"{path}: there is no folder {path.parent}")


def _write(path: Path, probed: Probed) -> None:
    try:
        path.write_text(f"{json.dumps(answer_file(probed), indent=2)}\n", encoding="utf-8")
    except OSError as error:
        refuse(f"{path}: cannot be written: {error.strerror}")
