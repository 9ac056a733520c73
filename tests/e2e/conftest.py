"""A local AWS for the tests that deploy to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.project import Project

# They begin first, so that at the end no worker waits long for another.
_LONGEST: Final = (
    "test_organization_changes.py",
    "test_tutorials.py",
    "test_evaluation.py",
    "test_promotion.py",
    "test_full_matrix.py",
    "test_killed_cli.py",
    "test_plan.py",
    "test_several_models.py",
    "test_pipeline.py",
    "test_foreign_app.py",
    "test_switching.py",
    "test_failed_training.py",
    "test_demo.py",
    "test_killed_function.py",
    "test_preflight.py",
    "test_on_demand.py",
    "test_detached.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if gone := [name for name in _LONGEST if not (Path(__file__).parent / name).exists()]:
        raise pytest.UsageError(f"{__file__} names files that are gone: {', '.join(gone)}")
    rank = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """One sandbox for all whose tests need nothing special: they keep apart by the names of their environments."""
    with bootstrapped(Options(rate=RATE, minutes=MINUTES, quotas=QUOTAS)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    """The sandbox of a module's tests. A module may override it with one of its own."""
    return shared_sandbox


@pytest.fixture(scope="module")
def project(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project, deploying to the module's sandbox."""
    project = Project(sandbox, tmp_path_factory.mktemp("project"))
    yield project
    project.end()


@pytest.fixture(autouse=True)
def _running_clock_and_no_faults(sandbox: Sandbox) -> Iterator[None]:
    """Leave the sandbox as it was for the next test."""
    yield
    sandbox.control("clock", {"rate": sandbox.options.rate})
    sandbox.control("faults", {"clear": True})
