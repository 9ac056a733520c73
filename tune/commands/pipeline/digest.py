"""`tune pipeline digest`: arguments in, exit code out."""

from pathlib import Path
from typing import Annotated

import typer

from tune.terminal.exit_codes import ExitCode


def digest(
    assembly: Annotated[Path, typer.Argument(metavar="FOLDER", help="A cloud assembly, as cdk synth writes it.")],
    expected: Annotated[
        str | None, typer.Option("--expect", metavar="DIGEST", help="Exit with 1 if the assembly has another digest.")
    ] = None,
) -> None:
    """Print the digest of a cloud assembly: another file in it is another digest.

    Print it where you synthesize, and expect it before each deploy of that assembly.

    Exit codes: 0 printed, and as expected; 1 the digest is another; 2 there is no assembly.

    python -m tune pipeline digest cdk.out
    python -m tune pipeline digest cdk.out --expect "$DIGEST"
    """
    from tune.pipeline.digest import digest_of

    found = digest_of(assembly)
    typer.echo(found)
    if expected is not None and found != expected:
        typer.echo(f"{assembly} has changed since it was synthesized: expected digest {expected!r}", err=True)
        raise typer.Exit(ExitCode.FAILED)
