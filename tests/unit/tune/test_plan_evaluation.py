"""What a plan says of an evaluation and its gate is what the lifecycle then does."""

from dataclasses import replace
from typing import Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.evaluation.stored.store import Store
from tests.support.environment import NOVA_RECORDS, NOVA_REGION, Account, Wanted
from tests.support.messages import says
from tests.unit.tune.planning import line, plan_of
from tests.unit.tune.recorded import denied
from tests.unit.tune.test_plan_on_demand import FIRST, QUICK

EVALUATION: Final = "evaluation"
GATE: Final = "quality gate"
DEPLOYMENT: Final = "custom model deployment"
ASKED: Final = FIRST.but(data=NOVA_RECORDS, evaluates=True, gated=True)
OTHER: Final = ASKED.but(hyper_parameters={"epochCount": "3"})


def account_of(*each: Wanted, other: str = contract.PASSED) -> Account:
    account = Account(settings=QUICK, region=NOVA_REGION)
    account.lifecycle.evaluations.truth[OTHER.training_name] = other
    for wanted in each:
        account.deploy(wanted)
    return account


def rows(account: Account, wanted: Wanted, kind: str) -> list[str]:
    return [step.row for step in line(plan_of(account, wanted), kind).steps]


def test_a_first_deployment_evaluates_and_then_serves_what_is_presumed_to_pass() -> None:
    account = account_of()
    found = line(plan_of(account, ASKED), EVALUATION)
    assert [step.row for step in found.steps] == ["evaluation-start"]
    assert (found.name, found.observed) == (ASKED.evaluation_inputs.id, "no numbers")
    assert says(found.desired, "every record", "tuned", "base", "1,000,000 tokens")
    assert rows(account, ASKED, GATE) == ["gate-passed"]
    assert rows(account, ASKED, DEPLOYMENT) == ["deployment-create"]


def test_the_tuned_model_may_be_asked_alone() -> None:
    account, alone = account_of(), ASKED.but(compared_with={})
    assert says(line(plan_of(account, alone), EVALUATION).desired, "every record sent to tuned; at most")
    assert account.deploy(alone) == "CREATE_COMPLETE"
    assert alone.evaluation_inputs.id != ASKED.evaluation_inputs.id


def test_what_was_evaluated_is_not_asked_again() -> None:
    plan = plan_of(account_of(ASKED), ASKED)
    evaluation, gate = line(plan, EVALUATION), line(plan, GATE)
    assert (evaluation.event, evaluation.steps, evaluation.drift, evaluation.observed) == (None, (), (), "complete")
    assert (gate.event, gate.steps, gate.drift) == (None, (), ())
    assert says(gate.observed, "passed", ASKED.evaluation_inputs.id)


def test_another_training_is_evaluated_before_it_takes_over() -> None:
    account = account_of(ASKED)
    assert rows(account, OTHER, EVALUATION) == ["evaluation-start"]
    assert rows(account, OTHER, DEPLOYMENT) == ["deployment-swap"]


def test_going_back_to_what_was_evaluated_asks_nobody() -> None:
    account = account_of(ASKED, OTHER)
    assert rows(account, ASKED, EVALUATION) == ["evaluation-complete"]
    assert rows(account, ASKED, GATE) == ["gate-passed"]


@pytest.mark.parametrize("verdict", ["failed", "inconclusive"])
def test_numbers_that_are_there_are_judged_and_what_does_not_pass_is_not_served(verdict: str) -> None:
    account = account_of(ASKED, OTHER, other=verdict)
    assert rows(account, OTHER, EVALUATION) == ["evaluation-complete"]
    gate = line(plan_of(account, OTHER), GATE)
    assert [(step.row, step.fails) for step in gate.steps] == [("gate-not-passed", True)]
    assert says(gate.observed, verdict)
    served = line(plan_of(account, OTHER), DEPLOYMENT)
    assert (served.event, served.steps) == (None, ())
    assert account.deploy(OTHER) == "UPDATE_ROLLBACK_COMPLETE"


def test_an_exception_lets_it_pass() -> None:
    account, accepted = account_of(ASKED, OTHER, other="failed"), OTHER.but(accepted=True)
    assert rows(account, accepted, GATE) == ["gate-accepted"]
    assert rows(account, accepted, DEPLOYMENT) == ["deployment-swap"]


def test_who_may_not_decrypt_the_numbers_is_told_so_and_gets_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of(ASKED, OTHER, other="failed")

    def refuse(*_: object) -> None:
        raise denied("kms:Decrypt", "any")

    monkeypatch.setattr(Store, "read", refuse)
    found = line(plan_of(account, OTHER), EVALUATION)
    assert says(found.observed, "not looked at", "kms:Decrypt")
    # As good as those that nobody has measured yet.
    assert rows(account, OTHER, GATE) == ["gate-passed"]
    assert rows(account, OTHER, DEPLOYMENT) == ["deployment-swap"]


@pytest.mark.parametrize("wanted", [ASKED, OTHER], ids=["the same", "another training"])
def test_what_was_deployed_and_cannot_be_read_counts_as_unknown(wanted: Wanted) -> None:
    account = account_of(ASKED)
    stack = next(each for each in account.cloudformation.stacks.all.values() if each.stack_id.count("Evaluation"))
    live = stack.resources["Evaluation"]
    stack.resources["Evaluation"] = replace(live, properties={**live.properties, "EvaluationId": ["none"]})
    found = line(plan_of(account, wanted), EVALUATION)
    assert (found.event, found.name) == ("Update", wanted.evaluation_inputs.id)
    assert says(found.observed, "EvaluationId", "cannot be read")
    assert [step.row for step in found.steps] == ["evaluation-complete" if wanted is ASKED else "evaluation-start"]
