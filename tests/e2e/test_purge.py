"""A destroyed environment is removed for good, and its neighbour is not touched; on the way, what `status` tells."""

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Project, Run
from tests.e2e.settings_file import NAME, Settings, stack_of
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

# One name begins as the other does.
GOING: Final = Settings("purged")
STAYING: Final = Settings("purged-two", model_units=None)


class Commands:
    """The project's own commands, for the settings of both environments."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._project = project
        self._folder = folder

    def __call__(self, command: str, settings: Settings, *options: str) -> Run:
        environment = (settings.environment, "--environments", str(self._folder))
        return self._project.start(sys.executable, "-m", "tune", command, *environment, *options).wait()


class Holdings:
    """Buckets and keys of one environment, seen before they were removed."""

    def __init__(self, sandbox: Sandbox, environment: str) -> None:
        self.account = Account(sandbox, environment)
        self.buckets = self.account.physical_ids("Foundation", "AWS::S3::Bucket")
        self.keys = [self.account.data_key()]
        self.operations_key = self.account.operations_key()
        # The other environment's names begin as this one's do.
        self.models = [
            job["jobName"]
            for job in self.account.jobs()
            if re.fullmatch(rf"{NAME}-{environment}-[0-9a-f]{{12}}-1", job["jobName"])
        ]
        assert (len(self.buckets), len(self.keys), len(self.models)) == (2, 1, 1)

    def state(self) -> dict[str, Any]:
        """Return what is there of it."""
        known = {each["Name"] for each in self.account.s3.list_buckets()["Buckets"]}
        models = {each["modelName"] for each in self.account.bedrock.list_custom_models()["modelSummaries"]}
        return {
            "buckets": {name: self.account.objects(name) for name in self.buckets if name in known},
            "keys": [self.account.key_state(key) for key in self.keys],
            "models": [name for name in self.models if name in models],
        }


def test_purge_removes_what_a_destroyed_environment_left_and_nothing_of_its_neighbour(
    project: Project, sandbox: Sandbox
) -> None:
    tune = Commands(project, project.write(GOING, STAYING))
    assembly = project.synthesize(GOING, STAYING)
    for settings in (GOING, STAYING):
        run = assembly.deploy(f"{settings.environment}/*")
        assert run.code == 0, run.output
    going, staying = Holdings(sandbox, GOING.environment), Holdings(sandbox, STAYING.environment)
    neighbour = staying.state()
    assert neighbour["models"]
    assert any(neighbour["buckets"].values())
    status_tells_what_serves(tune, going)

    standing = tune("purge", GOING, "--yes-remove", GOING.environment)
    assert standing.code == 2
    assert standing.output.count("stack bedrock-tuning-purged-") == 3, standing.output
    assert "Provisioned Throughput" in standing.output

    run = tune("destroy", GOING, "--all", "--yes")
    assert run.code == 0, run.output
    before = going.state()
    assert before["models"]
    # The key of ledger and logs goes with them, and nothing lists it as kept.
    assert f"--key-id {going.operations_key}" not in run.output
    assert f"--key-id {going.keys[0]}" in run.output
    assert going.account.key_state(going.operations_key) == "PendingDeletion"
    assert len(before["buckets"]) == 2
    unasked = tune("purge", GOING)
    assert unasked.code == 2
    assert f"Custom model {going.models[0]}" in unasked.output
    assert tune("purge", GOING, "--yes-remove", STAYING.environment).code == 2
    assert going.state() == before

    purged = tune("purge", GOING, "--yes-remove", GOING.environment)

    assert purged.code == 0, purged.output
    assert going.state() == {"buckets": {}, "keys": ["PendingDeletion"], "models": []}
    assert staying.state() == neighbour
    assert left_of_the_stacks(sandbox, GOING.environment) == []
    again = tune("purge", GOING)
    assert again.code == 0
    assert says(again.output, "deleted")
    refused = tune("purge", STAYING, "--yes-remove", STAYING.environment)
    assert refused.code == 2
    assert staying.state() == neighbour


def status_tells_what_serves(tune: Commands, going: Holdings) -> None:
    run = tune("status", GOING, "--json")
    assert run.code == 0, run.output
    told = json.loads(run.output[run.output.index("{\n") :])
    assert told["inProgress"] is False
    assert [(its["name"], its["status"]) for its in told["stacks"]] == [
        (stack_of("purged", kind), "CREATE_COMPLETE") for kind in ("Foundation", "Training", "Serving")
    ]
    [training], [serving], [parameter] = told["trainings"], told["serving"], told["parameters"]
    assert (training["name"], training["status"], training["heldByStack"]) == (going.models[0], "Completed", True)
    assert (serving["model"], serving["status"]) == (going.models[0], "InService")
    assert parameter["value"] == serving["arn"] == going.account.throughput()["provisionedModelArn"]
    assert len(told["bills"]) == 3


def left_of_the_stacks(sandbox: Sandbox, environment: str) -> list[str]:
    """Return log groups, tables and parameters that have not gone with their stacks."""
    groups = sandbox.client("logs").describe_log_groups()["logGroups"]
    tables = sandbox.client("dynamodb").list_tables()["TableNames"]
    parameters = sandbox.client("ssm").describe_parameters()["Parameters"]
    names = [*(its["logGroupName"] for its in groups), *tables, *(its["Name"] for its in parameters)]
    neighbours = {name for name in names if "purged-two" in name or "purgedtwo" in name}
    assert neighbours  # so it is seen where they would be
    return [name for name in names if environment in name and name not in neighbours]
