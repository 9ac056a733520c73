"""What the pages show was run: every block of code of every page, by page and heading.

Commands of this project run in test_shown_commands.py, settings are loaded in test_shown_settings.py, and what is typed
into the AWS CLI is compared with its API in test_shown_aws.py. What remains is in shown.py: with the test that runs it,
or with a reason.
"""

from pathlib import Path

from tests.conftest import ROOT
from tests.docs import shown
from tests.docs.fences import Fence, fences

FENCES = fences()


def test_what_is_shown_is_run_or_has_a_reason() -> None:
    assert [str(fence) for fence in FENCES if not is_known(fence)] == []


def is_known(fence: Fence) -> bool:
    """Tell whether a test runs a block, or it is a diagram; of commands, each is looked at by itself."""
    is_listed = fence.page in shown.PAGES_READ or fence.place in {**shown.READ, **shown.NOT_COMPARED}
    return is_listed or bool(fence.commands) or fence.language in ("toml", "mermaid") or fence.is_usage


def test_a_block_that_nobody_runs_is_found() -> None:
    assert not is_known(Fence("docs/how-to/bill.md", "List what bills", 9, "", "Nothing bills.\n"))
    assert not is_known(Fence("docs/how-to/bill.md", "List what bills", 9, "python", "print()\n"))


def test_what_is_listed_is_shown() -> None:
    assert {*shown.READ, *shown.NOT_COMPARED} - {fence.place for fence in FENCES} == set()
    assert {*shown.RUN, *shown.NOT_RUN} - {command for fence in FENCES for command in fence.commands} == set()


def test_the_tests_that_are_named_exist_and_those_that_read_a_page_name_it() -> None:
    reading = [*((place[0], its) for place, its in shown.READ.items()), *shown.PAGES_READ.items()]
    tests = {*shown.RUN.values(), *(its for _, its in reading)}
    assert [(file, test) for file, test in tests if f"def {test}(" not in text(file)] == []
    assert [(page, file) for page, (file, _) in reading if not is_named(page, text(file))] == []


def text(file: str) -> str:
    """Return a file of tests, with what it imports from beside it."""
    path = ROOT / "tests" / file
    beside = (path.with_name(f"{name}.py") for name in ("constructs_page",))
    return "".join(each.read_text(encoding="utf-8") for each in (path, *beside) if each.exists())


def is_named(page: str, its: str) -> bool:
    """Tell whether tests name a page: by its path, or, as lessons and folders are, by its name alone."""
    path = Path(page)
    return path.name in its or f'"{path.stem}"' in its
