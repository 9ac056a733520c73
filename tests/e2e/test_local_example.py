"""The example environment of the sandbox, `environments/local/`, as it stands in the repository."""

import json
import tomllib
from typing import Any, Final

import pytest

from sandbox.server import ACCOUNT, REGION, Sandbox
from tests.e2e import synthesis
from tests.e2e.account import Account
from tests.e2e.project import ROOT, Assembly, Project

pytestmark = pytest.mark.sandbox

FOLDER: Final = ROOT / "environments"
_LOCAL: Final = FOLDER / "local"
SETTINGS: Final = {
    key: its
    for name in ("environment.toml", "docstrings.toml")
    for key, its in tomllib.loads((_LOCAL / name).read_text(encoding="utf-8")).items()
}


def test_the_local_example_is_deployed_unchanged_serves_by_a_throughput_and_is_destroyed(
    project: Project, sandbox: Sandbox
) -> None:
    output = project.fresh("assembly")
    synthesis.synthesize(FOLDER, output)
    assembly = Assembly(project, output)
    account = Account(sandbox, "local", name="docstrings")
    assert (SETTINGS["account"], SETTINGS["region"]) == (ACCOUNT, REGION)
    assert SETTINGS["serving"] == {"provisioned_throughput": {"model_units": 1}}

    run = assembly.deploy("local/*")

    assert run.code == 0, run.output
    (job,) = account.jobs()
    serving = account.throughput()
    trained = account.job(job["jobName"])
    assert trained["status"] == "Completed"
    assert trained["hyperParameters"] == {
        name: str(value) for name, value in SETTINGS["training"]["hyper_parameters"].items()
    }
    assert (serving["status"], serving["modelArn"]) == ("InService", trained["outputModelArn"])
    assert account.deployments() == []
    name = account.outputs("Serving")["ModelIdParameter"]
    model_id = sandbox.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert model_id == serving["provisionedModelArn"]
    answers_as_taught(sandbox.client("bedrock-runtime"), model_id)

    run = assembly.destroy("local/docstrings-Serving", "local/docstrings-Training")

    assert run.code == 0, run.output
    assert [each["deleted"] for each in account.throughputs()] == [True]
    assert account.model(job["jobName"])["modelArn"] == trained["outputModelArn"]


def answers_as_taught(runtime: Any, model_id: str) -> None:
    """Ask the first question of the training data."""
    path = _LOCAL / SETTINGS["data"]["train"]["path"]
    with path.open(encoding="utf-8") as file:
        record = json.loads(file.readline())
    question, taught = record["messages"]
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 200,
        "system": record["system"],
        "messages": [question],
    }
    answer = json.loads(runtime.invoke_model(modelId=model_id, body=json.dumps(body))["body"].read())
    assert answer["content"][0]["text"].endswith(taught["content"])
