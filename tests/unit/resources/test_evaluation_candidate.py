"""The candidate of an evaluation on real clients: made once, found again, deleted only if it is the same stack's."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import counter_key
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.evaluation.stored.plan import Candidate
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.candidate_marks import CandidateMarks
from bedrock_lifecycle.resources.evaluation_candidate import EvaluationCandidate
from sandbox.bedrock import ApiFault, DeploymentFault
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.unit.resources.serving_ways import ON_DEMAND, ServingAccount

EVALUATION = "9c1f6a0b2d3e"
NAME = f"docstrings-dev-{EVALUATION}"
OWNER = "arn:aws:cloudformation:us-east-1:111122223333:stack/Evaluation"
FOUNDATION = "arn:aws:cloudformation:us-east-1:111122223333:stack/Foundation"
TAGS = {contract.TAG_OWNER: OWNER, contract.TAG_FOUNDATION: FOUNDATION, contract.TAG_ENVIRONMENT: "dev"}


SERVICE_BEGAN = datetime(2024, 11, 15, 12, tzinfo=UTC)


class Workflow:
    """An account with a model, and what the workflow asks of its candidate; time passes only by `later`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.account = ServingAccount(ON_DEMAND)
        self.account.train(ON_DEMAND.wanted)
        self.account.asked.clear()
        self.dynamodb = DynamoDBService()
        self.seconds = 1_800_000_000.0
        monkeypatch.setattr(clock, "wall_clock", lambda: self.seconds)
        # The service's clock is another one than this machine's.
        self.began = self.seconds
        self.later(0)
        self.wanted = Candidate(name=NAME, model_arn=self.account.job(ON_DEMAND.wanted)["outputModelArn"], tags=TAGS)

    def candidate(self, run: int = 1) -> EvaluationCandidate:
        return EvaluationCandidate(Bedrock(self.account.lifecycle.client, FOUNDATION), self.marks(run), self.wanted)

    def marks(self, run: int = 1) -> CandidateMarks:
        return CandidateMarks(self.dynamodb.client, TABLE, EVALUATION, f"{EVALUATION}-{run}" if run else "")

    def later(self, seconds: float) -> None:
        self.seconds += seconds
        self.dynamodb.date = format_datetime(SERVICE_BEGAN + timedelta(seconds=self.seconds - self.began), usegmt=True)
        self.account.lifecycle.simulated.clock.advance(timedelta(seconds=seconds))

    def loop(self, step: str, *, until: str, run: int = 1) -> dict[str, Any]:
        """Do as the workflow does, for half an hour at most."""
        ends = self.seconds + 1_800
        while self.seconds < ends:
            told = getattr(self.candidate(run), step)()
            if told["next"] == until:
                return dict(told)
            assert told["next"] == "wait"
            assert 1 <= told["seconds"] <= 60
            self.later(told["seconds"])
        raise AssertionError(f"it is not {until} within half an hour")

    def names(self) -> list[str]:
        found = self.account.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"]
        return [each["customModelDeploymentName"] for each in found]

    def has_deployment(self, tags: dict[str, str]) -> None:
        self.account.bedrock.create_custom_model_deployment(
            modelDeploymentName=NAME,
            modelArn=self.wanted.model_arn,
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )

    def fails(self, operation: str, code: str, **details: Any) -> None:
        self.account.lifecycle.simulated.faults.add(ApiFault(operation, code, **details))


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch) -> Workflow:
    return Workflow(monkeypatch)


def test_it_is_made_once_with_its_tags_and_says_its_arn_when_it_answers(workflow: Workflow) -> None:
    told = workflow.loop("stand", until="ready")
    (request,) = workflow.account.requests("CreateCustomModelDeployment")
    request.pop("clientRequestToken", None)
    assert request == {
        "modelDeploymentName": NAME,
        "modelArn": workflow.wanted.model_arn,
        "tags": [{"key": key, "value": value} for key, value in sorted(TAGS.items())],
    }
    found = workflow.account.bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=NAME)
    assert told["arn"] == found["customModelDeploymentArn"]
    assert found["status"] == "Active"
    assert workflow.loop("stand", until="ready") == told
    assert len(workflow.account.requests("CreateCustomModelDeployment")) == 1


def test_it_is_gone_when_it_is_seen_gone(workflow: Workflow) -> None:
    workflow.loop("stand", until="ready")
    workflow.loop("gone", until="gone")
    assert workflow.names() == []
    assert len(workflow.account.requests("DeleteCustomModelDeployment")) == 1
    assert workflow.candidate().gone() == {"next": "gone"}


def test_what_is_being_made_is_deleted_once_that_is_possible(workflow: Workflow) -> None:
    assert workflow.candidate().stand()["next"] == "wait"
    workflow.loop("gone", until="gone")
    assert workflow.names() == []


def test_one_that_was_asked_for_a_moment_ago_and_is_not_seen_is_waited_for(workflow: Workflow) -> None:
    workflow.fails("GetCustomModelDeployment", "ResourceNotFoundException", times=4)
    assert workflow.candidate().stand()["next"] == "wait"
    assert workflow.candidate().gone()["next"] == "wait"
    workflow.loop("gone", until="gone")
    assert workflow.names() == []


