"""Removes what is kept, one thing at a time, each proven again right before. Run again, it goes on where it ended."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.account.aws import Aws
from tune.account.clients import told
from tune.purge.find import Finder
from tune.purge.kept import Kept, KeptBucket, KeptCandidate, KeptKey, KeptModel
from tune.terminal.environments import EnvironmentRef
from tune.terminal.screen import Screen

_GONE_WITHIN_SECONDS: Final = 60
_POLL_SECONDS: Final = 2.0
# Access logs arrive some time after what they are about.
_EMPTYINGS: Final = 3


class NotRemoved(Exception):
    """Something stays; the message says what and why."""


class Removal:
    """What evaluations left, models, data, and last the key without which models and data are unreadable.

    `waiting_days` is how long the deletion of the key can be taken back, 7 to 30 (KMS, ScheduleKeyDeletion).
    """

    def __init__(
        self,
        aws: Aws,
        anchor: EnvironmentRef,
        screen: Screen,
        *,
        waiting_days: int = 30,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._finder = Finder(aws, anchor)
        self._bedrock = aws("bedrock")
        self._s3 = aws("s3")
        self._kms = aws("kms")
        self._anchor = anchor
        self._screen = screen
        self._days = waiting_days
        self._sleep = sleep

    def run(self, kept: Kept) -> list[str]:
        """Remove what was shown, and nothing else; return what stays and why."""
        stays: list[str] = []
        try:
            for candidate in kept.candidates:
                self._try(stays, partial(self._candidate, candidate))
            for model in kept.models:
                self._try(stays, partial(self._model, model))
            for bucket in kept.buckets:
                self._try(stays, partial(self._bucket, bucket))
            for key in kept.keys:
                if key.deletion_date is None:
                    self._try(stays, partial(self._key, key, stays, kept))
        finally:
            self._screen.status(None)
        return stays

    def _try(self, stays: list[str], remove: Callable[[], None]) -> None:
        try:
            remove()
        except NotRemoved as reason:
            stays.append(str(reason))
        except ClientError as error:
            stays.append(told(error))

    def _candidate(self, candidate: KeptCandidate) -> None:
        if self._finder.is_ended(candidate):
            return
        self._prove(f"candidate {candidate.name}", self._finder.is_left(candidate))
        self._delete(
            f"candidate {candidate.name}",
            lambda: self._bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=candidate.arn),
            lambda: self._finder.is_ended(candidate),
        )

    def _model(self, model: KeptModel) -> None:
        if self._finder.is_gone(model):
            return
        self._prove(f"custom model {model.name}", self._finder.is_model(model))
        if used := [*self._finder.serving({model.arn}), *self._finder.holds([model])]:
            raise NotRemoved(used[0])
        self._delete(
            f"custom model {model.name}",
            lambda: self._bedrock.delete_custom_model(modelIdentifier=model.arn),
            lambda: self._finder.is_gone(model),
        )

    def _delete(self, what: str, delete: Callable[[], object], is_gone: Callable[[], bool]) -> None:
        self._screen.status(f"deleting {what}")
        try:
            delete()
        except ClientError as error:
            if not aws_errors.is_not_found(error):
                raise
        for _ in range(int(_GONE_WITHIN_SECONDS / _POLL_SECONDS)):
            if is_gone():
                self._screen.say(f"{what[0].upper()}{what[1:]} is deleted.")
                return
            self._sleep(_POLL_SECONDS)
        raise NotRemoved(f"{what} was deleted and still exists: run the same command again later")

    def _bucket(self, bucket: KeptBucket) -> None:
        for _ in range(_EMPTYINGS):
            self._prove(f"bucket {bucket.name}", self._finder.stores.is_bucket(bucket.name))
            removed = self._empty(bucket)
            try:
                self._s3.delete_bucket(Bucket=bucket.name, ExpectedBucketOwner=self._anchor.account)
            except ClientError as error:
                if aws_errors.code(error) != "BucketNotEmpty":
                    raise
                continue
            self._screen.say(f"Bucket {bucket.name} is deleted, with {removed:,} versions of objects.")
            return
        raise NotRemoved(f"bucket {bucket.name} keeps receiving objects: run the same command again later")

    def _empty(self, bucket: KeptBucket) -> int:
        removed = 0
        for page in self._finder.stores.versions(bucket.name):
            objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in page]
            if objects:
                answer = self._s3.delete_objects(
                    Bucket=bucket.name,
                    Delete={"Objects": objects, "Quiet": True},
                    ExpectedBucketOwner=self._anchor.account,
                )
                _none_refused(bucket, answer)
            removed += len(objects)
            self._screen.status(f"emptying bucket {bucket.name}: {removed:,} of {bucket.versions:,} versions")
        return removed

    def _key(self, key: KeptKey, stays: list[str], kept: Kept) -> None:
        if stays:
            raise NotRemoved(f"key {key.id} is kept while something of the environment needs it")
        if buckets := [item.name for item in self._finder.unproven(kept) if item.what == "Bucket"]:
            raise NotRemoved(f"key {key.id} is kept: bucket {buckets[0]} may be unreadable without it")
        if others := list(self._finder.encrypted_with(key.arn)):
            raise NotRemoved(f"key {key.id} is kept: custom model {others[0]} is unreadable without it")
        self._prove(f"key {key.id}", self._finder.stores.is_key(key.id))
        answer = self._kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=self._days)
        scheduled = replace(key, deletion_date=answer["DeletionDate"])
        region = self._anchor.region
        self._screen.say(
            f"Key {key.id} is deleted on {scheduled.deleted_on}. Until then you can cancel that: "
            f"aws kms cancel-key-deletion --key-id {key.id} --region {region}, then aws kms enable-key with the same"
        )

    def _prove(self, what: str, proven: bool) -> None:
        """Raise unless it is the environment's still, and no stack uses it."""
        if stacks := self._finder.stacks():
            raise NotRemoved(f"{what} is kept: {stacks[0]}")
        if not proven:
            raise NotRemoved(f"{what} is kept: it no longer carries the tags of {self._anchor}")


def _none_refused(bucket: KeptBucket, answer: Any) -> None:
    if refused := answer.get("Errors"):
        code = refused[0]["Code"]
        raise NotRemoved(f"bucket {bucket.name} is kept: {len(refused)} of its objects were not deleted ({code})")
