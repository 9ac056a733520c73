"""A local AWS for the tests that deploy to it."""

from collections.abc import Iterator

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.project import Project


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
