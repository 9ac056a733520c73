"""What `tune status` tells of an environment, with the lifecycle and the simulated Bedrock in one process."""

import dataclasses
import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from typer.testing import CliRunner

from bedrock_lifecycle import contract
from bedrock_lifecycle.resources.bedrock import Bedrock
from sandbox.bedrock import Durations, Quotas, Settings
from sandbox.bedrock.faults import ApiFault, JobFault
from sandbox.bedrock.lasting_faults import OmissionFault
from sandbox.bedrock.phases import Phase
from settings.app import DEFAULT_APP
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, NOVA, NOVA_RECORDS, NOVA_REGION, SERVING, TRAINING, Account, Wanted
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import OLD_PREFIX, THEIRS, CloudFormation, Lines
from tests.unit.tune.leftovers import Leftovers
from tests.unit.tune.planning import PARAMETER, PROD, STACKS_CREATED, Aws
from tests.unit.tune.recorded import denied
from tune import cli
from tune.account import inventory
from tune.account.bedrock_resources import Observer, details_of
from tune.account.stacks import with_stacks
from tune.status.facts import PhaseFacts, Status
from tune.status.json_document import document
from tune.status.observe import StatusObserver
from tune.status.text import lines, progress
from tune.status.watch import LOOK_EVERY_SECONDS, PATIENCE_SECONDS, changes, watch

WANTED = Wanted(rungs=2)
HOURS = Settings(
    durations=Durations(
        validation=timedelta(minutes=10), data_processing=timedelta(minutes=20), training=timedelta(hours=9)
    ),
    quotas=Quotas(custom_model_units=10),
)


def looked(account: Account, aws: Aws | None = None) -> Status:
    """Look, and see that nothing was changed by it."""
    used = aws or Aws(account)
    status = StatusObserver(used, PROD).look()
    assert used.changes == []
    return status


def told(account: Account) -> list[str]:
    return list(lines(looked(account)))


def starts(lines: list[str], beginning: str) -> list[str]:
    return [line for line in lines if line.strip().startswith(beginning)]


def test_an_environment_that_was_never_deployed_has_nothing_and_bills_nothing() -> None:
    account = Account(settings=quick())
    words = told(account)
    assert says(words[0], "prod", ACCOUNT, REGION)
    assert words[1:4] == [f"Stack {stack}: none" for stack in (FOUNDATION, TRAINING, SERVING)]
    expected = (("Training", "none"), ("Serving", "nothing", "hour"), ("Billed now", "nothing"), ("Nothing",))
    assert [says(line, *named) for line, named in zip(words[4:], expected, strict=True)] == [True] * 4
    assert not looked(account).is_moving


@pytest.mark.parametrize(
    "operation",
    [
        "ListProvisionedModelThroughputs",
        "ListCustomModelDeployments",
        "ListModelCustomizationJobs",
        "ListCustomModels",
    ],
)
def test_a_list_that_is_left_out_of_an_answer_is_empty(operation: str) -> None:
    account = Account(settings=quick())
    account.lifecycle.simulated.faults.add(OmissionFault(operation))
    status = looked(account)
    assert (status.trainings, status.serving, status.bills) == ((), (), ())


def test_a_deployed_environment_tells_what_serves_which_model_since_when_and_what_bills() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    account.lifecycle.pass_time(timedelta(hours=3))
    status = looked(account)
    [serving] = status.serving
    assert serving.model == WANTED.training_name
    assert timedelta(hours=3) <= serving.age < timedelta(hours=3, minutes=5)
    [training] = status.trainings
    assert (training.name, training.status, training.is_held) == (WANTED.training_name, "Completed", True)
    assert training.model_status == "Active"
    words = list(lines(status))
    standing, billed = starts(words, "Provisioned Throughput")
    assert says(standing, WANTED.throughput_name, "InService", "3 h")
    assert says(words[words.index(standing) + 1], "1 model unit", "hour")
    assert says(billed, WANTED.throughput_name, "1 model unit", "hour")
    assert says("\n".join(words), "modelId", serving.arn)
    assert says("\n".join(words), PARAMETER, WANTED.throughput_name)
    assert says("\n".join(words), "Custom model", WANTED.training_name, "month")
    assert says(words[-1], "Nothing")


