"""`tune dataset push` into the bucket of a real Foundation, killed in the middle and started again."""

import hashlib
import json
import re
import sys
from typing import Any, Final

import pytest

from sandbox.server import ACCOUNT, Sandbox
from tests.e2e.patience import until
from tests.e2e.project import Project, Running
from tests.e2e.settings_file import NAME, Settings, record, stack_of
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

ENVIRONMENT: Final = "pushed"
_ASSUME: Final = "sts:AssumeRole"
PART_BYTES: Final = 8 << 20
# As many records as the base model takes: nine parts.
SETTINGS: Final = Settings(
    ENVIRONMENT,
    records=[record(f"What is number {number} called?" + "x" * 7000, f"N-{number}") for number in range(10_000)],
)


class Pushes:
    """A settings file with its data, and pushes of it."""

    def __init__(self, project: Project, sandbox: Sandbox) -> None:
        self._project = project
        self._folder = project.write(SETTINGS)
        self.settings = Settings(ENVIRONMENT).path(self._folder)
        self.data = Settings(ENVIRONMENT).data_path(self._folder).read_bytes()
        self.sha256 = hashlib.sha256(self.data).hexdigest()
        self.key = f"train/{self.sha256}.jsonl"
        self._s3 = sandbox.client("s3")
        self._sandbox = sandbox

    def start(self, *variables: str) -> Running:
        """Start a push, with environment variables besides those of the sandbox's root."""
        command = (sys.executable, "-m", "tune", "dataset", "push", ENVIRONMENT, "--environments", str(self._folder))
        return self._project.start("env", *variables, *command)

    def as_role(self) -> tuple[str, ...]:
        """Return the credentials of a role that may do what docs/how-to/data.md says, and nothing else."""
        iam = self._sandbox.client("iam")
        trust = _policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": _ASSUME})
        role = iam.create_role(RoleName="pusher", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        bucket = f"arn:aws:s3:::{self.bucket}"
        allowed = _policy(
            _allow(
                f"arn:aws:cloudformation:*:*:stack/{stack_of(ENVIRONMENT, 'Foundation')}/*",
                "cloudformation:ListStackResources",
            ),
            _allow(bucket, "s3:ListBucket", "s3:ListBucketMultipartUploads"),
            _allow(
                f"{bucket}/train/*",
                "s3:GetObject",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                "s3:ListMultipartUploadParts",
            ),
            _allow("*", "kms:GenerateDataKey", "kms:Decrypt"),
        )
        iam.put_role_policy(RoleName="pusher", PolicyName="push", PolicyDocument=allowed)
        session = self._sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="push")["Credentials"]
        names = {
            "ACCESS_KEY_ID": "AccessKeyId",
            "SECRET_ACCESS_KEY": "SecretAccessKey",
            "SESSION_TOKEN": "SessionToken",
        }
        return tuple(f"AWS_{variable}={session[name]}" for variable, name in names.items())

    @property
    def bucket(self) -> str:
        [found] = [each for each in self._resources() if "AccessLogs" not in each["LogicalResourceId"]]
        return str(found["PhysicalResourceId"])

    def parts(self) -> dict[int, Any]:
        """Return when each part of the only upload that is under way was sent."""
        begun = self._s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])
        if not begun:
            return {}
        [upload] = begun
        assert upload["Key"] == self.key
        listed = self._s3.list_parts(Bucket=self.bucket, Key=self.key, UploadId=upload["UploadId"])
        return {each["PartNumber"]: each["LastModified"] for each in listed.get("Parts", [])}

    def stored(self) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()
        return body

    def _resources(self) -> list[Any]:
        answer = self._sandbox.client("cloudformation").describe_stack_resources(
            StackName=stack_of(ENVIRONMENT, "Foundation")
        )
        return [each for each in answer["StackResources"] if each["ResourceType"] == "AWS::S3::Bucket"]


def test_a_push_that_was_killed_goes_on_and_sends_no_part_twice(project: Project, sandbox: Sandbox) -> None:
    pushes = Pushes(project, sandbox)
    before = pushes.settings.read_bytes()
    too_early = pushes.start().wait()
    assert too_early.code == 2
    assert says(too_early.output, f"cdk deploy {ENVIRONMENT}/Foundation")
    run = project.synthesize(Settings(ENVIRONMENT)).deploy(f"{ENVIRONMENT}/Foundation")
    assert run.code == 0, run.output

    killed = pushes.start()
    until(lambda: len(pushes.parts()) >= 2, seconds=60)
    killed.kill()
    sent_before = pushes.parts()
    assert 2 <= len(sent_before) < parts_of(pushes.data)
    assert pushes.settings.read_bytes() == before

    run = pushes.start(*pushes.as_role()).wait()
    assert run.code == 0, run.output
    [(sent, found)] = re.findall(r"(\d+) parts?\D* (\d+) ", run.output)
    assert int(found) == len(sent_before)
    assert int(sent) == parts_of(pushes.data) - len(sent_before)

    assert hashlib.sha256(pushes.stored()).hexdigest() == pushes.sha256
    assert pushes.parts() == {}
    assert pushes.settings.read_bytes() == before.replace(
        f'{{ path = "{NAME}.jsonl" }}'.encode(), f'{{ sha256 = "{pushes.sha256}" }}'.encode()
    )

    SETTINGS.write(pushes.settings.parents[1])
    again = pushes.start().wait()
    assert again.code == 0, again.output
    assert f"{NAME}.jsonl: was there" in again.output


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(resource: str, *actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def parts_of(data: bytes) -> int:
    return -(-len(data) // PART_BYTES)
