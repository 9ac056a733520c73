"""What every test stands on."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

from stacks import node_options

_TABLE = "table"
ROOT = Path(__file__).resolve().parents[1]

# A busy machine is no failure, and examples are not kept in the checkout.
settings.register_profile("tests", deadline=None, database=None)
settings.load_profile("tests")

# Before anything imports the CDK: what syntheses inside the tests' process take less CPU time with.
os.environ.setdefault(node_options.VARIABLE, node_options.VALUE)


def pytest_configure() -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what it puts in the background so, and all that the tests start and interrupt would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for root in ("constructs", "lambda"):
        if (ROOT / root / "__init__.py").exists():
            raise pytest.UsageError(
                f"delete {root}/__init__.py: {root}/ is a source root, not a package; with the file in it, "
                "`import constructs` finds our folder instead of the PyPI package"
            )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage meanwhile: thousands of tests are made to stay, and each look would count them all."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is worked out here out of the user's own cache, and what is there out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEDROCK_TUNING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def table(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a line of a table at the end of the run, also from another process."""
    return lambda line: record_property(_TABLE, line)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    lines = [value for report in reports for name, value in report.user_properties if name == _TABLE]
    if lines:
        terminalreporter.section("tables")
        for line in sorted(lines):
            terminalreporter.write_line(line)
