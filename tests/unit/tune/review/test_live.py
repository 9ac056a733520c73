"""A review that asked the accounts: what it then knows, and what it says of those that it could not ask."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bedrock_lifecycle.contract.properties import BadProperty
from tests.support.messages import says
from tests.unit.tune.recorded import denied
from tests.unit.tune.review.stacks import ACCOUNT, stack
from tests.unit.tune.review.test_exports import EXPORT, OWN, exporting
from tests.unit.tune.review.test_lifecycle import BOUGHT, serving
from tune.account import clients
from tune.account.templates import read
from tune.plan.model import ModelDiff
from tune.plan.planned import Planned, StackDiff
from tune.plan.steps import PlanStep
from tune.review import compare, live
from tune.review.assembly import StackTemplate
from tune.review.compare import Review, review
from tune.review.lifecycle import Outlook
from tune.review.live import observations
from tune.review.observations import Observation, Observations
from tune.terminal.environments import EnvironmentRef

DEV = ("dev", ACCOUNT, "us-east-1")
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic"}}


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "changes", lambda pairs: [[] for _ in pairs])


def reviewed(before: Sequence[StackTemplate], after: Sequence[StackTemplate], seen: Observation) -> Review:
    base, head = ({its.name: its for its in each} for each in (before, after))
    return review(base, head, live={DEV: seen})


def test_what_was_not_asked_is_named_and_said_as_before() -> None:
    before, after = serving(BOUGHT), serving({**BOUGHT, "ModelUnits": "2"})
    found = reviewed([before], [after], Observation(why_not="the credentials are another account's"))
    assert [its.finding_class for its in found.findings] == ["buys", "deletes", "moves", "unknown"]
    (unknown,) = found.of("unknown")
    assert (ACCOUNT in unknown.says, "another account's" in unknown.says) == (True, True)
    assert found.asked == ()


def test_what_the_account_plans_takes_the_place_of_what_was_presumed() -> None:
    before, after = serving(BOUGHT), serving({**BOUGHT, "ModelUnits": "2"})
    diffs = [StackDiff("any", "", "", None, {}, read(each), {}, datetime.now(UTC)) for each in ({}, after.body)]
    delete = Planned(
        "provisioned throughput", after.name, "Purchase", "", "", "", "Update", (PlanStep("any", "delete", "", ""),)
    )
    for lines, expected in (([], []), ([delete], ["deletes"])):
        outlook = Outlook(ModelDiff(*diffs), lines, is_observed=True)
        found = reviewed([before], [after], Observation({before.name: before.body}, {"docstrings": outlook}))
        assert [its.finding_class for its in found.findings if its.finding_class != "changes"] == expected
        assert found.asked == ("dev",)


def test_a_stack_of_another_app_under_one_of_the_names_is_refused() -> None:
    before, after = serving(BOUGHT), serving({**BOUGHT, "ModelUnits": "2"})
    found = reviewed([before], [after], Observation(taken="another app has a stack of this name"))
    assert [its.finding_class for its in found.findings] == ["refused"]


@pytest.mark.parametrize(
    ("base", "deployed", "head", "is_said"),
    [
        (stack({}), stack({}).body, stack({}), False),
        (stack(TOPIC), stack({}).body, stack(TOPIC), True),
        (stack(TOPIC), None, stack(TOPIC), True),
        (None, stack({}).body, stack({}), True),
        (None, None, stack({}), False),
        # The CDK writes which version it has; that is no difference.
        (stack({"Any": {"Type": "AWS::CDK::Metadata"}}), stack({}).body, stack({}), False),
    ],
    ids=["as the base", "otherwise", "not at all", "not in the base", "new", "only metadata"],
)
def test_a_base_that_is_not_what_is_deployed_is_said(
    base: StackTemplate | None, deployed: dict[str, object] | None, head: StackTemplate, is_said: bool
) -> None:
    seen = Observation(deployed={head.name: deployed} if deployed is not None else {})
    found = reviewed([base] if base else [], [head], seen).of("unknown")
    assert [head.name in its.says for its in found] == [True] * is_said


@pytest.mark.parametrize("is_deployed", [True, False])
def test_a_stack_that_is_not_deployed_leaves_nothing_behind(is_deployed: bool) -> None:
    gone = stack({})
    seen = Observation(deployed={gone.name: gone.body} if is_deployed else {})
    assert bool(reviewed([gone], [], seen).of("stays")) is is_deployed


def test_who_uses_an_export_the_account_tells() -> None:
    before, after = exporting(OWN), exporting(None)
    seen = Observation(deployed={before.name: before.body}, users=lambda export: ["theirs"] * (export == EXPORT))
    (found,) = reviewed([before], [after], seen).of("refused")
    assert "theirs" in found.says


def test_who_may_not_ask_who_uses_an_export_is_told_so() -> None:
    def refused(_export: str) -> list[str]:
        raise denied("cloudformation:ListImports", "*")

    before, after = exporting(OWN), exporting(None)
    (found,) = reviewed([before], [after], Observation({before.name: before.body}, users=refused)).of("unknown")
    assert says(found.says, after.name, "role ci", "cloudformation:ListImports", "python -m tune policy")


def test_a_template_that_cannot_be_read_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> Observation:
        raise BadProperty("ModelUnits is no number")

    monkeypatch.setattr(clients, "clients", lambda *_: object())
    monkeypatch.setattr(live, "observed", unreadable)
    some = serving(BOUGHT)
    assert "ModelUnits" in observations({}, {some.name: some}, Path("environments"))[DEV].why_not


def test_each_place_is_asked_alone_and_one_that_does_not_answer_keeps_nothing_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[EnvironmentRef] = []

    def only_dev(anchor: EnvironmentRef, role: str) -> object:
        assert role == "lookup"
        asked.append(anchor)
        if anchor.name != "dev":
            raise clients.WrongCredentials("these are another account's")
        return object()

    monkeypatch.setattr(clients, "clients", only_dev)
    monkeypatch.setattr(live, "observed", lambda *_: Observation(deployed={"seen": {}}))
    head = [serving(BOUGHT), dataclasses.replace(stack({}), environment="prod", name="old-prod-Foundation")]
    found: Observations = observations({}, {its.name: its for its in head}, Path("environments"))
    assert found[DEV].deployed == {"seen": {}}
    assert found["prod", ACCOUNT, "us-east-1"].why_not == "these are another account's"
    assert [(its.name, its.location.stack_prefix, its.models) for its in asked] == [
        ("dev", "bedrock-tuning-", ("docstrings",)),
        ("prod", "old-", ()),
    ]
    only = observations({}, {its.name: its for its in head}, Path("environments"), "dev")
    assert list(only) == [DEV]
