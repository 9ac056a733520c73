"""A candidate that no run needs is told by status, plan and destroy, and purged; one that a run needs is left alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from settings import EnvironmentLocation
from settings.app import DEFAULT_APP
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import FOUNDATION, NOVA_REGION, Account, Wanted
from tests.support.messages import says
from tests.unit.tune.aws_stand_in import Lines
from tests.unit.tune.planning import Aws, place_of
from tests.unit.tune.recorded import denied
from tests.unit.tune.test_plan_evaluation import ASKED
from tests.unit.tune.test_plan_on_demand import QUICK
from tests.unit.tune.test_status_evaluation import Evaluating
from tune.account.inventory import FoundationStore
from tune.account.orphans import OwnedResource, Ownership
from tune.deployment.destroy import Teardown
from tune.deployment.destroy_text import report
from tune.plan.environment import Planner
from tune.purge import text
from tune.purge.find import Finder
from tune.purge.json_document import document
from tune.purge.kept import Kept
from tune.purge.remove import Removal
from tune.status.json_document import document as status_document
from tune.status.observe import StatusObserver
from tune.status.text import lines
from tune.terminal.environments import EnvironmentRef
from tune.terminal.exit_codes import ExitCode

WANTED: Final = ASKED.but(tags={contract.TAG_APP: DEFAULT_APP})
ID: Final = WANTED.evaluation_inputs.id
NAME: Final = WANTED.candidate_name


def anchor_of(model: str) -> EnvironmentRef:
    location = EnvironmentLocation(name="prod", account=ACCOUNT, region=NOVA_REGION)
    return EnvironmentRef(location=location, folder=Path("any"), app=DEFAULT_APP, models=(model,))


ANCHOR: Final = anchor_of("faq")
ONE: Final = replace(ANCHOR, named="faq")


def owner(stack: str) -> str:
    return f"arn:aws:cloudformation:{NOVA_REGION}:{ACCOUNT}:stack/{stack}"


TAGS: Final = {
    contract.TAG_OWNER: owner(WANTED.evaluation_stack),
    contract.TAG_ENVIRONMENT: "prod",
    contract.TAG_MODEL: "faq",
    contract.TAG_APP: DEFAULT_APP,
    contract.TAG_FOUNDATION: owner(FOUNDATION),
}


class Left:
    """An account whose evaluation has left its candidate: a run that died, and whose cleaning up died too."""

    def __init__(self, *, destroyed: bool = False, wanted: Wanted = WANTED) -> None:
        self.account = Account(settings=QUICK, region=NOVA_REGION)
        self.account.cloudformation.deploy(FOUNDATION, {})
        assert self.account.deploy(wanted) == "CREATE_COMPLETE"
        if destroyed:
            self.account.destroy()
        self.aws = Evaluating(self.account)
        self.arn = self.candidate(NAME, TAGS)

    def candidate(self, name: str, tags: dict[str, str]) -> str:
        made = self.account.lifecycle.client.create_custom_model_deployment(
            modelDeploymentName=name,
            modelArn=self.account.lifecycle.client.get_custom_model(modelIdentifier=WANTED.training_name)["modelArn"],
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )
        self.account.lifecycle.pass_time(timedelta(hours=1))
        return str(made["customModelDeploymentArn"])

    def run(self) -> None:
        """Let its run be under way."""
        for run in self.account.lifecycle.evaluations.runs.values():
            run.status = "RUNNING"

    def nobody_may_look(self) -> None:
        def paginator(_: str) -> Any:
            raise denied("states:ListExecutions", "any")

        self.account.lifecycle.evaluations.get_paginator = paginator  # type: ignore[method-assign, assignment]

    @property
    def stands(self) -> bool:
        return NAME in self.account.serving_names()

    def planned(self) -> OwnedResource:
        found = Planner(self.aws, place_of(self.account), DEFAULT_APP).account().survey.findings
        return next(its for its in found if its.thing.name == NAME)

    def kept(self, anchor: EnvironmentRef = ANCHOR) -> Kept:
        return Finder(self.aws, anchor).kept()

    def obstacles(self, anchor: EnvironmentRef = ANCHOR) -> list[str]:
        finder = Finder(self.aws, anchor)
        return finder.obstacles(finder.kept())

    def purge(self, anchor: EnvironmentRef = ANCHOR, kept: Kept | None = None) -> list[str]:
        return Removal(self.aws, anchor, Lines(), sleep=lambda _: None).run(kept or self.kept(anchor))


def _nothing(_left: Left) -> None:
    pass


def _busy(left: Left) -> None:
    left.aws.views.busy[WANTED.evaluation_stack] = "UPDATE_IN_PROGRESS"


def _unowned(left: Left) -> None:
    """Take away the tag that names the Foundation, and with it the workflow."""
    left.account.lifecycle.client.untag_resource(resourceARN=left.arn, tagKeys=[contract.TAG_FOUNDATION])


@pytest.mark.parametrize(
    ("prepare", "standing", "told"),
    [
        (_nothing, Ownership.ORPHAN, ("no run", ID, WANTED.evaluation_stack)),
        (Left.run, Ownership.OWNED, ("under way", ID)),
        (Left.nobody_may_look, Ownership.UNDECIDED, ("not seen", ID)),
        (_unowned, Ownership.UNDECIDED, ("not seen", ID)),
        (_busy, Ownership.UNDECIDED, ("no run", "UPDATE_IN_PROGRESS")),
    ],
)
def test_a_plan_tells_a_candidate_that_is_left_and_calls_none_so_that_a_run_needs(
    prepare: Callable[[Left], None], standing: Ownership, told: tuple[str, ...]
) -> None:
    left = Left()
    prepare(left)
    found = left.planned()
    assert (found.standing, bool(found.command)) == (standing, standing is Ownership.ORPHAN)
    assert says(found.why, *told)
    assert left.aws.changes == []


def test_a_plan_tells_a_candidate_whose_stack_is_gone() -> None:
    found = Left(destroyed=True).planned()
    assert found.standing is Ownership.ORPHAN
    assert says(found.why, "no run", WANTED.evaluation_stack, "does not exist")
    assert says(found.command, "delete-custom-model-deployment", NAME)


@pytest.mark.parametrize(
    ("prepare", "is_in_use", "told"),
    [
        (_nothing, False, "delete-custom-model-deployment"),
        (Left.run, True, "under way"),
        (Left.nobody_may_look, None, "not seen"),
    ],
)
def test_a_status_tells_a_candidate_and_does_not_call_it_serving(
    prepare: Callable[[Left], None], is_in_use: bool | None, told: str
) -> None:
    left = Left()
    prepare(left)
    status = StatusObserver(left.aws, ANCHOR).look()
    assert [its.name for its in status.serving] == [WANTED.deployment_name]
    (found,) = status.candidates
    assert (found.name, found.evaluation, found.is_in_use) == (NAME, ID, is_in_use)
    (line,) = (line for line in lines(status) if line.startswith("Candidate"))
    assert says(line, NAME, ID, told)
    (shown,) = status_document(status)["candidates"]
    assert (shown["name"], shown["evaluation"], shown["inUse"]) == (NAME, ID, is_in_use)
    assert NAME in {its.name for its in status.bills}


@pytest.mark.parametrize("anchor", [ANCHOR, ONE])
def test_a_destroy_tells_the_candidate_that_is_left_or_the_run_that_deletes_it(anchor: EnvironmentRef) -> None:
    left = Left(destroyed=True)
    teardown = Teardown(anchor, left.aws, Lines())
    told = "\n".join(report(teardown.left("default", FoundationStore()), anchor))
    assert says(told, "aws bedrock delete-custom-model-deployment", NAME)
    assert not says(told, "aws stepfunctions stop-execution")
    left.run()
    told = "\n".join(report(teardown.left("default", FoundationStore()), anchor))
    assert not says(told, "aws bedrock delete-custom-model-deployment", NAME)
    assert says(told, "aws stepfunctions stop-execution", f"{ID}-1")
    assert f"{ID}-1" in {item.name for item in teardown.serving_and_training()}


def test_a_destroy_of_one_model_does_not_tell_the_runs_of_another() -> None:
    left = Left(destroyed=True)
    left.run()
    other = replace(anchor_of("other"), named="other")
    teardown = Teardown(other, left.aws, Lines())
    assert teardown.serving_and_training() == []
    assert teardown.left("default", FoundationStore()).running == []


def test_a_destroy_says_that_it_could_not_look_for_runs() -> None:
    left = Left(destroyed=True)
    left.nobody_may_look()
    told = "\n".join(report(Teardown(ANCHOR, left.aws, Lines()).left("default", FoundationStore()), ANCHOR))
    assert says(told, "Runs of", FOUNDATION, "not looked at")


@pytest.mark.parametrize("anchor", [ANCHOR, ONE])
def test_a_purge_deletes_the_candidate_that_is_left_and_then_its_model(anchor: EnvironmentRef) -> None:
    left = Left(destroyed=True)
    left.account.cloudformation.delete(FOUNDATION)
    left.aws = Aws(left.account)  # type: ignore[assignment]
    kept = left.kept(anchor)
    assert [its.name for its in kept.candidates] == [NAME]
    assert says("\n".join(text.lines(kept, anchor)), "Candidate", NAME)
    assert left.obstacles(anchor) == []
    assert left.purge(anchor) == []
    assert left.aws.changes == ["DeleteCustomModelDeployment", "DeleteCustomModel"]
    assert not left.stands
    removed = document(anchor, kept, left.kept(anchor), [], ExitCode.DONE)["removed"]
    assert [its["what"] for its in removed] == ["candidate", "model"]


@pytest.mark.parametrize("prepare", [Left.run, Left.nobody_may_look])
def test_a_purge_leaves_a_candidate_alone_that_a_run_may_need(prepare: Callable[[Left], None]) -> None:
    left = Left(destroyed=True)
    before = left.kept(ONE)
    prepare(left)
    assert left.kept(ONE).candidates == ()
    assert says("\n".join(left.obstacles(ONE)), NAME, "wait until its evaluation is over")
    # What was shown a moment ago may be needed by now.
    stays = left.purge(ONE, before)
    assert says(stays[0], NAME)
    assert left.stands
    assert left.aws.changes == []


def test_a_purge_tells_the_run_that_must_end_before() -> None:
    left = Left(destroyed=True)
    left.run()
    assert any(says(each, f"Evaluation run {ID}-1", "stop-execution") for each in left.obstacles(ONE))


@pytest.mark.parametrize(
    "changes",
    [
        {contract.TAG_APP: "another"},
        {contract.TAG_OWNER: owner("bedrock-tuning-prod-other-Evaluation")},
        {contract.TAG_OWNER: owner(WANTED.stack("Serving"))},
        {contract.TAG_ENVIRONMENT: "prod-eu"},
        {contract.TAG_MODEL: "other"},
    ],
)
def test_a_purge_takes_nothing_for_a_candidate_whose_tags_do_not_prove_it(changes: dict[str, str]) -> None:
    left = Left(destroyed=True)
    left.account.lifecycle.client.tag_resource(
        resourceARN=left.arn, tags=[{"key": key, "value": value} for key, value in changes.items()]
    )
    assert left.kept(ONE).candidates == ()


def test_a_candidate_that_is_gone_by_then_is_no_matter() -> None:
    left = Left(destroyed=True)
    kept = left.kept(ONE)
    left.account.lifecycle.client.delete_custom_model_deployment(customModelDeploymentIdentifier=left.arn)
    left.account.lifecycle.pass_time(timedelta(hours=1))
    assert left.purge(ONE, kept) == []


def test_what_a_workflow_that_is_gone_is_asked_for_is_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Left()

    def gone(_: str) -> Any:
        raise ClientError({"Error": {"Code": "StateMachineDoesNotExist"}}, "ListExecutions")

    monkeypatch.setattr(left.account.lifecycle.evaluations, "get_paginator", gone)
    assert left.planned().standing is Ownership.ORPHAN


def test_what_else_goes_wrong_with_the_runs_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Left()

    def broken(_: str) -> Any:
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "ListExecutions")

    monkeypatch.setattr(left.account.lifecycle.evaluations, "get_paginator", broken)
    with pytest.raises(ClientError, match="InternalServerError"):
        left.planned()
    with pytest.raises(ClientError, match="InternalServerError"):
        Teardown(ANCHOR, left.aws, Lines()).serving_and_training()
