"""What `tune preflight` says of an evaluation, before its training is paid for and before anybody is asked."""

from typing import Final

from bedrock_lifecycle.contract.evaluation_store import summary_key
from sandbox.bedrock import ApiFault
from tests.support.environment import NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.unit.tune.planning import PROD, Aws, templates
from tests.unit.tune.test_plan_evaluation import ASKED, account_of
from tests.unit.tune.test_preflight import marks
from tune.account.location import Location
from tune.preflight.observe import PreflightObserver, PreflightResult, Subject
from tune.terminal.marks import UNLOOKED

ID: Final = ASKED.evaluation_inputs.id
TEST: Final = f"test/{ASKED.evaluation_inputs.questions.test_sha256}.jsonl"
LOCAL: Final = {TEST: "prod/test.jsonl"}


def looked_at(account: Account, wanted: Wanted = ASKED, local: dict[str, str] | None = None) -> PreflightResult:
    aws = Aws(account)
    looked = PreflightObserver(aws, Location("111122223333", NOVA_REGION), local or {}).look(PROD, templates(wanted))
    assert aws.changes == []
    return looked


def evaluation_in(looked: PreflightResult) -> Subject:
    (found,) = (each for each in looked.subjects if each.kind == "evaluation")
    return found


def test_before_the_training_it_is_checked_as_before_its_run() -> None:
    subject = evaluation_in(looked_at(account_of(), local=LOCAL))
    assert subject.name == ID
    found = marks(subject)
    assert set(found) == {"models that are asked", "on-demand deployments", "test data", "bound of tokens"}
    assert "✗" not in found.values()


def test_test_data_that_are_nowhere_are_a_problem() -> None:
    assert marks(evaluation_in(looked_at(account_of())))["test data"] == "✗"


def test_a_bound_that_no_answer_fits_into_is_a_problem_before_anything_is_paid() -> None:
    subject = evaluation_in(looked_at(account_of(), ASKED.but(max_tokens=10), LOCAL))
    assert (marks(subject)["bound of tokens"], subject.problems) == ("✗", 1)


def test_access_that_may_not_be_looked_at_is_not_taken_for_given() -> None:
    account = account_of()
    account.lifecycle.simulated.faults.add(
        ApiFault("GetFoundationModelAvailability", "AccessDeniedException", times=100)
    )
    found = marks(evaluation_in(looked_at(account, local=LOCAL)))
    assert found["models that are asked"] == UNLOOKED


def test_what_is_complete_is_not_checked_again() -> None:
    subject = evaluation_in(looked_at(account_of(ASKED)))
    (finding,) = subject.findings
    assert (subject.exists, says(str(finding.verdict), "complete")) == (True, True)


def test_a_model_without_an_evaluation_has_none() -> None:
    looked = looked_at(account_of(), ASKED.but(evaluates=False, gated=False))
    assert [each.kind for each in looked.subjects if each.kind == "evaluation"] == []


def test_numbers_that_are_gone_are_made_again_so_that_it_is_checked() -> None:
    account = account_of(ASKED)
    del account.lifecycle.world.objects[BUCKET, summary_key(ID)]
    subject = evaluation_in(looked_at(account, ASKED.but(max_tokens=2_000_000), LOCAL))
    assert "bound of tokens" in marks(subject)
