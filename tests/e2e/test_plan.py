"""`tune plan` against a real deployment: what is held is no orphan, what a lost stack left behind is found."""

import sys
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from sandbox.server import ACCOUNT, REGION, Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Assembly, Project, Run
from tests.e2e.settings_file import NAME, Settings
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

ENVIRONMENT: Final = "planned"
LOST_STACK: Final = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/planned-Lost"


WILL: Final = {("trains", "will"), ("buys", "will"), ("moves", "will"), ("deletes", "will")}
CHANGED: Final = Settings(ENVIRONMENT, hyper_parameters={"epochCount": 3}, model_units=2)


class Planning:
    """One environment, and `tune plan` of it with some settings."""

    def __init__(self, project: Project, settings: Settings) -> None:
        self._project = project
        self._folder = project.write(settings)

    def run(self, *options: str) -> Run:
        return self._project.start(*self._command(*options)).wait()

    def document(self, *options: str) -> dict[str, Any]:
        return self._project.document(*self._command("--json", *options))

    def review(self, base: Assembly, head: Assembly) -> dict[str, Any]:
        """Return what `tune review --live` says of two assemblies, with the same account."""
        compared = ("--base", str(base.folder), "--head", str(head.folder), "--environments", str(self._folder))
        command = (sys.executable, "-m", "tune", "review", "--live", "--format", "json", *compared)
        return self._project.document(*command)

    def _command(self, *options: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "tune", "plan", ENVIRONMENT, "--environments", str(self._folder), *options)

    def orphans(self) -> list[dict[str, Any]]:
        """Return the orphans of this environment: the account is shared with other tests."""
        return [its for its in self.document()["orphans"] if its["environment"] == ENVIRONMENT]


def test_plan_tells_what_a_deploy_does_then_that_nothing_is_left_to_do_and_finds_what_a_lost_stack_left(
    project: Project, sandbox: Sandbox
) -> None:
    planning, account = Planning(project, Settings(ENVIRONMENT)), Account(sandbox, ENVIRONMENT)

    before = planning.document()
    base = project.synthesize(Settings(ENVIRONMENT))
    run = base.deploy(f"{ENVIRONMENT}/*")
    assert run.code == 0, run.output
    after = planning.document()

    assert actions(before) == [
        ("data file", "Create", ["create"]),
        ("customization job", "Create", ["create"]),
        ("custom model", "Create", ["wait"]),
        ("provisioned throughput", "Create", ["create"]),
    ]
    assert set(before["stacks"].values()) == {None}
    assert [each["name"] for each in before["resources"]][1:] == [
        account.jobs()[0]["jobName"],
        account.jobs()[0]["jobName"],
        account.throughput()["provisionedModelName"],
    ]
    assert [(each["event"], each["steps"], each["drift"]) for each in after["resources"]] == [(None, [], [])] * 4
    assert set(after["stacks"].values()) == {"CREATE_COMPLETE"}
    assert planning.orphans() == []

    changed = Planning(project, CHANGED)
    planned, reviewed = changed.document(), changed.review(base, project.synthesize(CHANGED))
    (environment,) = reviewed["environments"]
    told = {(its["class"], its["certainty"]): its["source"] for its in environment["findings"]}
    assert {its for its in told if its[0] not in ("changes", "loosens")} == WILL
    assert rows(planned) == {its.removeprefix("row ") for its in told.values() if its.startswith("row ")}

    # Commands take their time, which the clock of the service would count.
    sandbox.control("clock", {"rate": 0})
    lost = account.bedrock.create_provisioned_model_throughput(
        provisionedModelName=f"{NAME}-{ENVIRONMENT}-lost",
        modelId=account.model(account.jobs()[0]["jobName"])["modelArn"],
        modelUnits=1,
        tags=[
            {"key": contract.TAG_OWNER, "value": LOST_STACK},
            {"key": contract.TAG_ENVIRONMENT, "value": ENVIRONMENT},
            {"key": contract.TAG_RESOURCE, "value": "Purchase"},
        ],
    )
    sandbox.control("clock", {"advance_seconds": 3 * 3600})
    (orphan,) = planning.orphans()
    assert orphan["arn"] == lost["provisionedModelArn"]
    assert says(orphan["why"], "planned-Lost")
    assert orphan["ageSeconds"] == pytest.approx(3 * 3600, abs=1)
    assert planning.run("--fail-on-orphans").code == 1
    plain = planning.run().output
    assert says(plain, "3 h 0 min") or says(plain, "2 h 59 min"), plain
    assert orphan["command"] in plain

    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=orphan["command"].split()[4])
    assert planning.orphans() == []


def rows(told: dict[str, Any]) -> set[str]:
    """Return the rows by which something is created, moved or deleted that bills or serves."""
    steps = [step for each in told["resources"] if each["kind"] != "data file" for step in each["steps"]]
    return {step["row"] for step in steps if step["action"] in ("create", "swap", "delete")}


def actions(told: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [(each["kind"], each["event"], [step["action"] for step in each["steps"]]) for each in told["resources"]]
