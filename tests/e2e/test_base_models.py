"""Base models: one before and after the ends of its life, and one of the team's own, added by a file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.project import Project
from tests.e2e.settings_file import BASE_MODEL, Settings
from tests.support.messages import says
from tests.unit.base_models.base_model_files import OWN, OWN_ID, write_base_model

pytestmark = pytest.mark.sandbox

_START: Final = datetime(2026, 3, 8, tzinfo=UTC)
_LEGACY: Final = datetime(2026, 3, 11, tzinfo=UTC)
_OVER: Final = datetime(2026, 9, 11, tzinfo=UTC)

# The same model as the team's profile of it: what the simulated Bedrock offers, and what the checks know of it.
_OFFERED: Final = """
[[models]]
id = "acme.writer-7b-v1:0"
name = "Acme Writer"
provider = "Acme"
dialect = "nova"
converse = "chat"
input_modalities = ["TEXT"]
regions = ["us-west-2"]
inference_types = ["ON_DEMAND"]
variants = [{ suffix = "32k", inference_types = ["PROVISIONED"], tunable_in = ["us-west-2"] }]

[models.recipe]
record_format = "messages"

[models.recipe.hyper_parameters]
epochCount = { kind = "integer", range = [1, 3], default = 2 }
"""


class OwnBaseModel(Settings):
    """An environment with the team's own base model beside it."""

    def write(self, folder: Path) -> None:
        super().write(folder)
        write_base_model(folder, OWN.replace("eu-central-1", "us-west-2"))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One shortly before the base model is Legacy, with a base model more than the simulation has."""
    offered = tmp_path_factory.mktemp("catalogue") / "acme.toml"
    offered.write_text(_OFFERED, encoding="utf-8")
    options = Options(rate=RATE, minutes=MINUTES, quotas=QUOTAS, start=_START.isoformat(), catalogue=(str(offered),))
    with bootstrapped(options) as sandbox:
        yield sandbox


def turn_to(sandbox: Sandbox, date: datetime) -> None:
    now = datetime.fromisoformat(sandbox.control("clock")["now"])
    sandbox.control("clock", {"advance_seconds": (date - now).total_seconds()})


def test_one_deployment_before_and_after_the_ends_of_its_base_model_s_life(project: Project, sandbox: Sandbox) -> None:
    account = Account(sandbox, "ageing")
    run = project.synthesize(Settings("ageing")).deploy("ageing/*")
    assert run.code == 0, run.output
    (job,) = account.jobs()
    serving = account.throughput()

    turn_to(sandbox, _LEGACY)
    again = project.synthesize(Settings("ageing", hyper_parameters={"epochCount": 3}))
    run = again.deploy("ageing/tuned-Training")
    assert run.code != 0
    (legacy,) = (its for its in account.reasons("Training") if says(its, "LEGACY"))
    assert says(legacy, f"{BASE_MODEL}:200k", "LEGACY")
    assert OWN_ID in legacy
    assert BASE_MODEL not in legacy.rpartition(": ")[2]
    assert legacy in run.output

    turn_to(sandbox, _OVER)
    run = again.deploy("ageing/tuned-Training")
    assert run.code != 0
    (over,) = (its for its in account.reasons("Training") if says(its, "offered"))
    assert says(over, f"{BASE_MODEL}:200k")
    assert over in run.output

    # Nothing was paid for, and what there was is there.
    assert account.jobs() == [job]
    assert account.stack_status("Training") == "UPDATE_ROLLBACK_COMPLETE"
    assert account.throughput()["provisionedModelArn"] == serving["provisionedModelArn"]


def test_a_base_model_of_the_team_is_a_file_and_no_code(project: Project, sandbox: Sandbox) -> None:
    account = Account(sandbox, "own")
    settings = OwnBaseModel("own", base_model=OWN_ID, hyper_parameters={"epochCount": 3}, model_units=None)

    run = project.synthesize(settings).deploy("own/*")

    assert run.code == 0, run.output
    (job,) = account.jobs()
    assert f":custom-model/{OWN_ID}/" in account.model(job["jobName"])["modelArn"]
    assert account.job(job["jobName"])["hyperParameters"] == {"epochCount": "3"}
