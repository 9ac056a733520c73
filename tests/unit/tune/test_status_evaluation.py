"""What `tune status` tells of an evaluation: where it stands, and what its gate says."""

import copy
import io
from dataclasses import replace
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import (
    answers_key,
    bounded_summary_key,
    failed_summary_key,
    plan_key,
    questions_index_key,
    summary_key,
)
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Index, Shard
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import FOUNDATION, NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.unit.tune.planning import PROD, Aws
from tests.unit.tune.recorded import denied
from tests.unit.tune.test_plan_evaluation import ASKED, OTHER
from tests.unit.tune.test_plan_on_demand import QUICK
from tune.evaluation.facts import EvaluationFacts, TargetProgress
from tune.evaluation.observe import EvaluationObserver
from tune.status.facts import Status
from tune.status.json_document import document
from tune.status.observe import StatusObserver
from tune.status.text import lines, progress
from tune.status.watch import changes

ID: Final = ASKED.evaluation_inputs.id
OTHER_ID: Final = OTHER.evaluation_inputs.id
HELD: Final = {
    "EvaluationWorkflow1A": f"arn:aws:states:{NOVA_REGION}:{ACCOUNT}:stateMachine:evaluations",
    "Ledger2B": "the-ledger",
    "Bucket3C": BUCKET,
}
# As the reconciler of evaluations is told it, beside a function that is told nothing of them.
TOLD: Final = {
    contract.EVALUATION_WORKFLOW_VARIABLE: {"Ref": "EvaluationWorkflow1A"},
    contract.LEDGER_TABLE_VARIABLE: {"Ref": "Ledger2B"},
    contract.DATA_BUCKET_VARIABLE: {"Ref": "Bucket3C"},
}
OF_FOUNDATION: Final = {
    "Other": {"Type": "AWS::Lambda::Function", "Properties": {}},
    "Reconciler": {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": TOLD}}},
}


class Evaluating(Aws):
    """An account whose Foundation has the workflow of evaluations, and counts their tokens."""

    def __call__(self, service: str) -> Any:
        if service == "cloudformation":
            return WithFoundation(self.views)
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


class WithFoundation:
    def __init__(self, views: Any) -> None:
        self._views = views

    def __getattr__(self, name: str) -> Any:
        return getattr(self._views, name)

    def get_paginator(self, operation: str) -> Any:
        return _Pages(self._views.get_paginator(operation), operation)

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        its: dict[str, Any] = self._views.get_template(StackName=StackName, TemplateStage=TemplateStage)
        if StackName == FOUNDATION:
            its["TemplateBody"] = {**its["TemplateBody"], "Resources": OF_FOUNDATION}
        return its


class _Pages:
    def __init__(self, pages: Any, operation: str) -> None:
        self._pages, self._operation = pages, operation

    def paginate(self, **asked: str) -> Any:
        if self._operation != "list_stack_resources" or asked["StackName"] != FOUNDATION:
            return self._pages.paginate(**asked)
        its = [
            {
                "LogicalResourceId": name,
                "ResourceType": "AWS::StepFunctions::StateMachine" if ":states:" in held else "any",
                "ResourceStatus": "CREATE_COMPLETE",
                "PhysicalResourceId": held,
            }
            for name, held in HELD.items()
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
    """Let the run go on that the stack has asked for."""
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


def half_answered(account: Account, **of_plan: Any) -> None:
    """Let the run go on, in which the base model has answered all of 100 records, and the tuned one half."""
    under_way(account)
    objects = account.lifecycle.world.objects
    plan = replace(EvaluationPlan.from_json(objects[BUCKET, plan_key(ID)]), **of_plan)
    objects[BUCKET, plan_key(ID)] = plan.to_json().encode()
    index = Index(shards=(Shard(records=100, parts=1, tokens=1_000),))
    objects[BUCKET, questions_index_key(plan.questions.id)] = index.to_json().encode()
    tuned, base = plan.targets
    for target, parts in ((tuned, 1), (base, 2)):
        for part in range(parts):
            objects[BUCKET, answers_key(plan.answers_id(target), 0, part)] = b""


def test_how_far_it_is_and_the_least_time_are_told() -> None:
    account = account_of()
    half_answered(account)
    found = evaluation_of(status_of(account))
    # A quarter of 2,000 requests a minute; of the base model no quota is known.
    assert list(found.asked) == [TargetProgress("tuned", 50, 100, 500), TargetProgress("base", 100, 100, None)]
    assert says(told(status_of(account)), "tuned 50 of 100", "base 100 of 100", "less than a minute")


def test_numbers_of_the_run_before_are_not_read_while_another_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of()
    without_answers(account)
    under_way(account)
    read, keys = Store.read, list[str]()

    def counted(store: Store, key: str) -> bytes:
        keys.append(key)
        return read(store, key)

    monkeypatch.setattr(Store, "read", counted)
    found = evaluation_of(status_of(account))
    assert (found.state, found.numbers, found.numbers_at) == ("under way", None, "")
    assert failed_summary_key(ID) not in keys


def after_rollback(account: Account) -> None:
    """Let the stack be back at its evaluation, while that of another training goes on."""
    account.lifecycle.evaluations.truth[OTHER.training_name] = contract.PASSED
    account.deploy(OTHER)
    account.deploy(ASKED)
    del account.lifecycle.world.objects[BUCKET, summary_key(OTHER_ID)]
    for run in account.lifecycle.evaluations.runs.values():
        run.status = "RUNNING" if run.evaluation == OTHER_ID else run.status


def test_after_a_rollback_the_run_that_goes_on_is_told_beside_what_the_stack_has() -> None:
    account = account_of()
    after_rollback(account)
    status = status_of(account)
    assert [(each.id, each.state, each.is_wanted) for each in status.evaluations] == [
        (ID, "complete", True),
        (OTHER_ID, "under way", False),
    ]
    assert status.is_moving
    assert says(progress(status), OTHER_ID, OTHER.training_name, "1,234 of at most 1,000,000", "no stack has")
    assert [each["wantedByStack"] for each in document(status)["evaluations"]] == [True, False]


def test_a_run_of_another_model_s_stack_is_not_told() -> None:
    account = account_of()
    after_rollback(account)
    key = (BUCKET, plan_key(OTHER_ID))
    objects = account.lifecycle.world.objects
    plan = EvaluationPlan.from_json(objects[key])
    objects[key] = replace(plan, owner=f"{plan.owner}-of-another").to_json().encode()
    assert [each.id for each in status_of(account).evaluations] == [ID]


def test_who_may_not_read_sees_that_it_is_complete_and_why_there_are_no_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = account_of()
    aws = Evaluating(account)

    def refuse(**_: Any) -> None:
        raise denied("kms:Decrypt", "any")

    monkeypatch.setattr(aws, "get_object", refuse, raising=False)
    found = evaluation_of(status_of(account, aws))
    assert (found.state, found.numbers, found.gate) == ("complete", None, None)
    assert "kms:Decrypt" in found.unseen


@pytest.mark.parametrize("named", [None, "faq"])
def test_a_run_whose_plan_may_not_be_read_is_told_unless_it_may_be_another_model_s(
    named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of()
    after_rollback(account)
    aws = Evaluating(account)

    def refuse(**_: Any) -> None:
        raise denied("kms:Decrypt", "any")

    monkeypatch.setattr(aws, "get_object", refuse, raising=False)
    status = StatusObserver(aws, replace(PROD, named=named)).look()
    ids = [each.id for each in status.evaluations]
    assert ids == ([ID] if named else [ID, OTHER_ID])


def test_without_foundation_s_template_it_is_not_seen_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of()

    def refuse(*_: Any) -> None:
        raise denied("cloudformation:GetTemplate", FOUNDATION)

    monkeypatch.setattr("tune.evaluation.observe.find_place", refuse)
    found = evaluation_of(status_of(account))
    assert (found.state, "cloudformation:GetTemplate" in found.unseen) == ("not seen", True)


def test_what_stopped_at_its_bound_is_told_with_the_numbers_by_then() -> None:
    account = account_of()
    objects = account.lifecycle.world.objects
    objects[BUCKET, bounded_summary_key(ID)] = objects.pop((BUCKET, summary_key(ID)))
    status = status_of(account)
    assert evaluation_of(status).state == "bounded"
    assert evaluation_of(status).numbers is not None
    assert not status.is_moving


def without_answers(account: Account, made: str = "2026-11-30T06:00:00+00:00") -> None:
    """Leave the numbers of a run in which too many records had no answer."""
    objects = account.lifecycle.world.objects
    numbers = Summary.from_json(objects[BUCKET, summary_key(ID)])
    tuned = replace(numbers.targets[0], answered=90, unanswered=10, errors={"ThrottlingException": 7, "filtered": 3})
    failed = replace(numbers, made=made, targets=(tuned, *numbers.targets[1:]))
    objects[BUCKET, failed_summary_key(ID)] = failed.to_json().encode()


def test_what_failed_for_want_of_answers_is_told_with_their_number_by_kind_and_where_the_rest_is() -> None:
    account = account_of()
    without_answers(account)
    del account.lifecycle.world.objects[BUCKET, summary_key(ID)]
    status = status_of(account)
    assert (evaluation_of(status).state, status.is_moving) == ("failed", False)
    assert says(told(status), "failed", "tuned 10 of 100 (ThrottlingException: 7, filtered: 3)")
    where = f"s3://{BUCKET}/{failed_summary_key(ID)}"
    assert says(told(status), where)
    (shown,) = document(status)["evaluations"]
    assert (shown["state"], shown["numbersAt"]) == ("failed", where)
    assert shown["numbers"]["targets"][0]["errors"] == {"ThrottlingException": 7, "filtered": 3}


def test_a_failed_run_is_found_by_its_evaluation_when_its_stack_is_gone() -> None:
    account = account_of()
    without_answers(account)
    observer = EvaluationObserver(Evaluating(account), PROD)
    assert observer.failed(ID) is None
    numbers = account.lifecycle.world.objects.pop((BUCKET, summary_key(ID)))
    account.cloudformation.delete(ASKED.evaluation_stack)
    found = observer.failed(ID)
    assert found is not None
    assert (found.state, found.training, found.is_wanted) == ("failed", ASKED.training_name, False)
    assert observer.failed(OTHER_ID) is None
    later = replace(Summary.from_json(numbers), made="2999-01-01T06:00:00+00:00")
    account.lifecycle.world.objects[BUCKET, bounded_summary_key(ID)] = later.to_json().encode()
    assert observer.failed(ID) is None


@pytest.mark.parametrize(("made", "state"), [("2020-01-01", "bounded"), ("2999-01-01", "failed")])
def test_the_last_of_two_runs_that_ended_badly_is_told(made: str, state: str) -> None:
    account = account_of()
    without_answers(account, made)
    objects = account.lifecycle.world.objects
    objects[BUCKET, bounded_summary_key(ID)] = objects.pop((BUCKET, summary_key(ID)))
    assert evaluation_of(status_of(account)).state == state


def test_once_it_is_complete_nothing_of_a_failed_run_is_told() -> None:
    account = account_of()
    without_answers(account)
    assert evaluation_of(status_of(account)).state == "complete"


@pytest.mark.parametrize(
    ("kind", "name", "state"),
    [(contract.EVALUATION, "TrainingId", "not seen"), (contract.QUALITY_GATE, "GateRequirements", "complete")],
)
def test_properties_that_cannot_be_read_are_told_and_the_rest_is_shown(
    kind: str, name: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of()
    aws = Evaluating(account)
    real = aws.views.get_template

    def broken(**asked: Any) -> dict[str, Any]:
        its = copy.deepcopy(real(**asked))
        for each in its["TemplateBody"]["Resources"].values():
            if each["Type"] == kind:
                each["Properties"][name] = 7
        return its

    monkeypatch.setattr(aws.views, "get_template", broken)
    status = status_of(account, aws)
    assert evaluation_of(status).state == state
    assert says(told(status), name)
    assert [each.name for each in status.serving] == [ASKED.deployment_name]


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
    assert says(told(status), "not everything could be read")


def test_a_template_that_may_not_be_read_is_told_with_its_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Evaluating(account_of())

    def refuse(**_: Any) -> None:
        raise denied("cloudformation:GetTemplate", "any")

    monkeypatch.setattr(aws.views, "get_template", refuse)
    status = status_of(aws._account, aws)
    assert says(told(status), ASKED.evaluation_stack, "could not be read")
    assert document(status)["evaluations"][0]["id"] is None
