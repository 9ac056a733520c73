"""An account in which a model was trained, with its bucket in a real S3 client's reach."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.quick import quick
from tests.support.s3_service import S3Service, s3_client
from tests.unit.settings.settings_files import write_toml
from tests.unit.tune.planning import Aws
from tune.account import clients
from tune.cli import app

WANTED: Final = Wanted(rungs=1, environment="dev", model_units=None)
TRAINING_FILE: Final = "training_artifacts/step_wise_training_metrics.csv"
VALIDATION_FILE: Final = "validation_artifacts/post_fine_tuning_validation/validation_metrics.csv"


class Trained:
    """Trainings of one model, and the clients that look at them."""

    def __init__(self) -> None:
        foundation = "bedrock-tuning-dev-Foundation"
        self.account = Account(settings=quick(), region=WANTED.region, foundation_stack=foundation)
        self.s3 = s3_client(S3Service())
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        self.aws = Aws(self.account)

    def train(self, wanted: Wanted = WANTED) -> str:
        """Train once more, and return the id of the training."""
        assert self.account.deploy(wanted) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        for (bucket, key), content in self.account.lifecycle.world.objects.items():
            if key.startswith("output/"):
                self.s3.put_object(Bucket=bucket, Key=key, Body=content)
        return f"{wanted.training_id}-{wanted.attempt}"

    def leave(self, files: Mapping[str, str], wanted: Wanted = WANTED) -> None:
        """Replace what a training has left."""
        folder = self.folder(wanted)
        for its in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", []):
            self.s3.delete_object(Bucket=BUCKET, Key=its["Key"])
        for path, content in files.items():
            self.s3.put_object(Bucket=BUCKET, Key=f"{folder}{path}", Body=content.encode())

    def stored(self) -> dict[str, str]:
        """Return what the bucket has: the digest of each object by its key."""
        return {its["Key"]: its["ETag"] for its in self.s3.list_objects_v2(Bucket=BUCKET)["Contents"]}

    def folder(self, wanted: Wanted = WANTED) -> str:
        job = self.aws.bedrock.get_model_customization_job(jobIdentifier=wanted.training_name)
        return f"output/model-customization-job-{job['jobArn'].rpartition('/')[2]}/"

    def __call__(self, service: str) -> Any:
        return self.s3 if service == "s3" else self.aws(service)


class Folder(Trained):
    """Settings of `dev`, and its account."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.path = path
        self.roles: list[object] = []
        (path / "dev").mkdir()
        write_toml(path / "dev" / "environment.toml", {"account": ACCOUNT, "region": WANTED.region})
        (path / "dev" / "faq.toml").write_text("[training]\n", encoding="utf-8")
        patch.setattr(clients, "clients", self._clients)

    def _clients(self, _anchor: object, role: object = None) -> "Folder":
        self.roles.append(role)
        return self

    def run(self, *arguments: str, **variables: str) -> Result:
        line = ["metrics", *(arguments or ("dev",)), "--environments", str(self.path)]
        return CliRunner().invoke(app, line, env={"COLUMNS": "80", **variables})

    def document(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("dev", *arguments, "--json").stdout)
        return found


def csv(column: str, *losses: float, each: int = 1) -> str:
    """Return a metrics file: a row for each loss, `each` of them in an epoch."""
    rows = (f"{number},{number // each + 1},{loss}" for number, loss in enumerate(losses))
    return "\n".join([f"step_number,epoch_number,{column}", *rows, ""])


def other(**hyper_parameters: str) -> Wanted:
    """Return another training of the same model."""
    return replace(WANTED, hyper_parameters={"epochCount": "3", **hyper_parameters})
