"""A standing environment on which each setting of `[organization]` is changed, one at a time.

It is applied, or refused before anything is touched with what to do; then that is done. With -s it prints the table.
"""

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from sandbox.server import Sandbox
from settings import Organization
from tests.e2e.account import Account
from tests.e2e.administrator import Administrator
from tests.e2e.project import Assembly, Project
from tests.e2e.settings_file import Settings, stack_of
from tune.exports import gate
from tune.exports.gate import ExportsInUse
from tune.terminal.environments import find

pytestmark = pytest.mark.sandbox

NAME: Final = "chg"
BUCKET: Final = "chg-fine-tuning"
ROLES: Final = (
    "Foundation/ServiceRole",
    *(f"Foundation/Lifecycle/{part}" for part in ("FrontDoor", "LastResort", "Responder", "StateMachine")),
    *(f"Foundation/{kind}/Turn" for kind in ("Serving", "Training")),
    "Training/DatasetReader/Reader",
)
Lines = Mapping[str, Any]


class Standing:
    """The environment as it stands, with what its settings say."""

    def __init__(self, project: Project, sandbox: Sandbox) -> None:
        self._project = project
        self.account = Account(sandbox, NAME)
        self.settings = Settings(NAME)
        self.organization: dict[str, Any] = {}
        self.rows: list[tuple[str, str]] = []

    def refused(self, **lines: Any) -> str:
        """Return why a change of the settings is refused, and see that nothing was touched."""
        before = self._newest_events()
        with pytest.raises(ExportsInUse) as refusal:
            self._checked(lines)
        assert self._newest_events() == before
        self._row(", ".join(lines), f"refused: {refusal.value}")
        return str(refusal.value)

    def refused_by_command(self, **lines: Any) -> str:
        """The same by `tune deploy`."""
        before = self._newest_events()
        folder = self._project.write(self._wanted(lines))
        run = self._project.start(sys.executable, "-m", "tune", "deploy", NAME, "--environments", str(folder)).wait()
        assert run.code == 2, run.output
        assert self._newest_events() == before
        return run.output

    def refused_by_cloudformation(self, **lines: Any) -> None:
        """Deploy Foundation without asking before; see that it is rolled back."""
        assembly = self._project.synthesize(self._wanted(lines))
        assert assembly.deploy(f"{NAME}/Foundation", "--exclusively").code != 0
        assert self.account.stack_status("Foundation") == "UPDATE_ROLLBACK_COMPLETE"

    def apply(self, what: str = "", **lines: Any) -> None:
        """Change the settings and deploy."""
        begun = time.monotonic()
        run = self._checked(lines).deploy(f"{NAME}/*")
        assert run.code == 0, run.output
        self.organization = {**self.organization, **lines}
        self._row(what or ", ".join(lines), f"applied in {time.monotonic() - begun:.0f} s")

    def do_as_told(self, refusal: str, **lines: Any) -> None:
        """Do what a refusal says: write what it says for one deployment, and deploy."""
        told = re.search(
            r"\[organization\.keep\] with (.+?)(?:;|, and in \[allow\] model_key_arns with (.+?);)", refusal
        )
        assert told, refusal
        if told[2]:
            self.settings = replace(self.settings, model_key_arns=json.loads(told[2]))
        keep = dict(line.split(" = ") for line in told[1].split(", "))
        self.apply(**lines, keep={name: json.loads(value) for name, value in keep.items()})

    def _checked(self, lines: Lines) -> Assembly:
        wanted = self._wanted(lines)
        folder, assembly = self._project.write(wanted), self._project.synthesize(wanted)
        arguments = ["--app", str(assembly.folder)]
        gate.check(self.account.cloudformation, find(folder, NAME), arguments, pytest.fail)
        return assembly

    def _wanted(self, lines: Lines) -> Settings:
        return replace(self.settings, organization="\n".join(_toml("organization", {**self.organization, **lines})))

    def _newest_events(self) -> list[str]:
        events = (
            self.account.cloudformation.describe_stack_events(StackName=stack_of(NAME, kind))["StackEvents"]
            for kind in ("Foundation", "Training", "Serving")
        )
        return [newest["EventId"] for newest, *_ in events]

    def _row(self, what: str, outcome: str) -> None:
        self.rows.append((what, outcome))