def test_what_was_asked_for_long_ago_and_is_not_there_is_gone(workflow: Workflow) -> None:
    now = workflow.marks().takes()
    assert now
    assert workflow.marks().begins(now)
    assert workflow.candidate().gone()["next"] == "wait"
    workflow.later(301)
    assert workflow.candidate().gone() == {"next": "gone"}


def test_a_function_of_a_run_that_is_over_makes_none(workflow: Workflow) -> None:
    assert workflow.candidate().gone() == {"next": "gone"}
    assert workflow.candidate().stand()["next"] == "wait"
    assert workflow.account.requests("CreateCustomModelDeployment") == []
    workflow.later(contract.LEASE_SECONDS + 1)
    assert workflow.loop("stand", until="ready")


def test_one_that_is_ended_between_a_look_and_its_create_is_not_made(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = workflow.marks().takes()
    assert taken
    assert workflow.marks().ends()
    monkeypatch.setattr(CandidateMarks, "takes", lambda _: taken)
    assert workflow.candidate().stand()["next"] == "wait"
    assert workflow.account.requests("CreateCustomModelDeployment") == []


def test_another_stacks_is_neither_taken_nor_deleted(workflow: Workflow) -> None:
    workflow.has_deployment({**TAGS, contract.TAG_OWNER: "another"})
    told = workflow.candidate().stand()
    assert told["next"] == "failed"
    assert NAME in told["reason"]
    assert workflow.candidate().gone() == {"next": "gone"}
    assert workflow.names() == [NAME]
    assert workflow.account.changes() == []


def test_one_without_tags_is_nobodys_of_ours(workflow: Workflow) -> None:
    workflow.has_deployment({})
    assert workflow.candidate().stand()["next"] == "wait"
    workflow.later(1_800)
    assert workflow.candidate().stand()["next"] == "failed"
    assert workflow.candidate().gone() == {"next": "gone"}
    assert workflow.names() == [NAME]


def test_its_own_is_found_again(workflow: Workflow) -> None:
    workflow.has_deployment(TAGS)
    workflow.loop("stand", until="ready")
    assert workflow.account.requests("CreateCustomModelDeployment") == []


def test_one_that_lost_the_tag_of_its_foundation_gets_it_back_before_it_is_deleted(workflow: Workflow) -> None:
    workflow.has_deployment({key: value for key, value in TAGS.items() if key != contract.TAG_FOUNDATION})
    workflow.later(1_800)
    workflow.loop("gone", until="gone")
    assert workflow.account.changes() == ["TagResource", "DeleteCustomModelDeployment"]


def test_it_waits_while_others_are_being_made(workflow: Workflow) -> None:
    workflow.account.bedrock.create_custom_model_deployment(
        modelDeploymentName="other", modelArn=workflow.wanted.model_arn
    )
    workflow.fails("CreateCustomModelDeployment", "ServiceQuotaExceededException", times=1)
    assert workflow.candidate().stand()["next"] == "wait"
    workflow.loop("stand", until="ready")


def test_without_a_free_deployment_it_fails_and_nothing_is_waited_for(workflow: Workflow) -> None:
    workflow.fails("CreateCustomModelDeployment", "ServiceQuotaExceededException", times=1)
    told = workflow.candidate().stand()
    assert told["next"] == "failed"
    assert "ServiceQuotaExceededException" in told["reason"]
    assert workflow.candidate().gone() == {"next": "gone"}


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException"])
@pytest.mark.parametrize(
    "operation", ["CreateCustomModelDeployment", "GetCustomModelDeployment", "DeleteCustomModelDeployment"]
)
def test_what_passes_is_waited_for(workflow: Workflow, operation: str, code: str) -> None:
    workflow.fails(operation, code, times=2)
    workflow.loop("stand", until="ready")
    workflow.loop("gone", until="gone")
    assert workflow.names() == []


def test_one_that_cannot_be_deployed_fails_with_bedrocks_reason_and_is_deleted(workflow: Workflow) -> None:
    workflow.account.lifecycle.simulated.faults.add(DeploymentFault("failed", message="no capacity"))
    told = workflow.loop("stand", until="failed")
    assert "no capacity" in told["reason"]
    workflow.loop("gone", until="gone")
    assert workflow.names() == []


def test_a_denied_create_fails_and_a_denied_delete_is_raised(workflow: Workflow) -> None:
    workflow.fails("CreateCustomModelDeployment", "AccessDeniedException", times=1)
    assert workflow.candidate().stand()["next"] == "failed"
    workflow.loop("stand", until="ready")
    workflow.fails("DeleteCustomModelDeployment", "AccessDeniedException", times=1)
    with pytest.raises(Exception, match="AccessDenied"):
        workflow.candidate().gone()


def test_one_that_serves_another_model_is_not_asked(workflow: Workflow) -> None:
    workflow.has_deployment(TAGS)
    workflow.wanted = Candidate(name=NAME, model_arn=workflow.wanted.model_arn + "x", tags=TAGS)
    told = workflow.candidate().stand()
    assert told["next"] == "failed"


def test_the_marks_say_nothing_but_times(workflow: Workflow) -> None:
    workflow.loop("stand", until="ready")
    workflow.candidate().gone()
    item = workflow.dynamodb.item(counter_key(EVALUATION))
    assert set(item) <= {"Resource", "CandidateAsked", "CandidateEnds", "CandidateRun"}


def test_one_whose_create_was_lost_and_is_seen_late_is_deleted(workflow: Workflow) -> None:
    workflow.has_deployment(TAGS)
    workflow.account.asked.clear()
    # Not seen for a while: it is asked for again, and Bedrock says that the name is taken.
    workflow.fails("GetCustomModelDeployment", "ResourceNotFoundException", times=3)
    assert workflow.candidate().stand()["next"] == "failed"
    assert workflow.candidate().gone()["next"] == "wait"
    workflow.loop("gone", until="gone")
    assert workflow.names() == []


def test_one_that_is_taken_a_moment_later_is_waited_for(workflow: Workflow) -> None:
    workflow.has_deployment(TAGS)
    workflow.fails("GetCustomModelDeployment", "ResourceNotFoundException", times=1)
    assert workflow.candidate().stand()["next"] == "wait"
    workflow.loop("stand", until="ready")


def test_one_that_is_listed_and_not_found_is_looked_at_again(workflow: Workflow) -> None:
    workflow.has_deployment(TAGS)
    workflow.later(1_800)
    workflow.fails("GetCustomModelDeployment", "ValidationException", times=1)
    assert workflow.candidate().stand()["next"] == "wait"
    workflow.fails("GetCustomModelDeployment", "ValidationException", times=1)
    assert workflow.candidate().gone()["next"] == "wait"
    workflow.later(contract.LEASE_SECONDS + 1)
    assert workflow.candidate().stand()["next"] == "ready"


def test_a_ledger_that_fails_is_an_error(workflow: Workflow) -> None:
    with pytest.raises(ClientError):
        CandidateMarks(workflow.dynamodb.client, "other", EVALUATION, "any").takes()
    assert workflow.account.requests("CreateCustomModelDeployment") == []


def test_what_is_gone_before_it_was_deleted_is_gone(workflow: Workflow) -> None:
    workflow.has_deployment(TAGS)
    workflow.fails("DeleteCustomModelDeployment", "ResourceNotFoundException", times=1)
    workflow.loop("gone", until="gone")
    assert workflow.names() == []


def test_what_comes_late_of_a_run_that_died_leaves_the_candidate_of_the_next(workflow: Workflow) -> None:
    workflow.loop("stand", until="ready", run=2)
    assert workflow.candidate(1).gone() == {"next": "gone"}
    assert workflow.names() == [NAME]
    workflow.loop("gone", until="gone", run=2)
    assert workflow.names() == []


def test_a_candidate_that_a_run_has_left_belongs_to_the_next_that_takes_it(workflow: Workflow) -> None:
    workflow.loop("stand", until="ready", run=1)
    workflow.loop("stand", until="ready", run=2)
    assert len(workflow.account.requests("CreateCustomModelDeployment")) == 1
    assert workflow.candidate(1).gone() == {"next": "gone"}
    assert workflow.names() == [NAME]


def test_a_candidate_that_is_being_ended_is_not_taken_by_the_next_run(workflow: Workflow) -> None:
    workflow.loop("stand", until="ready", run=1)
    assert workflow.candidate(1).gone()["next"] == "wait"
    assert workflow.candidate(2).stand()["next"] == "wait"
    workflow.loop("gone", until="gone", run=1)
    workflow.loop("stand", until="ready", run=2)
    assert len(workflow.account.requests("CreateCustomModelDeployment")) == 2


def test_a_function_of_an_older_run_neither_takes_nor_makes_one(workflow: Workflow) -> None:
    now = workflow.marks(10).takes()
    assert now
    assert workflow.candidate(9).stand()["next"] == "wait"
    assert not workflow.marks(9).begins(now)
    assert workflow.account.requests("CreateCustomModelDeployment") == []


def test_a_run_without_a_name_is_older_than_all_others(workflow: Workflow) -> None:
    workflow.loop("stand", until="ready", run=0)
    assert workflow.candidate(0).gone()["next"] == "wait"
    workflow.later(contract.LEASE_SECONDS + 1)
    workflow.loop("stand", until="ready", run=1)
    assert workflow.candidate(0).gone() == {"next": "gone"}
    assert workflow.names() == [NAME]


def test_how_long_one_may_appear_is_measured_by_the_clock_of_the_service(workflow: Workflow) -> None:
    now = workflow.marks().takes()
    assert now == SERVICE_BEGAN
    assert workflow.marks().begins(now)
    # Hours of this machine.
    workflow.seconds += 7_200
    assert workflow.marks().may_appear()
    workflow.seconds -= 7_200
    workflow.later(301)
    workflow.seconds -= 301
    assert not workflow.marks().may_appear()
