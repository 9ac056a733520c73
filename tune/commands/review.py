"""`tune review`: arguments in, exit code out."""

import datetime as dt
import gc
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from tune.terminal.arguments import Folder
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER

_LINK: Final = re.compile(r"https://[^\s()<>\[\]]+")


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
        Literal["text", "markdown", "json", "sarif"],
        typer.Option("--format", help="For people, for a pull request, for tools, or for a code host's alerts."),
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
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="Your prices. Default: prices.toml beside the environments."),
    ] = None,
    picture: Annotated[
        bool, typer.Option("--picture", help="Draw the stacks that change in the Markdown, at most 12.")
    ] = False,
    link: Annotated[
        str, typer.Option("--link", metavar="URL", help="Where all findings are, for a comment that is cut.")
    ] = "",
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it is made, in ISO 8601. Default: now.")
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Say what a change trains, buys, moves, deletes, shares and loosens, without AWS.

    Compares two cloud assemblies: what a deploy of the second does to an account where the first is deployed and
    everything is well. With --live it plans the deploy in the accounts themselves, and only reads there. An account
    that does not answer is a finding of class unknown.

    Exit codes: 0 compared; 1 found something of --fail-on; 2 it could not compare.

    python -m tune review --since origin/main
    python -m tune review --base cdk.base --head cdk.out --fail-on buys,deletes
    python -m tune review --since origin/main --format markdown > review.md
    python -m tune review --since origin/main --live --environment dev
    """
    classes = _classes(fail_on)
    if (base is None) == (since is None):
        refuse("say what to compare with: give one of --base FOLDER and --since REVISION")
    if link and not _LINK.fullmatch(link):
        refuse(f"--link: must be an address that begins with https:// (got {link!r})")
    when = _time(at)

    # It takes most of a second to load: meanwhile this command loads too.
    from tune.review.structure import Library

    with _never_as_a_finding(), Library() as library, _without_collection():
        from tune.review.formats import CommentContext, tell, written
        from tune.review.run import compared
        from tune.spending import prices as team
        from tune.terminal.problems import CannotBeDone

        try:
            money = team.of(prices, folder)
            found = compared(base, head, since, folder, environment, live=live, library=library)
        except CannotBeDone as problem:
            refuse(str(problem))
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            # Not 1, which a pipeline takes for a finding.
            refuse(f"a template is not as the CDK writes it: {type(error).__name__}: {error}; synthesize it again")
        for note in found.notes:
            typer.echo(f"note: {note}", err=True)
        if json_file is not None:
            json_file.write_text(written(found, money), encoding="utf-8")
        tell(
            found,
            output,
            folder,
            CommentContext(at=when, prices=money, link=link, is_drawn=picture, most=most_characters),
        )
    raise typer.Exit(int(any(its.finding_class in classes for its in found.review.findings)))


@contextmanager
def _never_as_a_finding() -> Iterator[None]:
    """End with 2 at a fault of the code too, whose traceback is shown: a pipeline takes 1 for a finding."""
    from tune.endings import ending_in_words

    try:
        with ending_in_words():
            yield
    except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
        raise
    except Exception as error:
        traceback.print_exception(error)
        raise typer.Exit(ExitCode.NOT_POSSIBLE) from error


@contextmanager
def _without_collection() -> Iterator[None]:
    """Look for no garbage: a review keeps nearly all that it reads, and the search takes a tenth of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _classes(fail_on: str) -> list[str]:
    """Return the classes that are named; refuse what is none."""
    from tune.review.findings import CLASSES

    classes = [name for each in fail_on.split(",") if (name := each.strip())]
    if strange := [each for each in classes if each not in CLASSES]:
        refuse(f"--fail-on: {', '.join(strange)} is no class of findings; choose from {', '.join(CLASSES)}")
    return classes


def _time(at: str | None) -> str:
    """Return a time as a review names it, that of now by default."""
    try:
        time = dt.datetime.fromisoformat(at) if at else dt.datetime.now(dt.UTC)
    except ValueError:
        refuse(f"--at: must be a time such as 2026-11-28T14:02:00Z (got {at!r})")
    if time.tzinfo is None:
        refuse(f"--at: needs a time zone, as in 2026-11-28T14:02:00Z (got {at!r})")
    return f"{time.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
