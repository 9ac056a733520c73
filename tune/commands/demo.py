"""`tune demo`: from a dataset to a served model and back to nothing."""

from pathlib import Path
from typing import Annotated

import typer

from tune.endings import ending_in_words
from tune.terminal.exit_codes import refuse


def demo(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="Train on your own file: prompts and completions, or messages."),
    ] = None,
    show_content: Annotated[
        bool, typer.Option("--show-content", help="With --data, show two of its questions and their answers.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the CDK CLI's own output.")] = False,
) -> None:
    """Go from a dataset to a served model and back to nothing, on a local AWS.

    It takes some minutes and needs no AWS account. Your own file is converted if it needs to be, split, and
    checked before anything starts. It stays on this machine.

    Exit codes: 0 all of it worked; 1 a step failed, or the data is refused; 2 a file or a package is missing.

    python -m tune demo
    python -m tune demo --data examples/docstrings/converse/train.jsonl
    """
    if show_content and data is None:
        refuse("--show-content only applies to --data: the example's content is always shown")
    try:
        from tune.demo.run import console, run
    except ModuleNotFoundError as missing:
        refuse(f"{missing.name} is not installed; the local AWS needs it: run make setup")
    with ending_in_words(interrupted="Nothing was started."):
        code = run(console(), data=data, show_content=show_content, verbose=verbose)
    raise typer.Exit(code)
