"""The preflight against a real deployment: from the command line and inside the lifecycle, with IAM enforced."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.local_aws import MINUTES, RATE, bootstrapped
from tests.e2e.project import Project, Run
from tests.e2e.settings_file import Settings
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

ENVIRONMENT: Final = "looked"
UNITS: Final = ("quota L-EF415EF6", "quota L-BE77399C")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One whose account has no model units, as an account on AWS has none."""
    with bootstrapped(Options(rate=RATE, minutes=MINUTES, quotas={})) as sandbox:
        yield sandbox


def command(folder: Path, *options: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tune", "preflight", ENVIRONMENT, "--environments", str(folder), *options)


def preflight(project: Project, folder: Path) -> Run:
    return project.start(*command(folder)).wait()


def verdicts(told: dict[str, Any]) -> dict[str, str]:
    return {check["title"]: check["verdict"] for subject in told["subjects"] for check in subject["checks"]}


def creates(sandbox: Sandbox) -> int:
    calls = sandbox.control("meter")["calls"]
    return int(sum(calls.get(f"Create{what}", 0) for what in ("ModelCustomizationJob", "ProvisionedModelThroughput")))


def test_no_units_are_told_before_anything_is_deployed_and_by_the_deploy_before_anything_is_paid(
    project: Project, sandbox: Sandbox
) -> None:
    settings = Settings(ENVIRONMENT)
    folder, assembly = project.write(settings), project.synthesize(settings)
    account = Account(sandbox, ENVIRONMENT)

    before = preflight(project, folder)
    assert before.code == 1, before.output
    for named in (*UNITS, "not checked: Foundation", "(copied by"):
        assert named in before.output

    refused = assembly.deploy(f"{ENVIRONMENT}/*")
    assert refused.code != 0
    (reason,) = (each for each in account.reasons("Training") if UNITS[0] in each)
    assert says(reason, "2 problems", "(1)", "L-EF415EF6")
    assert UNITS[1] in reason
    assert reason in refused.output
    assert creates(sandbox) == 0

    sandbox.control("quotas", {"set": {"custom_model_units": 1}})
    ready = project.document(*command(folder, "--json"))
    # Foundation stands by now: nothing is left unchecked.
    assert set(verdicts(ready).values()) == {"passed", "not needed"}

    deployed = assembly.deploy(f"{ENVIRONMENT}/*")
    assert deployed.code == 0, deployed.output
    assert creates(sandbox) == 2
    # With the permissions that the reconcilers have, everything could be read.
    answers = [request.answer["reason"] for request in account.requests() if request.answer]
    assert answers
    assert not [each for each in answers if "not checked" in each]

    again = preflight(project, folder)
    assert again.code == 0, again.output
    assert again.output.count("it exists (") == 2
