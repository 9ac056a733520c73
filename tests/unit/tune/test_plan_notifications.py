"""What a plan says of the addresses of [notifications] that the next deploy subscribes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import FOUNDATION, Account
from tests.support.messages import says
from tests.unit.tune.planning import plan_of
from tests.unit.tune.scenarios import SCENARIOS, playing
from tests.unit.tune.test_plan_command import WANTED
from tune.account.recipients import SUBSCRIPTION
from tune.plan.json_document import document
from tune.plan.notifications import note
from tune.plan.text import lines

ADDRESSES = ("a@example.com", "b@example.com")


def body(*addresses: str) -> dict[str, Any]:
    resources = {each: {"Type": SUBSCRIPTION, "Properties": {"Endpoint": each}} for each in addresses}
    return {"Resources": {**resources, "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}}


class Deployed:
    """CloudFormation with a Foundation stack that has subscribed some addresses; none without a body."""

    def __init__(self, its: dict[str, Any] | None) -> None:
        self._body = its

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        assert StackName == FOUNDATION
        status = "REVIEW_IN_PROGRESS" if self._body is None else "CREATE_COMPLETE"
        return {"Stacks": [{"StackName": StackName, "StackStatus": status, "Tags": []}]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        assert (StackName, TemplateStage, self._body is None) == (FOUNDATION, "Original", False)
        return {"TemplateBody": self._body}


@pytest.mark.parametrize(
    ("deployed", "number"), [(None, 2), (body(), 2), (body(ADDRESSES[0]), 1), (body(*ADDRESSES), 0)]
)
def test_only_addresses_that_are_new_are_asked_to_confirm(deployed: dict[str, Any] | None, number: int) -> None:
    told = note(Deployed(deployed), FOUNDATION, body(*ADDRESSES))
    assert bool(told) is bool(number)
    if number:
        assert says(told, FOUNDATION, number, "48 hours", "[notifications]")
        assert not any(address in told for address in ADDRESSES)


@pytest.mark.parametrize("name", ["plan", "plan first"])
def test_the_plan_of_an_environment_looks_for_addresses_that_are_new(name: str, tmp_path: Path) -> None:
    (scenario,) = (each for each in SCENARIOS if each.name == name)
    with playing(scenario, tmp_path) as run:
        result, _ = run()
    assert result.exit_code == 0, result.output
    assert says(result.output, FOUNDATION, "[notifications]", "48 hours")
    assert "a@example.com" not in result.output


def test_a_plan_notes_whom_the_next_deploy_subscribes() -> None:
    plan = plan_of(Account(), WANTED)
    noted = replace(plan, subscribes="any note")
    assert [line for line in lines(noted) if line not in list(lines(plan))] == ["any note"]
    assert document(noted)["notes"] == [*document(plan)["notes"], "any note"]