def test_a_loss_that_cannot_be_one_is_told_as_none() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    assert starts(told(account), "training loss at the end: ")
    aws = Aws(account)

    def answer(parsed: dict[str, Any], **_: Any) -> None:
        parsed["trainingMetrics"] = {"trainingLoss": -1.0}

    for operation in ("GetModelCustomizationJob", "GetCustomModel"):
        aws.bedrock.meta.events.register(f"after-call.bedrock.{operation}", answer)
    status = looked(account, aws)
    assert starts(list(lines(status)), "Bedrock reports no loss")
    assert "-1.0" not in "".join(line for line in lines(status) if "loss" in line)
    [training] = document(status)["trainings"]
    assert training["trainingLoss"] is None


def test_a_model_served_on_demand_is_told_with_the_model_that_it_is_being_moved_to() -> None:
    account = Account(settings=quick(), region=NOVA_REGION)
    tags = {contract.TAG_APP: DEFAULT_APP}
    first = Wanted(rungs=2, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None, tags=tags)
    second = first.but(hyper_parameters={"epochCount": "1"})
    account.deploy(second)
    account.deploy(first)
    aws = Aws(account)
    model = aws.bedrock.get_custom_model(modelIdentifier=second.training_name)["modelArn"]
    aws.bedrock.update_custom_model_deployment(customModelDeploymentIdentifier=first.deployment_name, modelArn=model)
    status = StatusObserver(aws, PROD).look()
    [serving] = status.serving
    assert (serving.what, serving.status) == ("Custom model deployment", "Updating")
    assert (serving.model, serving.moves_to) == (first.training_name, second.training_name)
    assert status.is_moving
    assert says(progress(status), first.deployment_name, "Updating")
    assert says("\n".join(lines(status)), "billed", "token")


@pytest.mark.parametrize(
    ("hours", "status", "late"), [(5, "NotStarted", True), (2, "NotStarted", False), (5, "", False)]
)
def test_a_training_that_does_not_start_is_told_with_what_can_be_done(hours: int, status: str, late: bool) -> None:
    account = Account(settings=HOURS)
    account.deploy(WANTED.but(rungs=1))
    [training] = looked(account).trainings
    phases = (PhaseFacts("validation", "Completed"), *([PhaseFacts("training", status)] if status else []))
    waits = dataclasses.replace(training, status="InProgress", lasted=timedelta(hours=hours), phases=phases)
    told = [line for line in lines(dataclasses.replace(looked(account), trainings=(waits,))) if "not started" in line]
    assert bool(told) == late
    assert all(f"{hours} h" in line and f"--job-identifier {training.name}" in line for line in told)


def test_a_training_that_goes_on_is_told_with_its_phases_though_its_stack_was_rolled_back() -> None:
    account = Account(settings=HOURS)
    account.deploy(WANTED.but(rungs=14, model_units=None, hyper_parameters={"epochCount": "3"}))
    account.cloudformation.delete(TRAINING)
    assert account.deploy(WANTED.but(rungs=1)) == "ROLLBACK_COMPLETE"
    account.lifecycle.pass_time(timedelta(hours=1))
    status = looked(account)
    [training] = status.trainings
    assert (training.status, training.is_held, training.model_arn) == ("InProgress", False, "")
    assert [(phase.name, phase.status) for phase in training.phases] == [
        ("validation", "Completed"),
        ("data processing", "Completed"),
        ("training", "InProgress"),
    ]
    assert [phase.lasted for phase in training.phases[:2]] == [timedelta(minutes=10), timedelta(minutes=20)]
    words = list(lines(status))
    assert "    model: none" in words
    assert says("\n".join(words), "no stack")
    assert says("\n".join(words), "billed", "tokens")
    assert "validation ✓ 10 min  data processing ✓ 20 min  training … " in words[-1]


