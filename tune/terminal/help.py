"""A command's help as one page: paragraphs that fill the terminal, then examples to copy, arguments and options."""

import inspect
import re
import shutil
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand

_PROGRAM: Final = "python -m tune"
# Below this Typer's tables cut the names of options.
_NARROW_COLUMNS: Final = 60


class Command(TyperCommand):
    """A command whose help is laid out for the width of the terminal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = flowed(self.help or "")
        for each in self.params:
            if isinstance(each, TyperArgument):
                each.display_type_rich = _no_type  # type: ignore[method-assign]
            else:
                untyped_flag(each)

    def get_help_option(self, ctx: Any) -> Any:
        """Return `--help` without a type."""
        return untyped_flag(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help: tables, or on a narrow terminal lines."""
        if is_narrow():
            typer.echo("\n".join(narrow(self, ctx)))
        else:
            with literal(self, *self.params):
                super().format_help(ctx, formatter)


@contextmanager
def literal(*shown: Any) -> Iterator[None]:
    """Let Rich print the help of commands and options as it is: it would take `[evaluation]` for a style."""
    texts = [(each, each.help) for each in shown if each.help]
    for each, text in texts:
        each.help = re.sub(r"\[(?=[a-z])", r"\\[", text)
    try:
        yield
    finally:
        for each, text in texts:
            each.help = text


def flowed(text: str) -> str:
    """Return a help text with one line for each paragraph; examples keep theirs. Typer would keep every line break."""
    return "\n\n".join(
        each if is_example(each) else " ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n")
    )


def is_example(paragraph: str) -> bool:
    """Tell whether all lines of a paragraph are commands."""
    return all(line.startswith(f"{_PROGRAM} ") for line in paragraph.splitlines())


def untyped_flag(param: Any) -> Any:
    """Return an option without `<bool>` where it takes no value."""
    if param is not None and getattr(param, "is_flag", False):
        param.metavar = ""
    return param


def is_narrow() -> bool:
    """Tell whether the terminal is too narrow for tables."""
    return _columns() < _NARROW_COLUMNS


def narrow(command: Any, ctx: Any) -> Iterator[str]:
    """Yield the lines of a command's help for a narrow terminal; a group's has its commands too."""
    width = _columns()
    yield from _filled(f"Usage: {ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}", width)
    for paragraph in (command.help or "").split("\n\n"):
        yield ""
        yield from paragraph.splitlines() if is_example(paragraph) else _filled(paragraph, width)
    for each in command.get_params(ctx):
        yield ""
        value = "" if getattr(each, "is_flag", False) else str(each.display_type_rich(ctx) or "")
        is_argument = isinstance(each, TyperArgument)
        yield str(each.metavar) if is_argument else f"{', '.join(each.opts)} {value}".rstrip()
        yield from _filled(each.help or "", width, "    ")
    for name, each in getattr(command, "commands", {}).items():
        yield ""
        yield name
        yield from _filled((each.help or "").split("\n\n")[0], width, "    ")


def _filled(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _no_type(ctx: Any) -> None:
    """Show nothing: that a name is a string needs no saying."""
