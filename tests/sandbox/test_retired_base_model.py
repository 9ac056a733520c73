"""A base model that Bedrock no longer tunes."""

from collections.abc import Iterator

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.sandbox.account import Account
from tests.sandbox.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.sandbox.project import Project
from tests.sandbox.settings_file import BASE_MODEL, Settings

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One at a date at which the base model is legacy."""
    options = Options(rate=RATE, minutes=MINUTES, quotas=QUOTAS, start="2026-03-11T00:00:00")
    with bootstrapped(options) as sandbox:
        yield sandbox


def test_a_retired_base_model_is_refused_before_there_is_a_job_with_what_is_active_instead(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "retired")

    run = project.synthesize(Settings("retired", model_units=None)).deploy("retired/*")

    assert run.code != 0
    refusal = f"base model {BASE_MODEL}:200k is LEGACY: it takes no new customization jobs"
    (reason,) = (its for its in account.reasons("Training") if its.startswith(refusal))
    # In this Region the sandbox offers no other model that can be tuned.
    assert reason.endswith("; no base model is active here")
    assert reason in run.output
    assert account.jobs() == []
