"""What `tune status` tells of an evaluation: where it stands, and what its gate says."""

import io
from collections.abc import Callable
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import bounded_summary_key, failed_summary_key, summary_key
from tests.support.environment import FOUNDATION, NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.unit.tune.planning import PROD, Aws
from tests.unit.tune.recorded import denied
from tests.unit.tune.test_plan_evaluation import ASKED
from tests.unit.tune.test_plan_on_demand import QUICK
from tune.evaluation.facts import EvaluationFacts
from tune.status.facts import Status
from tune.status.json_document import document
from tune.status.observe import StatusObserver
from tune.status.text import lines, progress
from tune.status.watch import changes

ID: Final = ASKED.evaluation_inputs.id
HELD: Final = {
    "AWS::StepFunctions::StateMachine": ("EvaluationWorkflow1A", "arn:of-the-workflow"),
    "AWS::DynamoDB::Table": ("Ledger2B", "the-ledger"),
}


class Evaluating(Aws):
    """An account whose Foundation has the workflow of evaluations, and counts their tokens."""

    def __call__(self, service: str) -> Any:
        if service == "cloudformation":
            return _WithFoundation(self.views)
        others = {"stepfunctions": self._account.lifecycle.evaluations, "dynamodb": self, "s3": self}
        return others.get(service) or super().__call__(service)

    def get_item(self, **asked: Any) -> dict[str, Any]:
        assert asked["TableName"] == "the-ledger"
        return {"Item": {"Tokens": {"N": "1234"}}}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        body = self._account.lifecycle.world.objects.get((Bucket, Key))
        if body is None:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(body)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.s3, name)


class _WithFoundation:
    def __init__(self, views: Any) -> None:
        self._views = views

    def __getattr__(self, name: str) -> Any:
        return getattr(self._views, name)

    def get_paginator(self, operation: str) -> Any:
        return _Pages(self._views.get_paginator(operation), operation)


class _Pages:
    def __init__(self, pages: Any, operation: str) -> None:
        self._pages, self._operation = pages, operation

    def paginate(self, **asked: str) -> Any:
        if self._operation != "list_stack_resources" or asked["StackName"] != FOUNDATION:
            return self._pages.paginate(**asked)
        its = [
            {
                "LogicalResourceId": name,
                "ResourceType": kind,
                "ResourceStatus": "CREATE_COMPLETE",
                "PhysicalResourceId": held,
            }
            for kind, (name, held) in HELD.items()
        ]
        return [{"StackResourceSummaries": its}]


def account_of(wanted: Wanted = ASKED, verdict: str = contract.PASSED) -> Account:
    account = Account(settings=QUICK, region=NOVA_REGION)
    account.lifecycle.evaluations.truth[wanted.training_name] = verdict
    account.cloudformation.deploy(FOUNDATION, {})
    account.deploy(wanted)
    return account


def status_of(account: Account, aws: Aws | None = None) -> Status:
    used = aws or Evaluating(account)
    status = StatusObserver(used, PROD).look()
    assert used.changes == []
    return status


def evaluation_of(status: Status) -> EvaluationFacts:
    (found,) = status.evaluations
    return found


def told(status: Status) -> str:
    (line,) = (line for line in lines(status) if line.startswith("Evaluation"))
    return line


def under_way(account: Account) -> None:
    del account.lifecycle.world.objects[BUCKET, summary_key(ID)]
    for run in account.lifecycle.evaluations.runs.values():
        run.status = "RUNNING"


def test_what_is_not_evaluated_is_not_mentioned() -> None:
    status = status_of(account_of(ASKED.but(evaluates=False, gated=False)))
    assert status.evaluations == ()
    assert document(status)["evaluations"] == []
    assert not [line for line in lines(status) if line.startswith("Evaluation")]


def test_a_complete_one_is_told_with_the_verdict_of_its_gate() -> None:
    status = status_of(account_of())
    found = evaluation_of(status)
    assert (found.id, found.training, found.state) == (ID, ASKED.training_name, "complete")
    assert found.gate is not None
    assert (found.gate.verdict, found.tokens, found.unseen) == (contract.PASSED, None, "")
    assert says(told(status), ID, ASKED.training_name, "complete", "gate passed")
    (shown,) = document(status)["evaluations"]
    assert (shown["id"], shown["state"], shown["gate"]["verdict"]) == (ID, "complete", contract.PASSED)
    assert shown["numbers"]["evaluation"] == ID
    assert not status.is_moving


def test_a_gate_that_refuses_is_told() -> None:
    found = evaluation_of(status_of(account_of(ASKED.but(gated=False), "failed")))
    assert found.gate is None
    refused = ASKED.but(accepted=True)
    status = status_of(account_of(refused, "failed"))
    gate = evaluation_of(status).gate
    assert gate is not None
    assert (gate.verdict, gate.is_open, gate.is_accepted) == ("failed", True, True)
    assert says(told(status), "gate failed", "accepted until", refused.accepted_until)


def test_a_run_under_way_moves_and_ends_by_itself() -> None:
    account = account_of()
    after = status_of(account)
    under_way(account)
    status = status_of(account)
    found = evaluation_of(status)
    assert (found.state, found.tokens) == ("under way", 1234)
    assert status.is_moving
    assert says(progress(status), ID, "under way", "1,234", "1,000,000 tokens")
    (line,) = (line for line in changes(status, after) if ID in line)
    assert line.endswith("under way → complete")


@pytest.mark.parametrize(("key", "state"), [(bounded_summary_key, "bounded"), (failed_summary_key, "failed")])
def test_what_stopped_before_its_end_is_told_with_the_numbers_by_then(key: Callable[[str], str], state: str) -> None:
    account = account_of()
    objects = account.lifecycle.world.objects
    objects[BUCKET, key(ID)] = objects.pop((BUCKET, summary_key(ID)))
    status = status_of(account)
    assert evaluation_of(status).state == state
    assert evaluation_of(status).numbers is not None
    assert not status.is_moving


def test_without_numbers_and_without_a_run_it_is_not_complete() -> None:
    account = account_of()
    del account.lifecycle.world.objects[BUCKET, summary_key(ID)]
    assert evaluation_of(status_of(account)).state == "not complete"


@pytest.mark.parametrize(("method", "action"), [("get_object", "s3:GetObject"), ("get_item", "dynamodb:GetItem")])
def test_what_may_not_be_read_is_told_and_the_rest_is_shown(
    method: str, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of()
    under_way(account)
    aws = Evaluating(account)

    def refuse(**_: Any) -> None:
        raise denied(action, "any")

    monkeypatch.setattr(aws, method, refuse, raising=False)
    status = status_of(account, aws)
    assert evaluation_of(status).state == "under way"
    assert action in evaluation_of(status).unseen
    assert says(told(status), "not all was seen")


def test_a_template_that_may_not_be_read_is_told_with_its_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Evaluating(account_of())

    def refuse(**_: Any) -> None:
        raise denied("cloudformation:GetTemplate", "any")

    monkeypatch.setattr(aws.views, "get_template", refuse)
    status = status_of(aws._account, aws)
    assert says(told(status), ASKED.evaluation_stack, "could not be read")
    assert document(status)["evaluations"][0]["id"] is None
