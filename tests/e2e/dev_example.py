"""The example environment `dev`: how a team changes it, and what its Training stack asks of the lifecycle."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract import RUNG_MINUTES
from tests.e2e.account import Request
from tests.e2e.environment_example import Change, EnvironmentExample
from tests.e2e.example_life import Life, Line, Version

# Logical ids, without the hash at their end.
CUSTOMIZATION: Final = "ModelCustomizationJob"
PURCHASE: Final = "ServedModelPurchase"
DEPLOYMENT: Final = "ServedModelDeployment"

EPOCHS: Final = "epochCount = 2"
TO_THROUGHPUT: Final[Change] = ("[serving.on_demand]", "[serving.provisioned_throughput]\nmodel_units = 1")

MAY_BUY: Final[Change] = ("buy = false", "buy = true")
MAY_DELETE: Final[Change] = ("delete_models = false", "delete_models = true")

_SETTINGS: Final = EnvironmentExample("dev").settings()
RUNGS: Final = -(-_SETTINGS["training"]["max_training_hours"] * 60 // RUNG_MINUTES)
# Longer than one rung waits and shorter than two.
TRAINING_MINUTES: Final = 60


def answers_as_taught(runtime: Any, model_id: str) -> bool:
    """Ask a model the first question of the training data, once: an SDK's retry would hide a moment without answer."""
    with Path(_SETTINGS["data"]["train"]["path"]).open(encoding="utf-8") as file:
        record = json.loads(file.readline())
    question, taught = record["messages"]
    body = {"schemaVersion": "messages-v1", "system": record["system"], "messages": [question]}
    response = runtime.invoke_model(modelId=model_id, body=json.dumps(body))
    assert response["ResponseMetadata"]["RetryAttempts"] == 0, model_id
    (answered,) = json.loads(response["body"].read())["output"]["message"]["content"]
    return str(answered["text"]).endswith(taught["content"][0]["text"])


def customization(version: Version) -> str:
    """Return the physical id of a version's training."""
    return f"model-customization/v1/{version.training}"


def purchase(life: Life) -> str:
    """Return the physical id of the throughput that stands."""
    return f"provisioned-throughput/v1/{life.account.throughput()['provisionedModelName']}"


def deployment(life: Life) -> str:
    """Return the physical id of the deployment that stands."""
    return f"custom-model-deployment/v1/{life.account.deployment()['modelDeploymentName']}"


def moved(old: Version, new: Version) -> list[Line]:
    """Return the requests of a Training stack that goes from one training to another."""
    return [
        Line("Update", CUSTOMIZATION, customization(old), "SUCCESS", customization(new)),
        *rungs("Update"),
        Line("Delete", CUSTOMIZATION, customization(old), "SUCCESS", customization(old)),
    ]


def rungs(kind: str) -> list[Line]:
    return [rung(kind, number) for number in range(1, RUNGS + 1)]


def deleted_rungs() -> list[Line]:
    """Return the requests with which the rungs go: the last one first."""
    return rungs("Delete")[::-1]


def rung(kind: str, number: int, *, status: str = "SUCCESS") -> Line:
    resource = f"TrainingAwait{number}"
    physical_id = f"training-await/v1/{resource}"
    return Line(kind, resource, None if kind == "Create" else physical_id, status, physical_id)


def two_rungs_waited() -> list[str]:
    return ["still running", *["ready"] * (RUNGS - 1)]


def states(requests: Sequence[Request]) -> list[str | None]:
    """Return what the rungs among some requests said of the training."""
    asked = [its for its in requests if its.kind.endswith("TrainingAwait") and its.type != "Delete"]
    return [its.answer["attributes"].get("State") if its.answer else None for its in asked]