def test_a_running_training_stands_beside_the_one_that_the_stack_holds() -> None:
    account = Account(settings=HOURS)
    account.deploy(WANTED.but(rungs=14))
    second = WANTED.but(rungs=1, hyper_parameters={"epochCount": "3"})
    account.deploy(second)
    assert [(its.name, its.status, its.is_held) for its in looked(account).trainings] == [
        (second.training_name, "InProgress", False),
        (WANTED.training_name, "Completed", True),
    ]


def test_a_failed_training_is_told_with_bedrocks_reason_and_the_stacks() -> None:
    account = Account(settings=quick())
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING, message="the data could not be read"))
    account.deploy(WANTED)
    aws = Aws(account)
    aws.views.events[TRAINING] = [
        event("ROLLBACK_COMPLETE"),
        event("CREATE_FAILED", "Custom::BedrockTrainingAwait", "training failed: the data could not be read"),
        event("CREATE_FAILED", "Custom::BedrockTrainingAwait", "Resource creation cancelled"),
        event("CREATE_IN_PROGRESS"),
        event("DELETE_FAILED", "Custom::BedrockTrainingAwait", "of an earlier operation"),
    ]
    words = list(lines(looked(account, aws)))
    assert "    Bedrock's reason: the data could not be read" in words
    assert starts(words, "failed:") == ["    failed: training failed: the data could not be read"]


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE"])
def test_why_a_stack_failed_need_not_be_readable(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    def refused(_name: str) -> None:
        raise denied("cloudformation:DescribeStackEvents", TRAINING)

    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    aws.views.busy[TRAINING] = status
    monkeypatch.setattr(aws.views, "_events", refused)
    (training,) = (its for its in looked(account, aws).stacks if its.name == TRAINING)
    has_failed = "ROLLBACK" in status
    assert [says(each, "role ci", "cloudformation:DescribeStackEvents") for each in training.failures] == (
        [True] * has_failed
    )


def event(status: str, kind: str = "AWS::CloudFormation::Stack", reason: str = "") -> dict[str, Any]:
    return {"ResourceType": kind, "ResourceStatus": status, "ResourceStatusReason": reason, "EventId": status}


def test_an_ended_training_is_told_by_how_long_it_ran_and_when_it_ended() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    ended = account.lifecycle.client.get_model_customization_job(jobIdentifier=WANTED.training_name)["endTime"]
    account.lifecycle.pass_time(timedelta(hours=5))
    (line,) = starts(told(account), "Training ")
    assert line.endswith(f", at {ended:%Y-%m-%d %H:%M} UTC")
    assert "since" not in line


def test_buckets_and_keys_that_a_destroyed_foundation_left_are_billed_and_told() -> None:
    leftovers = Leftovers(neighbours=True)
    status = StatusObserver(leftovers.aws, PROD).look()
    stored = [(item.what, item.name) for item in status.bills if item.what in ("Bucket", "Key")]
    assert stored == [
        ("Bucket", "prod-foundation-data"),
        ("Bucket", "prod-foundation-access-logs"),
        ("Key", leftovers.key),
    ]
    leftovers.kms.schedule_key_deletion(KeyId=leftovers.key, PendingWindowInDays=30)
    assert ("Key", leftovers.key) not in [
        (item.what, item.name) for item in StatusObserver(leftovers.aws, PROD).look().bills
    ]


def test_what_may_not_be_looked_at_is_told_and_the_rest_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    leftovers = Leftovers()

    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListBuckets")

    monkeypatch.setattr(leftovers.s3, "list_buckets", denied)
    status = StatusObserver(leftovers.aws, PROD).look()
    assert [item.what for item in status.bills] == ["Custom model"] * 2
    assert any(says(line, "buckets", "keys", "AccessDenied") for line in lines(status))


def test_a_stack_that_nobody_agreed_to_is_not_told_as_none() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    aws.views.busy[SERVING] = "REVIEW_IN_PROGRESS"
    (line,) = starts(list(lines(looked(account, aws))), f"Stack {SERVING}")
    assert "REVIEW_IN_PROGRESS" in line
    assert not looked(account, aws).is_moving


def test_another_app_s_stacks_are_not_told_as_the_environment_s(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    aws.views.busy[SERVING] = "UPDATE_IN_PROGRESS"
    aws.views.apps = {TRAINING: THEIRS, SERVING: None}
    monkeypatch.setattr(inventory, "foundation_item", pytest.fail)
    status = looked(account, aws)
    assert [its.is_anothers for its in status.stacks] == [False, True, True]
    assert (status.parameters, status.is_moving) == ((), False)
    assert says("\n".join(lines(status)), SERVING, "UPDATE_IN_PROGRESS", "another app")
    assert [its["ofAnotherApp"] for its in document(status)["stacks"]] == [False, True, True]


def test_what_stands_under_the_prefix_of_before_is_told() -> None:
    cloudformation = CloudFormation({f"{OLD_PREFIX}prod-faq-Serving": "CREATE_COMPLETE"})
    old = with_stacks(PROD, cloudformation)
    assert f"{OLD_PREFIX}prod-faq-Serving" in old.stacks("Serving")
    moved = dataclasses.replace(PROD, location=PROD.location.model_copy(update={"stack_prefix": "new-"}))
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    status = StatusObserver(aws, with_stacks(moved, aws.views)).look()
    assert {its.name: bool(its.status) for its in status.stacks if its.name.endswith("faq-Serving")} == {
        "new-prod-faq-Serving": False,
        SERVING: True,
    }
    assert [its.is_held for its in status.trainings] == [True]
    assert len(status.parameters) == 1


QUEUE = {"LogicalResourceId": "Queue", "ResourceType": "AWS::SQS::Queue", "ResourceStatus": "CREATE_COMPLETE"}


def test_another_app_s_foundation_is_not_billed_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(settings=quick())
    cloudformation = CloudFormation({FOUNDATION: "CREATE_COMPLETE"}, [QUEUE])
    aws = Aws(account)
    monkeypatch.setattr(aws.views, "get_paginator", cloudformation.get_paginator)

    def described(*, StackName: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        [stack] = cloudformation.describe_stacks(StackName=StackName)["Stacks"]
        date = {"HTTPHeaders": {"date": "Fri, 15 Nov 2024 02:10:00 GMT"}}
        return {"Stacks": [{**stack, "CreationTime": STACKS_CREATED}], "ResponseMetadata": date}

    monkeypatch.setattr(aws.views, "describe_stacks", described)
    monkeypatch.setattr(aws.views, "get_template", lambda **_: {"TemplateBody": {}})
    assert [item.name for item in looked(account, aws).bills] == [FOUNDATION]
    cloudformation.apps[FOUNDATION] = THEIRS
    assert looked(account, aws).bills == ()


def test_whose_a_stack_is_need_not_be_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListChangeSets")

    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    aws.views.busy[SERVING] = "REVIEW_IN_PROGRESS"
    monkeypatch.setattr(aws.views, "change_sets", denied)
    assert not any(its.is_anothers for its in looked(account, aws).stacks)


def parameter_is(monkeypatch: pytest.MonkeyPatch, aws: Aws, code: str) -> None:
    def fail(**_: str) -> None:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "GetParameter")

    monkeypatch.setattr(aws, "get_parameter", fail)


def test_a_parameter_that_was_deleted_is_told_with_how_to_put_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    parameter_is(monkeypatch, aws, "ParameterNotFound")
    status = looked(account, aws)
    [serving] = status.serving
    put = f"aws ssm put-parameter --name {PARAMETER} --type String --value {serving.arn} --region {REGION}"
    assert any(line.startswith(f"Parameter {PARAMETER}: ") and put in line for line in lines(status))
    assert document(status)["parameters"] == [{"name": PARAMETER, "value": None, "unseen": None}]
    # Of several things that serve, which one it named is not known.
    beside = dataclasses.replace(status, serving=(serving, serving))
    assert not any("put-parameter" in line for line in lines(beside))


def test_a_parameter_that_may_not_be_read_is_told_and_the_rest_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    parameter_is(monkeypatch, aws, "AccessDeniedException")
    status = looked(account, aws)
    assert says("\n".join(lines(status)), "Parameter", PARAMETER, "AccessDeniedException")
    [told] = document(status)["parameters"]
    assert (told["value"], "AccessDeniedException" in told["unseen"]) == (None, True)


def test_what_else_ssm_refuses_is_no_matter_of_the_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    parameter_is(monkeypatch, aws, "ExpiredTokenException")
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        looked(account, aws)


def test_a_stack_that_is_being_changed_tells_at_what() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    aws.views.busy[SERVING] = "UPDATE_IN_PROGRESS"
    aws.views.working_on = {"Purchase"}
    status = looked(account, aws)
    assert status.is_moving
    assert says(progress(status), SERVING, "UPDATE_IN_PROGRESS", "Purchase")
    text = "\n".join(lines(status))
    assert says(text, SERVING, "UPDATE_IN_PROGRESS", "2 h 10 min", "2024-11-15 00:00 UTC", "Purchase")


def test_tells_nothing_of_another_environment_in_the_same_account() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    bedrock = account.lifecycle.client
    model = bedrock.get_custom_model(modelIdentifier=WANTED.training_name)["modelArn"]
    for environment, owner in (("prod-eu", "prod-eu-Serving"), ("dev", SERVING)):
        bedrock.create_provisioned_model_throughput(
            provisionedModelName=f"faq-prod-{environment}",
            modelId=model,
            modelUnits=1,
            tags=[
                {"key": contract.TAG_OWNER, "value": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{owner}"},
                {"key": contract.TAG_ENVIRONMENT, "value": environment},
            ],
        )
    bedrock.create_provisioned_model_throughput(provisionedModelName="faq-prod-any", modelId=model, modelUnits=1)
    status = looked(account)
    assert [its.name for its in status.serving] == [WANTED.throughput_name]
    assert not any("faq-prod-dev" in item.name or "any" in item.name for item in status.bills)


def lose_tags(account: Account, *lost: str) -> None:
    """Let somebody take tags away from the throughput that the Serving stack holds."""
    [one] = account.throughputs()
    account.lifecycle.client.untag_resource(resourceARN=one["provisionedModelArn"], tagKeys=list(lost))


@pytest.mark.parametrize(
    "lost",
    [(contract.TAG_ENVIRONMENT,), (contract.TAG_OWNER, contract.TAG_ENVIRONMENT, contract.TAG_RESOURCE)],
    ids=["the environment's", "all"],
)
def test_what_the_stack_holds_is_told_whatever_tags_it_has_lost(lost: tuple[str, ...]) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    lose_tags(account, *lost)
    status = looked(account)
    assert [its.name for its in status.serving] == [WANTED.throughput_name]
    assert WANTED.throughput_name in [item.name for item in status.bills]


def test_what_goes_while_it_is_looked_at_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    aws = Aws(account)
    gone = ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "any")

    def vanished(**_: Any) -> None:
        raise gone

    monkeypatch.setattr(aws.bedrock, "get_provisioned_model_throughput", vanished)
    monkeypatch.setattr(aws.bedrock, "get_model_customization_job", vanished)
    status = looked(account, aws)
    assert (status.serving, status.trainings) == ((), ())


def test_watching_ends_when_nothing_goes_on_and_says_what_changed() -> None:
    account = Account(settings=HOURS)
    account.deploy(WANTED.but(rungs=1))
    screen = Lines()

    def sleep(_: float) -> None:
        account.lifecycle.pass_time(timedelta(hours=3))

    last = watch(looked(account), lambda: looked(account), screen, sleep)
    assert not last.is_moving
    said = [line for line in screen.said if "→" in line]
    assert [line.partition(" ")[2] for line in said] == [
        f"training {WANTED.training_name}: InProgress → Completed",
        f"training {WANTED.training_name}, training: InProgress → Completed",
    ]
    assert screen.said[-1] == "status None"
    assert any(says(line, "status", "training", "faq-prod-") for line in screen.said)


def test_watching_outlives_an_answer_that_does_not_come() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    status = looked(account)
    moving = dataclasses.replace(status, stacks=(dataclasses.replace(status.stacks[1], is_busy=True),))
    answers: Iterator[ClientError | Status] = iter([ClientError({"Error": {"Code": "Throttling"}}, "any"), status])

    def look() -> Status:
        answer = next(answers)
        if isinstance(answer, ClientError):
            raise answer
        return answer

    screen = Lines()
    assert watch(moving, look, screen, lambda _: None) is status
    assert any(says(line, "AWS") for line in screen.said)


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "AccessDenied"])
def test_watching_ends_when_nobody_will_answer_any_more(code: str) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    status = looked(account)
    moving = dataclasses.replace(status, stacks=(dataclasses.replace(status.stacks[1], is_busy=True),))
    dead = ClientError({"Error": {"Code": code}}, "DescribeStacks")

    def look() -> Status:
        raise dead

    def sleep(_: float) -> None:
        slept.append(_)
        assert len(slept) < 10, "it looks for ever"

    slept: list[float] = []
    with pytest.raises(ClientError, match=code):
        watch(moving, look, Lines(), sleep)


