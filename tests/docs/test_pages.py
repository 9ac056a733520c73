"""What the pages name exists: links and their anchors, files, `make` targets, commands with their options, settings."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import typer

from settings import Environment, Model
from settings.app import App as AppFile
from settings.messages import keys_of
from settings.problems import SettingsTable
from tests.conftest import ROOT
from tests.docs.pages import Page, pages
from tune.cli import app

PAGES: Final = pages()
every_page = pytest.mark.parametrize("page", PAGES, ids=str)

_MAKE: Final = re.compile(r"\bmake ((?:[a-z][a-z-]*|[A-Z_]+=\S+)(?: [A-Z_]+=\S+)*)")
_TARGET: Final = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_TUNE: Final = re.compile(r"python -m tune\b([^|;&)#]*)")
_FOLDERS: Final = "bench|constructs|docs|environments|examples|lambda|sandbox|stacks|tests|tune"
_PATH: Final = re.compile(rf"(?:{_FOLDERS})/[\w./-]*")
# A team makes it, when it has base models of its own.
_NOT_THERE_YET: Final = "environments/base_models/"
_PART_OF_A_PATH: Final = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:cjs|json|md|py|toml|txt|yml)")
# What ADR 1 weighed, and decided against.
_NOWHERE: Final = {_NOT_THERE_YET, "handler.py", "src/"}
# `make` fills it; a fresh clone has none.
_BUILT: Final = "build/"


def test_the_pages_are_found() -> None:
    names = {str(page) for page in PAGES}
    assert {
        "README.md",
        "docs/explanation/lifecycle.md",
        "docs/adr/0001-source-roots.md",
        "constructs/README.md",
    } <= names


@every_page
def test_links_lead_to_files_and_headings_that_exist(page: Page) -> None:
    assert [link for link in page.links if not _resolves(page, link)] == []


def _resolves(page: Page, link: str) -> bool:
    if link.startswith("https://"):
        return True
    name, _, anchor = link.partition("#")
    target = (page.path.parent / name).resolve() if name else page.path
    return target.exists() and (not anchor or anchor in anchors(target))


@cache
def anchors(path: Path) -> set[str]:
    return Page(path).anchors


@every_page
def test_files_and_folders_of_the_project_exist(page: Page) -> None:
    named = {path for code in page.code if (path := _path(code))}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def _path(code: str) -> str | None:
    is_one = _PATH.fullmatch(code) and not code.startswith(_NOT_THERE_YET)
    return code if is_one else None


def test_what_contributors_are_told_of_by_a_part_of_its_path_exists() -> None:
    told = [page for page in PAGES if page.path.name == "CONTRIBUTING.md" or page.path.parent.name == "adr"]
    found = (path for top in (*_FOLDERS.split("|"), "settings", ".github", ".ci") for path in (ROOT / top).rglob("*"))
    known = "\n".join([*(f"/{path.relative_to(ROOT)}" for path in (*found, *ROOT.iterdir())), ""])
    named = {(str(page), code) for page in told for code in page.code if _PART_OF_A_PATH.fullmatch(code)}
    assert [
        (page, code)
        for page, code in sorted(named)
        if code not in _NOWHERE and not code.startswith(_BUILT) and f"/{code.removesuffix('/')}\n" not in known
    ] == []


def test_where_a_line_of_code_lives_is_said_of_what_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("\n## Where a line of code lives\n")[2].partition("\n## ")[0]
    cells = [line.split(" | ")[0] for line in section.splitlines() if "`" in line and line.startswith("| ")]
    above, gone = ROOT, []
    for cell in cells:
        named = re.findall("`([^`]+)`", cell)
        folder = above if cell.startswith("| …") else ROOT
        gone += [f"{folder.relative_to(ROOT)}: {name}" for name in named if not (folder / name).exists()]
        above = above if cell.startswith("| …") else ROOT / named[0]
    assert len(cells) > 30
    assert gone == []


@every_page
def test_what_make_is_asked_for_is_a_target(page: Page) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    asked = {word for code in page.code for words in _MAKE.findall(code) for word in words.split() if "=" not in word}
    assert asked - targets == set()


@every_page
def test_commands_and_their_options_exist(page: Page) -> None:
    commands = {words for code in page.code for words in _TUNE.findall(code)}
    assert [problem for words in sorted(commands) for problem in _problems(words)] == []


def _problems(words: str) -> Iterator[str]:
    """Yield what the command line does not know; what stands after `--` is for the CDK CLI."""
    command: Any = command_line()
    for word in shlex.split(words.rstrip("…. ")):
        if word == "--":
            return
        if word.startswith("-"):
            known = {option for each in command.params for option in each.opts}
            yield from [f"{command.name} has no {word}: python -m tune{words}"] * (word not in known)
        elif hasattr(command, "commands"):
            if word not in command.commands:
                yield f"there is no {word}: python -m tune{words}"
                return
            command = command.commands[word]


@cache
def command_line() -> Any:
    return typer.main.get_command(app)


@pytest.mark.parametrize(
    ("words", "is_known"),
    [
        (" plan dev --json", True),
        (" dataset push dev --dry-run", True),
        (" deploy dev -- --require-approval never", True),
        (" plan dev --all", False),
        (" dataset pull dev", False),
        (" undeploy dev", False),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(words: str, is_known: bool) -> None:
    assert (list(_problems(words)) == []) is is_known


@pytest.mark.parametrize(
    ("file", "heading", "some"),
    [
        (AppFile, "`app.toml`", {"app"}),
        (Environment, "`environment.toml`", {"stack_prefix", "model_key_arns", "function_vpc", "topic_arn"}),
        (Model, "A model's file", {"from", "model_arn", "keep_models", "reconcile"}),
    ],
    ids=lambda it: it.__name__ if isinstance(it, type) else "",
)
def test_every_setting_has_its_place_in_the_tables_of_its_file(
    file: type[SettingsTable], heading: str, some: set[str]
) -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    named = {word for line in section.splitlines() if line[:1] == "|" for word in re.findall(r"\w+", line)}
    keys = set(_keys(file))
    assert keys >= some
    assert keys - named == set()


def _keys(table: type[SettingsTable]) -> Iterator[str]:
    for key, field in keys_of(table).items():
        yield key
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, SettingsTable):
                yield from _keys(kind)


def test_decisions_are_numbered_one_after_the_other_as_their_titles_say() -> None:
    decisions = [page for page in PAGES if page.path.parent.name == "adr" and page.path.stem != "index"]
    numbers = [int(page.path.name[:4]) for page in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    titles = [page.path.read_text(encoding="utf-8").partition("\n")[0] for page in decisions]
    assert [title.partition(".")[0] for title in titles] == [f"# {number}" for number in numbers]
