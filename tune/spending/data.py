"""How much there is to train on: from a file of this machine, or from what the bucket has of it."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle import contract
from bedrock_tuning.data.checker.report_cache import verdicts
from bedrock_tuning.data.sources import FileSource
from settings import Model
from tune.account import inventory
from tune.account.aws import Aws
from tune.spending.tokens import TrainingTokens, Volume, estimated
from tune.terminal.environments import DeployTarget


def estimate(model: Model, target: DeployTarget, aws: Aws) -> TrainingTokens | None:
    """Return what the training of a target's model bills, estimated; None where it trains nothing.

    Whatever keeps it from looking leaves bounds unknown, and disturbs nothing else.
    """
    if model.training is None or model.data is None:
        return None
    if isinstance(model.data.train, FileSource):
        return estimated(_of_file(model), model.training)
    try:
        return estimated(_of_bucket(model, target, aws), model.training)
    except (BotoCoreError, ClientError):
        return estimated(Volume(), model.training)


def _of_file(model: Model) -> Volume:
    """Check the files as the synthesis does, which then need not read them again."""
    if model.training is None or model.data is None:
        return Volume()
    files = {split: source for split, source in model.used_data.items() if isinstance(source, FileSource)}
    report = verdicts(files, model.training.profile, model.training.customization_type)["train"]
    return Volume(report.characters, report.bytes) if report.accepted else Volume()


def _of_bucket(model: Model, target: DeployTarget, aws: Aws) -> Volume:
    """Return what the report of an earlier check says; without one, how large the object is."""
    bucket = inventory.bucket_of(aws, target, target.environment.organization.bucket)
    if bucket is None or model.training is None or model.data is None:
        return Volume()
    sha256, training = model.data.train.sha256, model.training
    s3: Any = aws("s3")
    key = contract.dataset_report_key("train", sha256, training.base_model, training.customization_type)
    try:
        report = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        return Volume(_number(report.get("characters")), _number(report["bytes"]))
    except (BotoCoreError, ClientError, AttributeError, KeyError, TypeError, ValueError):
        return Volume(bytes=_size(s3, bucket, contract.data_key("train", sha256)))


def _size(s3: Any, bucket: str, key: str) -> int | None:
    # A list, unlike HeadObject, takes no right to read the object.
    found = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", ())
    return next((_number(each.get("Size")) for each in found if each["Key"] == key), None)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
