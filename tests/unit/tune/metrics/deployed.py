"""An account in which a model was trained, with its bucket in a real S3 client's reach."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tests.support.environment import Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.quick import quick
from tests.support.s3_service import S3Service, s3_client
from tests.unit.tune.planning import Aws

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


def csv(column: str, *losses: float, each: int = 1) -> str:
    """Return a metrics file: a row for each loss, `each` of them in an epoch."""
    rows = (f"{number},{number // each + 1},{loss}" for number, loss in enumerate(losses))
    return "\n".join([f"step_number,epoch_number,{column}", *rows, ""])


def other(**hyper_parameters: str) -> Wanted:
    """Return another training of the same model."""
    return replace(WANTED, hyper_parameters={"epochCount": "3", **hyper_parameters})
