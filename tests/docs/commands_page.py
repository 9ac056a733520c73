"""docs/reference/commands.md, made from the commands themselves."""

import re
from collections.abc import Iterator
from typing import Any, Final, get_args

import typer

from tests.conftest import ROOT
from tune.cli import app
from tune.terminal.exit_codes import ExitCode

_PROGRAM: Final = "python -m tune"
_BEFORE: Final = """# Commands

Generated from each command's `--help` by `make snapshots`. `make plan ENV=dev` is short for `python -m tune plan dev`:
name a model with `MODEL=docstrings`, options as `ARGS='…'`, and what follows two hyphens, for the CDK CLI, as
`CDK_ARGS='…'`. `make` itself exits with 2 for every code that is not 0.
[Completion](#completion) defines `tune` as another short form.

## Exit codes

A code means the same for every command. An empty field is a code that the command does not end with.
"""
_EXIT_CODES: Final = re.compile(r"Exit codes: (.+?)\.?\s*(?:\n\s*\n|\Z)", re.DOTALL)


def page() -> str:
    """Return the page."""
    group = typer.main.get_command(app)
    return "\n".join([_BEFORE, *_meanings(), *_table_of_codes(group), *_sections(group, _PROGRAM)])


def exit_codes(command: Any) -> dict[int, str]:
    """Return what a command's help says of its exit codes."""
    (told,) = _EXIT_CODES.findall(command.help)
    return {int(its[1]): its[2] for its in re.finditer(r"(\d+) (.+?)(?:; (?=\d)|\Z)", " ".join(told.split()))}


def _meanings() -> Iterator[str]:
    yield "| code | meaning |\n|---|---|"
    yield from (f"| {int(code)} | {code.means} |" for code in ExitCode)
    yield ""


def _table_of_codes(group: Any) -> Iterator[str]:
    found = {words: exit_codes(command) for words, command in commands(group, _PROGRAM)}
    used = sorted({code for codes in found.values() for code in codes})
    yield f"| command | {' | '.join(map(str, used))} |\n|---|{'---|' * len(used)}"
    for words, codes in found.items():
        yield f"| `{words.removeprefix(f'{_PROGRAM} ')}` | {' | '.join(codes.get(code, '') for code in used)} |"
    yield ""


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _sections(group: Any, path: str) -> Iterator[str]:
    for words, command in commands(group, path):
        yield f"## {words.removeprefix(f'{_PROGRAM} ')}\n"
        arguments = " ".join(_metavar(each) for each in command.params if each.param_type_name == "argument")
        yield f"```\n{words} {arguments}".rstrip() + "\n```\n"
        yield _text(command.help) + "\n"
        yield from _table("argument", "what it is", command, "argument")
        yield from _table("option", "what it does", command, "option")


def _text(told: str) -> str:
    """Return a command's help as Markdown: lines that are commands become a block of code."""
    paragraphs = [each.strip() for each in re.split(r"\n\s*\n", told.replace("\b", "").strip())]
    return "\n\n".join(
        f"```\n{each}\n```" if all(line.startswith((_PROGRAM, "make ")) for line in each.splitlines()) else each
        for each in paragraphs
        if each
    )


def _table(kind: str, says: str, command: Any, param_type: str) -> Iterator[str]:
    shown = [each for each in command.params if each.param_type_name == param_type and each.name != "help"]
    if shown:
        yield f"| {kind} | {says} |\n|---|---|"
        yield from (f"| `{_name(each)}` | {_said(each)} |" for each in shown)
        yield ""


def _name(param: Any) -> str:
    if param.param_type_name == "argument":
        return _metavar(param)
    value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
    return ", ".join(param.opts) + value


def _metavar(param: Any) -> str:
    name = str(param.metavar or param.name.upper()).strip("{}[]")
    return name if param.required else f"[{name}]"


def _said(param: Any) -> str:
    text = " ".join(str(param.help or "").split()).replace("|", "\\|")
    annotation = param.type_descriptor.annotation
    choices = [each for each in get_args(annotation) or getattr(annotation, "__members__", ()) if isinstance(each, str)]
    if choices:
        text += f" One of {', '.join(map('`{}`'.format, choices))}."
    default = param.default
    if default not in (None, False, (), "") and not callable(default) and str(ROOT) not in str(default):
        text += f" Default: `{getattr(default, 'value', default)}`."
    return text
