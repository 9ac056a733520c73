"""A Lambda function that dies between an effect and its answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.local_aws import MINUTES, QUOTAS, bootstrapped
from tests.e2e.project import Project
from tests.e2e.settings_file import Settings

pytestmark = pytest.mark.sandbox

_HOOK = Path(__file__).resolve().parent / "kill_hook"
_OPERATIONS = ("CreateModelCustomizationJob", "CreateProvisionedModelThroughput")


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kills are asked for."""
    return tmp_path_factory.mktemp("kills")


@pytest.fixture(scope="module")
def sandbox(kills: Path) -> Iterator[Sandbox]:
    """One whose functions can be killed; slow enough that a lease lapses well before the deadline of a request."""
    environment = {"PYTHONPATH": str(_HOOK), "KILL_AFTER": str(kills)}
    with bootstrapped(Options(rate=30, minutes=MINUTES, quotas=QUOTAS, environment=environment)) as sandbox:
        yield sandbox


def test_a_function_killed_right_after_a_purchase_neither_trains_nor_buys_again(
    project: Project, sandbox: Sandbox, kills: Path
) -> None:
    """Two environments at once, so that the leases of the dead, 40 real seconds each, lapse side by side."""
    accounts = [Account(sandbox, name) for name in ("left", "right")]
    assembly = project.synthesize(*(Settings(account.environment) for account in accounts))
    for operation in _OPERATIONS:
        (kills / operation).touch()

    run = assembly.deploy("left/*", "right/*", "--concurrency", "2")

    assert run.code == 0, run.output
    assert sorted(file.name for file in kills.iterdir()) == [f"{operation}.killed" for operation in _OPERATIONS]
    for account in accounts:
        assert [job["status"] for job in account.jobs()] == ["Completed"]
        assert [each["deleted"] for each in account.throughputs()] == [False]
        assert account.throughput()["status"] == "InService"
        assert {(its.type, its.status) for its in account.requests()} == {("Create", "SUCCESS")}