class Unanswered:
    """Looks that fail for some seconds, by a clock that only sleeping moves, and then tell the status."""

    def __init__(self, error: Exception, *seconds: float, then: Status) -> None:
        self._error = error
        self._gaps = list(itertools.pairwise(seconds))
        self._then = then
        self.now = 0.0

    def look(self) -> Status:
        if any(begin <= self.now < end for begin, end in self._gaps[::2]):
            raise self._error
        return dataclasses.replace(self._then, stacks=(dataclasses.replace(self._then.stacks[1], is_busy=True),))

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now > 5000:
            raise TimeoutError

    def clock(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "error",
    [EndpointConnectionError(endpoint_url="https://any/"), ClientError({"Error": {"Code": "Throttling"}}, "any")],
    ids=["network", "throttled"],
)
def test_watching_ends_when_nothing_has_answered_for_minutes(error: Exception) -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    gone = Unanswered(error, 100, 10_000, then=looked(account))
    with pytest.raises(type(error)):
        watch(gone.look(), gone.look, Lines(), gone.sleep, gone.clock)
    last_answer = 100 - LOOK_EVERY_SECONDS
    assert 0 <= gone.now - last_answer - PATIENCE_SECONDS < LOOK_EVERY_SECONDS


def test_an_answer_between_two_gaps_gives_the_patience_anew() -> None:
    account = Account(settings=quick())
    account.deploy(WANTED)
    error = EndpointConnectionError(endpoint_url="https://any/")
    most = PATIENCE_SECONDS - LOOK_EVERY_SECONDS
    there = Unanswered(error, 10, 10 + most, 30 + most, 30 + 2 * most, then=looked(account))
    with pytest.raises(TimeoutError):  # it looks on until the test has had enough
        watch(there.look(), there.look, Lines(), there.sleep, there.clock)


