"""Where a data file comes from: this machine, the data store, or somewhere else in Amazon S3. Loads no CDK."""

from bedrock_tuning.data.sources.digests import NotADigest, check_digest, sha256_of
from bedrock_tuning.data.sources.sources import DataSource, FileSource, PinnedFileChanged, PushedSource, S3Source

__all__ = [
    "DataSource",
    "FileSource",
    "NotADigest",
    "PinnedFileChanged",
    "PushedSource",
    "S3Source",
    "check_digest",
    "sha256_of",
]