def _toml(name: str, lines: Lines) -> list[str]:
    """Return a table and those below it; a line that is None is not written."""
    own = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in lines.items() if not isinstance(value, dict)]
    below = [line for key, value in lines.items() if isinstance(value, dict) for line in _toml(f"{name}.{key}", value)]
    return [f"[{name}]", *(line for line in own if not line.endswith(" = null")), *below]


@pytest.fixture(scope="module")
def standing(project: Project, sandbox: Sandbox) -> Iterator[Standing]:
    """An environment that trains and serves, with nothing prescribed."""
    made = Standing(project, sandbox)
    run = project.synthesize(made.settings).deploy(f"{NAME}/*")
    assert run.code == 0, run.output
    yield made
    for what, outcome in made.rows:
        print(f"{what}: {outcome}")


def test_each_setting_is_applied_or_refused_with_what_to_do(standing: Standing, sandbox: Sandbox) -> None:
    account, administrator = standing.account, Administrator(sandbox, NAME)
    subnets, groups = administrator.network()
    network = {"subnet_ids": subnets, "security_group_ids": groups}
    key, operations_key = administrator.key("key"), administrator.key("second key")
    administrator.bucket(BUCKET, key)
    role = administrator.service_role(key_arn=key, bucket=BUCKET, subnets=subnets, groups=groups)
    model = account.model(account.jobs()[0]["jobName"])
    own_bucket, own_operations_key = account.data_bucket(), account.operations_key()
    own_objects, own_policy = account.objects(own_bucket), account.s3.get_bucket_policy(Bucket=own_bucket)["Policy"]

    assert f"tune destroy {NAME}" in standing.refused(name_prefix="acme-")
    assert f"tune destroy {NAME}" in standing.refused_by_command(name_prefix="acme-")
    assert "service_role_arn" in standing.refused(roles={place: f"own-{n}" for n, place in enumerate(ROLES)})

    standing.apply(permissions_boundary=administrator.boundary())
    standing.apply(log_retention_days=400)
    standing.apply(job_vpc=network)
    standing.apply(function_vpc=network)

    standing.do_as_told(standing.refused(role_path="/new/"), role_path="/new/")
    # What was kept for the change before goes with the next one.
    standing.do_as_told(standing.refused(service_role_arn=role, keep=None), service_role_arn=role)
    standing.refused_by_cloudformation(key_arn=key, keep=None)
    standing.do_as_told(standing.refused(key_arn=key, keep=None), key_arn=key)
    told = standing.refused(operations_key_arn=operations_key, keep=None)
    standing.do_as_told(told, operations_key_arn=operations_key)
    standing.do_as_told(standing.refused(bucket=BUCKET, keep=None), bucket=BUCKET)
    standing.apply("without keep", keep=None)
    assert {*standing.organization} == {*Organization.model_fields} - {"name_prefix", "roles"}

    # Nothing was trained or bought again, nothing is lost, and nothing of it is in the stack.
    assert [len(account.jobs()), len(account.throughputs())] == [1, 1]
    assert account.objects(own_bucket) == own_objects
    assert account.s3.get_bucket_policy(Bucket=own_bucket)["Policy"] == own_policy
    for kind in ("AWS::KMS::Key", "AWS::S3::Bucket"):
        assert account.physical_ids("Foundation", kind) == []
    states = [account.key_state(each) for each in (model["modelKmsKeyArn"], own_operations_key)]
    assert states == ["Enabled", "PendingDeletion"]

    # A model under the key before can be bought for, and the next training is under yours.
    standing.settings = replace(standing.settings, model_units=2)
    standing.apply("another throughput")
    assert account.throughput()["modelArn"] == model["modelArn"]
    standing.settings = replace(standing.settings, hyper_parameters={"epochCount": 3})
    standing.apply("another training")
    job = account.job(account.jobs()[1]["jobName"])
    assert (job["roleArn"], job["outputModelKmsKeyArn"]) == (role, key)
    assert job["trainingDataConfig"]["s3Uri"].startswith(f"s3://{BUCKET}/")
    assert account.throughput()["modelArn"] == job["outputModelArn"]