def test_what_appears_and_what_goes_are_changes() -> None:
    account = Account(settings=quick())
    before = looked(account)
    account.deploy(WANTED)
    after = looked(account)
    assert f"Provisioned Throughput {WANTED.throughput_name}: none → InService" in next(
        line for line in changes(before, after) if "Throughput" in line
    )
    assert "InService → gone" in next(line for line in changes(after, before) if "Throughput" in line)


class TestCommand:
    """Arguments in, exit codes out."""

    @pytest.fixture
    def account(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
        """An account, and a settings file whose data file is not there."""
        data = '[data]\ntrain = { path = "gone.jsonl" }\n'
        settings_folder(tmp_path, "prod", f'account = "{ACCOUNT}"\nregion = "{REGION}"\n', {"faq": data})
        account = Account(settings=quick())
        monkeypatch.setattr("tune.account.clients.clients", lambda *_: Aws(account))
        monkeypatch.chdir(tmp_path)
        return account

    def run(self, *options: str) -> Any:
        return CliRunner().invoke(cli.app, ["status", "prod", "--environments", ".", *options])

    def test_works_without_the_data_files(self, account: Account) -> None:
        account.deploy(WANTED)
        result = self.run()
        assert result.exit_code == 0
        assert WANTED.throughput_name in result.output

    def test_prints_one_document(self, account: Account) -> None:
        account.deploy(WANTED)
        result = self.run("--json", "--watch")
        assert result.exit_code == 0
        document = json.loads(result.stdout)
        assert document["inProgress"] is False
        assert [its["name"] for its in document["serving"]] == [WANTED.throughput_name]
        assert document["parameters"] == [{"name": PARAMETER, "value": document["serving"][0]["arn"], "unseen": None}]
        assert {its["name"] for its in document["bills"]} == {WANTED.training_name, WANTED.throughput_name}

    def test_watching_where_nothing_goes_on_tells_it_once(self, account: Account) -> None:
        account.deploy(WANTED)
        result = self.run("--watch")
        assert result.exit_code == 0
        assert result.output.count("Environment prod in account") == 1
        assert result.output.count("Nothing is in progress.") == 1

    def test_exits_with_2_when_aws_does_not_answer(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(_: StatusObserver) -> Status:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks")

        monkeypatch.setattr(StatusObserver, "look", denied)
        result = self.run()
        assert result.exit_code == 2
        assert says(result.output, "AWS")

    def test_an_interrupt_ends_the_looking(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: Any) -> Status:
            raise KeyboardInterrupt

        monkeypatch.setattr("tune.status.watch.watch", interrupted)
        result = self.run("--watch")
        assert result.exit_code == 130
        assert says(result.output, "Interrupted", "Only")

    def test_a_wrong_account_in_the_file_is_told(self, tmp_path: Path) -> None:
        settings_folder(tmp_path, "prod", 'account = 1\nregion = "us-west-2"\n', {"faq": ""})
        result = CliRunner().invoke(cli.app, ["status", "prod", "--environments", str(tmp_path)])
        assert result.exit_code == 2
        assert "prod/environment.toml: account: " in result.output


def test_of_two_models_it_says_with_what_each_was_trained() -> None:
    account = Account(settings=quick(units=20))
    for epochs in ("2", "3"):
        assert account.deploy(WANTED.but(hyper_parameters={"epochCount": epochs})).endswith("_COMPLETE")
    status = looked(account)
    first, second = starts(list(lines(status)), "Custom model")
    assert says(first, "created ", "epochCount 2", "training loss 0.")
    assert says(second, "created ", "epochCount 3", "training loss 0.")
    told = [its["details"] for its in document(status)["bills"] if its["what"] == "Custom model"]
    assert [each in line for each, line in zip(told, (first, second), strict=True)] == [True, True]


def test_what_sets_a_model_apart_is_asked_once_however_often_it_is_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(settings=quick(units=20))
    account.deploy(WANTED)
    asked = list[str]()

    def counted(bedrock: Bedrock, model: str) -> str:
        asked.append(model)
        return details_of(bedrock, model)

    monkeypatch.setattr("tune.account.bedrock_resources.details_of", counted)
    observer = StatusObserver(Aws(account), PROD)
    first, second = ([each.details for each in observer.look().bills] for _ in range(2))
    assert first == second
    assert len(asked) == 1


def test_a_model_that_cannot_be_read_is_listed_without_what_sets_it_apart() -> None:
    account = Account(settings=quick(units=20))
    account.deploy(WANTED)
    (model,) = Observer(Bedrock(account.lifecycle.client), REGION).models()
    account.lifecycle.simulated.faults.add(ApiFault("GetCustomModel", "AccessDeniedException"))
    assert details_of(Bedrock(account.lifecycle.client), model.arn) == ""
    assert "epochCount" in details_of(Bedrock(account.lifecycle.client), model.arn)
