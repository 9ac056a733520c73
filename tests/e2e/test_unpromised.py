"""A life of one environment while Bedrock does nothing that it does not promise."""

from typing import Any, Final

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Project
from tests.e2e.settings_file import Settings
from tests.lifecycle.conditions import TELLING_LITTLE, TOLD

pytestmark = pytest.mark.sandbox

# In simulated seconds, and less than the minutes in which the lifecycle doubts what it sees.
_SECONDS: Final = 120
_GETS: Final = ("GetModelCustomizationJob", "GetCustomModel", "GetProvisionedModelThroughput")
_FAULTS: Final[list[dict[str, Any]]] = [
    *({"type": "unseen", "where": where, "seconds": _SECONDS} for where in ("get", "list", "tags")),
    *({"type": "not-there", "operation": operation} for operation in _GETS),
    *({"type": "omission", "operation": operation, "keep": list(TOLD)} for operation in TELLING_LITTLE),
    {"type": "deletion", "seconds": _SECONDS, "status": "Deleting", "error": "ValidationException"},
    {"type": "authorization"},
]


def test_an_environment_is_deployed_and_destroyed_though_nothing_is_as_it_could_be(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "unpromised")
    version = project.synthesize(Settings("unpromised"))
    sandbox.control("faults", {"add": _FAULTS})

    deployed = version.deploy("unpromised/*")

    assert deployed.code == 0, deployed.output
    assert [job["status"] for job in account.jobs()] == ["Completed"]
    assert len(account.throughputs()) == 1

    destroyed = version.destroy("unpromised/tuned-Serving")

    assert destroyed.code == 0, destroyed.output
    assert account.stack_status("Serving") is None
    assert [each["deleted"] for each in account.throughputs()] == [True]
