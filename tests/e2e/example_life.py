"""The life of an example environment: its versions, and what CloudFormation asked of the lifecycle at each turn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract import RUNG_MINUTES
from sandbox.server import Sandbox
from tests.e2e import synthesis
from tests.e2e.account import Account, Request
from tests.e2e.clock_turner import ClockTurner
from tests.e2e.environment_example import Change, EnvironmentExample
from tests.e2e.patience import until
from tests.e2e.project import Assembly, Project, Run
from tune.terminal.environments import find

# A little longer than a rung waits, and less than any other request may take.
STEP_SECONDS: Final = (RUNG_MINUTES + 1) * 60 + 15
_HASH: Final = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True)
class Line:
    """What CloudFormation asked for and how it was answered; ids without the hash at the end of a logical id."""

    type: str
    resource: str
    received: str | None
    status: str | None
    answered: str | None

    @classmethod
    def of(cls, request: Request) -> "Line":
        answered = request.answer["physicalId"] if request.answer else None
        return cls(
            request.type,
            str(_plain(request.logical_id)),
            _plain(request.physical_id),
            request.status,
            _plain(answered),
        )


def lines(requests: Sequence[Request]) -> list[Line]:
    return [Line.of(request) for request in requests]


@dataclass(frozen=True)
class Version:
    """The environment as it stands in one commit; `training` is the name of its job and model."""

    settings: Path
    assembly: Assembly
    training: str


class Life:
    """One environment in its sandbox. Time stands still but for the requests that wait."""

    def __init__(self, example: EnvironmentExample, project: Project, sandbox: Sandbox) -> None:
        settings = example.settings()
        self.account = Account(sandbox, example.environment, name=example.model, region=settings["region"])
        self._example = example
        self._project = project
        self._looked_at = 0

    def version(self, *changes: Change) -> Version:
        """Return the example, changed in a few places."""
        folder = self._example.write(self._project.fresh("environments"), *changes)
        output = self._project.fresh("assembly")
        synthesis.synthesize(folder, output)
        (model,) = find(folder, self._example.environment).settings
        training = str(model.training_name)
        return Version(folder, Assembly(self._project, output), training)

    def time_passes(self) -> ClockTurner:
        """Let time pass for every request that is found waiting."""
        return ClockTurner(self.account, seconds=STEP_SECONDS, kinds=("",))

    def deploy(self, version: Version, stacks: str = "*") -> Run:
        with self.time_passes():
            model = "" if stacks in ("*", "Foundation") else f"{self._example.model}-"
            return version.assembly.deploy(f"{self._example.environment}/{model}{stacks}")

    def deployed(self, version: Version, stacks: str = "*") -> list[Request]:
        """Deploy without a failure, and return the requests that came of it."""
        run = self.deploy(version, stacks)
        assert run.code == 0, run.output
        return self.new_requests()

    def cancel(self, stack: str) -> None:
        self.account.cloudformation.cancel_update_stack(StackName=self.account.stack(stack))

    def deleted(self, stack: str) -> list[Request]:
        """Delete a stack without the CDK CLI, and return the requests that came of it."""
        with self.time_passes():
            self.account.cloudformation.delete_stack(StackName=self.account.stack(stack))
            until(lambda: self.account.stack_status(stack) is None)
        return self.new_requests()

    def run(self, *command: str) -> Run:
        """Run a command of the project to its end."""
        with self.time_passes():
            return self._project.start(*command).wait()

    def new_requests(self) -> list[Request]:
        """Return the requests that came since the last call."""
        requests = self.account.requests()
        new, self._looked_at = requests[self._looked_at :], len(requests)
        return new

    def waiting_rung(self) -> Request:
        """Return the rung that is waiting, as soon as there is one."""
        return until(
            lambda: next((its for its in self.account.requests("Await", statusFilter="RUNNING") if its.waits), None)
        )

    def advance(self, *, seconds: int) -> None:
        self.account.sandbox.control("clock", {"advance_seconds": seconds})

    def meter(self) -> dict[str, Any]:
        return self.account.sandbox.control("meter")

    def hourly_bill(self) -> float:
        """Let an hour pass; return the model unit hours that it adds to the bill."""
        before = self.meter()["modelUnitSeconds"]
        self.advance(seconds=3600)
        return float(self.meter()["modelUnitSeconds"] - before) / 3600

    def job_statuses(self) -> list[str]:
        """Return how each job stands that was ever created, oldest first."""
        return [str(job["status"]) for job in self.account.jobs()]

    def throughputs(self) -> list[str]:
        """Return the names of the throughputs that Bedrock lists, whoever made them."""
        listed = self.account.bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]
        return [str(each["provisionedModelName"]) for each in listed]

    def models(self) -> set[str]:
        """Return the names of the models that Bedrock lists, whoever made them."""
        return {str(each["modelName"]) for each in self.account.bedrock.list_custom_models()["modelSummaries"]}

    def model_of(self, version: Version) -> str:
        """Return the ARN of a version's model, also when it was deleted."""
        return str(self.account.job(version.training)["outputModelArn"])

    def assert_serves(self, version: Version) -> None:
        """The one throughput that stands is in service, and serves the model of a version."""
        serving = self.account.throughput()
        assert serving["status"] == "InService"
        assert serving["modelArn"] == serving["desiredModelArn"] == self.model_of(version)
        assert serving["modelUnits"] == 1


def _plain(identifier: str | None) -> str | None:
    return _HASH.sub("", identifier) if identifier else None
