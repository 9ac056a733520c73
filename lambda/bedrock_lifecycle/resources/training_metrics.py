"""Where a training leaves its metrics in the bucket, and what can be read there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bedrock_lifecycle.resources.metrics_files import TRAINING_FILE, VALIDATION_FILE, Losses, parse


@dataclass(frozen=True)
class StoredMetrics:
    """The metrics of a training, and where they are; a key is empty where there is no such file."""

    losses: Losses
    training_key: str = ""
    validation_key: str = ""


def output_prefix(prefix: str, job_arn: str) -> str:
    """Return where a job's metrics are: the folder is named after the last part of its ARN."""
    return f"{prefix}model-customization-job-{job_arn.rsplit('/', 1)[-1]}/"


def place(output_uri: str, job_arn: str) -> tuple[str, str]:
    """Return bucket and folder of a job's metrics.

    output_uri: As the job was asked to write to; with or without a slash at its end.
    """
    bucket, _, prefix = output_uri.removeprefix("s3://").partition("/")
    return bucket, output_prefix(f"{prefix.removesuffix('/')}/" if prefix else "", job_arn)


def with_suffix(keys: Iterable[str], name: str) -> str | None:
    """Return the key of a metrics file. The folders above it differ between base models, its own name does not."""
    return next((key for key in sorted(keys) if key.rsplit("/", 1)[-1] == name), None)


def read(s3: Any, bucket: str, prefix: str) -> Losses:
    """Return the losses found below a prefix; raise FileNotFoundError when there is no training metrics file."""
    found = look(s3, bucket, prefix)
    if not found.training_key:
        raise FileNotFoundError(f"s3://{bucket}/{prefix} has no {TRAINING_FILE}")
    return found.losses


def look(s3: Any, bucket: str, prefix: str, *, is_finished: bool = True) -> StoredMetrics:
    """Return what is found below a prefix, which may be nothing; `is_finished` as `metrics_files.parse` has it."""
    keys = _keys(s3, bucket, prefix)
    training, validation = (with_suffix(keys, name) for name in (TRAINING_FILE, VALIDATION_FILE))
    losses = parse(_text(s3, bucket, training), _text(s3, bucket, validation), is_finished=is_finished)
    return StoredMetrics(losses, training or "", validation or "")


def _keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [found["Key"] for page in pages for found in page.get("Contents", [])]


def _text(s3: Any, bucket: str, key: str | None) -> str | None:
    if key is None:
        return None
    # What is no UTF-8 is no metrics file either, and shows as one without its columns.
    return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8-sig", "replace"))
