"""`tune completion`: shell code that completes commands, options and names."""

from typing import Annotated, Literal

import typer

from tune.terminal.completion import script


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(metavar="SHELL", help="Your shell.")],
) -> None:
    """Print shell code that defines the command tune and completes it.

    After it, tune is short for python -m tune in this checkout, from any folder, and the Tab key completes
    commands, options, environments and models. Append it to the file that your shell reads when it starts, and
    open a new terminal.

    Exit codes: 0 printed; 2 the shell is not known.

    python -m tune completion bash >> ~/.bashrc
    python -m tune completion zsh >> ~/.zshrc
    python -m tune completion fish > ~/.config/fish/conf.d/tune.fish
    """
    typer.echo(script(shell), nl=False)
