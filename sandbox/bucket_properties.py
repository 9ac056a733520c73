"""Properties of `AWS::S3::Bucket` that MiniStack's CloudFormation leaves out: tags, and where access logs go.

It holds for the pinned version, like `sandbox.ministack_adapter`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from ministack.services import s3
from ministack.services.cloudformation import provisioners

_NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"


def install() -> None:
    """Have CloudFormation set them when it makes or updates a bucket."""
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ("Tags", _tagging, s3._put_bucket_tagging, s3._delete_bucket_tagging),
        ("LoggingConfiguration", _logging, s3._put_bucket_logging, _no_logging),
    )


def _tagging(tags: Sequence[Mapping[str, str]]) -> bytes:
    root = Element("Tagging", xmlns=_NAMESPACE)
    tag_set = SubElement(root, "TagSet")
    for tag in tags:
        element = SubElement(tag_set, "Tag")
        SubElement(element, "Key").text = tag["Key"]
        SubElement(element, "Value").text = tag["Value"]
    return bytes(tostring(root))


def _logging(logging: Mapping[str, Any]) -> bytes:
    root = Element("BucketLoggingStatus", xmlns=_NAMESPACE)
    enabled = SubElement(root, "LoggingEnabled")
    SubElement(enabled, "TargetBucket").text = logging["DestinationBucketName"]
    SubElement(enabled, "TargetPrefix").text = logging.get("LogFilePrefix", "")
    return bytes(tostring(root))


def _no_logging(name: str) -> None:
    s3._put_bucket_logging(name, tostring(Element("BucketLoggingStatus", xmlns=_NAMESPACE)))
