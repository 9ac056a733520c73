"""`tune review`: arguments in, exit code out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from tune.terminal.arguments import Folder
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER

if TYPE_CHECKING:
    from tune.review.run import Compared


def review(
    base: Annotated[
        Path | None, typer.Option("--base", metavar="FOLDER", help="Cloud assembly of the state before.")
    ] = None,
    head: Annotated[
        Path | None,
        typer.Option("--head", metavar="FOLDER", help="Cloud assembly of the change. Default: this checkout."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="REVISION", help="Make the base from git, where both part.")
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", metavar="ENV", help="Only this environment. Default: all.")
    ] = None,
    output: Annotated[
        Literal["text", "markdown", "json"],
        typer.Option("--format", help="For people, for a pull request, or for tools."),
    ] = "text",
    json_file: Annotated[
        Path | None, typer.Option("--write-json", metavar="FILE", help="Write the JSON document too, of the same run.")
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option("--fail-on", metavar="CLASSES", help="Exit with 1 at a finding of these, such as buys,trains."),
    ] = "",
    most_characters: Annotated[
        int, typer.Option("--max-characters", min=2000, help="How long the Markdown may be; the worst stays.")
    ] = 60_000,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the accounts too, as plan does: what certainly happens, and what not.")
    ] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Say what a change trains, buys, moves, deletes, shares and loosens, without AWS.

    Compares two cloud assemblies: what a deploy of the second does to an account where the first is deployed and
    everything is well. With --live it plans the deploy in the accounts themselves, and only reads there.

    Exit codes: 0 compared; 1 found something of --fail-on; 2 it could not compare.

    python -m tune review --since origin/main
    python -m tune review --base cdk.base --head cdk.out --fail-on buys,deletes
    python -m tune review --since origin/main --format markdown > review.md
    python -m tune review --since origin/main --live --environment dev
    """
    from tune.review.findings import CLASSES

    classes = [each for each in fail_on.split(",") if each]
    if strange := [each for each in classes if each not in CLASSES]:
        refuse(f"--fail-on: {', '.join(strange)} is no class of findings; choose from {', '.join(CLASSES)}")
    if (base is None) == (since is None):
        refuse("say what to compare with: give one of --base FOLDER and --since REVISION")

    from tune.review.run import compared
    from tune.terminal.problems import CannotBeDone

    try:
        found = compared(base, head, since, folder, environment, live=live)
    except CannotBeDone as problem:
        refuse(str(problem))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # Not 1, which a pipeline takes for a finding.
        refuse(f"a template is not as the CDK writes it: {type(error).__name__}: {error}; synthesize it again")
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    if json_file is not None:
        json_file.write_text(_document(found), encoding="utf-8")
    _show(found, output, most_characters)
    raise typer.Exit(int(any(its.finding_class in classes for its in found.review.findings)))


def _show(found: "Compared", output: str, most_characters: int) -> None:
    if output == "json":
        typer.echo(_document(found), nl=False)
    elif output == "markdown":
        from tune.review.markdown import comment

        typer.echo(comment(found.review, found.base, found.head, most=most_characters), nl=False)
    else:
        from tune.review.text import show

        show(found.review, found.base, found.head, Console())


def _document(found: "Compared") -> str:
    from tune.review.document import document

    return json.dumps(document(found.review, found.base, found.head), indent=2) + "\n"
