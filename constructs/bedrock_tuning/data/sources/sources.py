"""The three kinds of sources. Whatever the kind, the digest of the bytes is what identifies the data."""

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bedrock_tuning.data.sources.digests import check_digest, sha256_of
from bedrock_tuning.data.sources.locations import S3Location, check_key_arn, check_version_id


class PinnedFileChanged(ValueError):
    """A file is not the one that its pinned digest names."""


class DataSource(ABC):
    """A data file of a training run: `DataSource.file(…)`, `DataSource.pushed(…)` or `DataSource.s3(…)`.

    Sources with equal bytes are the same data: the training ID depends on `sha256` and on nothing else here.
    """

    @property
    @abstractmethod
    def kind(self) -> Literal["path", "sha256", "s3"]:
        """The key by which a settings file names this kind."""

    @property
    @abstractmethod
    def sha256(self) -> str:
        """The SHA-256 of the bytes, 64 lower-case hexadecimal digits."""

    @property
    @abstractmethod
    def file_name(self) -> str:
        """What a finding calls the file; empty where only its use (train, validation, test) is known."""

    @staticmethod
    def file(path: Path, *, sha256: str | None = None) -> "FileSource":
        """Return a file on this machine. It is a CDK asset, so copies stay in the cloud assembly and the bootstrap
        bucket.

        Args:
            path: A JSON Lines file.
            sha256: Pins the file: a file with another digest is refused. Default: any file.

        Raises:
            PinnedFileChanged: When the file has another digest than the pinned one.
            NotADigest: When `sha256` is none.
            OSError: If the file cannot be read.
        """
        source = FileSource(path, sha256)
        source.check_pin()
        return source

    @staticmethod
    def pushed(sha256: str) -> "PushedSource":
        """Return data that is already in the data store, at `<split>/<sha256>.jsonl`; nothing is copied.

        Raises:
            NotADigest: When `sha256` is none.
        """
        return PushedSource(sha256)

    @staticmethod
    def s3(uri: str, *, version_id: str, sha256: str, kms_key_arn: str | None = None) -> "S3Source":
        """Return one version of an object in any bucket; it is copied into the data store.

        Args:
            uri: `s3://bucket/key`.
            version_id: The object's version; `null` in a bucket without versioning. Required: with only the digest, a
                later upload to the same key would break a deployment that worked before; with the version, the reviewed
                data stays readable.
            sha256: The digest of the version's bytes.
            kms_key_arn: The KMS key that encrypts it. Default: none, for SSE-S3, which needs no permission.

        Raises:
            ValueError: For an argument that is not what it must be.
        """
        return S3Source(uri, version_id, sha256, kms_key_arn)


@dataclass(frozen=True)
class FileSource(DataSource):
    """See `DataSource.file`."""

    path: Path
    pinned: str | None = None

    def __post_init__(self) -> None:
        if self.pinned is not None:
            check_digest(self.pinned)

    @property
    def kind(self) -> Literal["path"]:
        return "path"

    @functools.cached_property
    def sha256(self) -> str:
        return sha256_of(self.path)

    @property
    def file_name(self) -> str:
        return self.path.name

    def check_pin(self) -> None:
        """Raise `PinnedFileChanged` unless the file is the pinned one."""
        if self.pinned is not None and self.sha256 != self.pinned:
            raise PinnedFileChanged(
                f"{self.path} is not the pinned file, whose sha256 is {self.pinned} (got {self.sha256}); "
                "restore that file, or pin the new digest, which starts another training run"
            )


@dataclass(frozen=True)
class PushedSource(DataSource):
    """See `DataSource.pushed`."""

    digest: str

    def __post_init__(self) -> None:
        check_digest(self.digest)

    @property
    def kind(self) -> Literal["sha256"]:
        return "sha256"

    @property
    def sha256(self) -> str:
        return self.digest

    @property
    def file_name(self) -> str:
        return ""


@dataclass(frozen=True)
class S3Source(DataSource):
    """See `DataSource.s3`."""

    uri: str
    version_id: str
    digest: str
    kms_key_arn: str | None = None

    def __post_init__(self) -> None:
        S3Location.parse(self.uri)
        check_version_id(self.version_id)
        check_digest(self.digest)
        if self.kms_key_arn is not None:
            check_key_arn(self.kms_key_arn)

    @property
    def kind(self) -> Literal["s3"]:
        return "s3"

    @property
    def sha256(self) -> str:
        return self.digest

    @property
    def location(self) -> S3Location:
        return S3Location.parse(self.uri)

    @property
    def file_name(self) -> str:
        return self.location.key.rpartition("/")[2]
