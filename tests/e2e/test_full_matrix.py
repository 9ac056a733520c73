"""The example environment with a throughput, through all that can happen to it: what CloudFormation asked, who pays.

It is the file in `environments/` but for the account and the way it serves, and each change of it is one that a team
would review.
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.accesses import MADE_ELSEWHERE, unlisted, unmade
from tests.e2e.dev_example import (
    CUSTOMIZATION,
    EPOCHS,
    MAY_BUY,
    MAY_DELETE,
    PURCHASE,
    RUNGS,
    TO_THROUGHPUT,
    TRAINING_MINUTES,
    customization,
    deleted_rungs,
    moved,
    purchase,
    rung,
    rungs,
    states,
    two_rungs_waited,
)
from tests.e2e.environment_example import EnvironmentExample
from tests.e2e.example_life import STEP_SECONDS, Life, Line, Version, lines
from tests.e2e.local_aws import MINUTES, RATE, bootstrapped
from tests.e2e.project import Project
from tests.e2e.serving_watch import always_serving
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

EXAMPLE: Final = EnvironmentExample("dev", MAY_BUY, MAY_DELETE, TO_THROUGHPUT)
SETTINGS: Final = EXAMPLE.settings()
QUOTA: Final = 3

HOURS: Final = "max_training_hours = 12"
SERVING: Final = "[serving.provisioned_throughput]"
TAKEN: Final = "2 model units were requested and 2 are in use"
MESSAGE: Final = "The loss diverged in epoch 3"
CHANGED_VALUE: Final = re.compile(r"\[([-+])\] (\S+)$", re.MULTILINE)
CHANGED_RESOURCE: Final = re.compile(r"^\[(.)\] (Custom::\S+|AWS::\S+|Output) ", re.MULTILINE)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One in the example's Region, in which time stands still unless a test lets it pass."""
    minutes = {**MINUTES, "training": TRAINING_MINUTES}
    options = Options(rate=RATE, minutes=minutes, quotas={"custom_model_units": QUOTA})
    with bootstrapped(options, SETTINGS["region"]) as sandbox:
        sandbox.control("clock", {"rate": 0})
        yield sandbox


def test_the_settings_are_those_of_the_example_but_for_the_account_and_the_throughput() -> None:
    EXAMPLE.assert_only_the_account_differs()
    assert SETTINGS["serving"] == {"provisioned_throughput": {"model_units": 1}}
    assert EnvironmentExample("dev").settings() == SETTINGS | {
        "serving": {"on_demand": {}},
        "allow": {**SETTINGS["allow"], "buy": False, "delete_models": False},
    }


def test_the_example_pays_once_for_each_training_and_serves_without_a_pause_until_it_is_destroyed(
    project: Project, sandbox: Sandbox
) -> None:
    """One step after the other, each beginning where the one before has ended."""
    life = Life(EXAMPLE, project, sandbox)
    first = life.version()
    second = life.version((EPOCHS, "epochCount = 3"))

    the_first_deploy_trains_once_and_buys_once(life, first)
    # Time stands still most of the while, so that a look now and then misses nothing.
    with always_serving(life.account, pause=0.1) as seen:
        another_hyper_parameter_is_one_more_job_for_the_same_throughput(life, first, second)
        a_purchase_beyond_the_quota_is_refused_before_its_training(life, second)
        refused = a_purchase_that_bedrock_refuses_keeps_the_training_and_rolls_serving_back(life, second)
        going_back_trains_nothing_and_leaves_serving_alone(life, refused, second)
        failed = a_training_that_fails_is_rolled_back_and_not_repeated(life, second)
        retried = another_attempt_trains_once_more_and_is_served(life, second, failed)
        cancelled = an_update_cancelled_in_a_rung_leaves_its_job_running(life, retried)
        the_same_deploy_adopts_the_job_and_retires_all_but_two_models(life, retried, cancelled)
        stopped = deleting_the_stack_stops_a_training_that_runs(life, cancelled)
        last = without_stop_on_delete_it_runs_on_and_the_next_deploy_adopts_it(life, stopped, cancelled)
    assert list(dict.fromkeys(arn for _, arn in seen)) == [
        life.model_of(version) for version in (first, second, retried, cancelled, last)
    ]
    destroying_serving_ends_the_hourly_bill_and_deploying_it_buys_again(life, last)
    the_projects_own_destroy_keeps_models_data_and_bucket(life, last, kept=(retried, cancelled, last))

    assert len({request.logical_id for request in life.account.requests()}) == 1 + RUNGS + 1
    assert unlisted(sandbox, "dev") == []
    assert set(unmade(sandbox, "dev")) == MADE_ELSEWHERE


def the_first_deploy_trains_once_and_buys_once(life: Life, first: Version) -> None:
    requests = life.deployed(first)

    assert lines(requests) == [
        Line("Create", CUSTOMIZATION, None, "SUCCESS", customization(first)),
        *rungs("Create"),
        Line("Create", PURCHASE, None, "SUCCESS", purchase(life)),
    ]
    assert states(requests) == two_rungs_waited()
    assert life.job_statuses() == ["Completed"]
    assert life.meter()["trainedTokens"] > 0
    assert len(life.throughputs()) == len(life.account.throughputs()) == 1
    life.assert_serves(first)


def another_hyper_parameter_is_one_more_job_for_the_same_throughput(
    life: Life, first: Version, second: Version
) -> None:
    bought = life.account.throughput()["provisionedModelArn"]
    # What the template alone says: MiniStack's change sets call every change of a custom resource a replacement.
    review = second.assembly.diff("dev/*", "--method", "template", "--fail-on", "destructive")

    requests = life.deployed(second)

    assert review.code == 0, review.output
    assert CHANGED_RESOURCE.findall(review.output) == [
        ("~", "Custom::BedrockModelCustomization"),
        # The training's name, and what is trained in words.
        ("~", "Output"),
        ("~", "Output"),
        ("~", "Custom::BedrockProvisionedThroughput"),
        # Which training's model is served.
        ("~", "Output"),
    ]
    ids = [("-", training_id(first)), ("+", training_id(second))]
    names = [("-", first.training), ("+", second.training)]
    assert CHANGED_VALUE.findall(review.output) == [("-", "2"), ("+", "3"), *ids, *names, *ids]
    assert lines(requests) == [
        *moved(first, second),
        Line("Update", PURCHASE, purchase(life), "SUCCESS", purchase(life)),
    ]
    assert states(requests) == two_rungs_waited()
    assert life.job_statuses() == ["Completed"] * 2
    assert life.account.throughput()["provisionedModelArn"] == bought
    life.assert_serves(second)


def training_id(version: Version) -> str:
    return version.training.split("-")[-2]


def a_purchase_beyond_the_quota_is_refused_before_its_training(life: Life, second: Version) -> None:
    beyond = life.version((EPOCHS, "epochCount = 4"), ("model_units = 1", f"model_units = {QUOTA + 1}"))

    run = life.deploy(beyond)

    assert run.code != 0
    assert says(run.output, QUOTA + 2, "1 in use", f"{QUOTA + 1} requested")
    assert lines(life.new_requests()) == [
        Line("Update", CUSTOMIZATION, customization(second), "FAILED", customization(second)),
        Line("Update", CUSTOMIZATION, customization(second), "SUCCESS", customization(second)),
    ]
    assert life.account.stack_status("Training") == "UPDATE_ROLLBACK_COMPLETE"
    assert life.job_statuses() == ["Completed"] * 2
    assert len(life.account.throughputs()) == 1
    life.assert_serves(second)


def a_purchase_that_bedrock_refuses_keeps_the_training_and_rolls_serving_back(life: Life, second: Version) -> Version:
    """What no preflight can foresee: another purchase took what was left of the quota."""
    bought = purchase(life)
    refused = life.version((EPOCHS, "epochCount = 4"), ("model_units = 1", "model_units = 2"))
    fault = {
        "type": "api",
        "operation": "CreateProvisionedModelThroughput",
        "error": "ServiceQuotaExceededException",
        "message": TAKEN,
    }
    life.account.sandbox.control("faults", {"add": [fault]})

    run = life.deploy(refused)

    assert run.code != 0
    assert TAKEN in run.output
    requests = life.new_requests()
    assert lines(requests) == [
        *moved(second, refused),
        Line("Update", PURCHASE, bought, "FAILED", bought),
        Line("Update", PURCHASE, bought, "SUCCESS", bought),
    ]
    assert [its.properties["ModelUnits"] for its in requests[-2:]] == ["2", "1"]
    assert life.account.stack_status("Training") == "UPDATE_COMPLETE"
    assert life.account.stack_status("Serving") == "UPDATE_ROLLBACK_COMPLETE"
    assert life.job_statuses() == ["Completed"] * 3
    assert refused.training in life.models()
    assert len(life.account.throughputs()) == 1
    life.assert_serves(second)
    return refused


def going_back_trains_nothing_and_leaves_serving_alone(life: Life, refused: Version, second: Version) -> None:
    trained = life.meter()["trainedTokens"]

    requests = life.deployed(second)

    assert lines(requests) == moved(refused, second)
    assert states(requests) == ["ready"] * RUNGS
    assert life.job_statuses() == ["Completed"] * 3
    assert life.meter()["trainedTokens"] == trained
    life.assert_serves(second)


def a_training_that_fails_is_rolled_back_and_not_repeated(life: Life, second: Version) -> Version:
    failing = life.version((EPOCHS, "epochCount = 5"))
    fault = {"type": "job", "phase": "Training", "message": MESSAGE}
    life.account.sandbox.control("faults", {"add": [fault]})
    reason = f"training run {failing.training} failed: {MESSAGE}"

    run = life.deploy(failing)

    assert run.code != 0
    assert reason in run.output
    requests = life.new_requests()
    assert lines(requests) == [
        Line("Update", CUSTOMIZATION, customization(second), "SUCCESS", customization(failing)),
        rung("Update", 1),
        rung("Update", 2, status="FAILED"),
        rung("Update", 1),
        rung("Update", 2),
        Line("Delete", CUSTOMIZATION, customization(failing), "SUCCESS", customization(failing)),
    ]
    assert states(requests) == ["still running", None, "not looked at", "not looked at"]

    again = life.deploy(failing)

    assert again.code != 0
    assert reason in again.output
    assert lines(life.new_requests()) == [
        Line("Update", CUSTOMIZATION, customization(second), "FAILED", customization(second)),
        Line("Update", CUSTOMIZATION, customization(second), "SUCCESS", customization(second)),
    ]
    assert life.account.stack_status("Training") == "UPDATE_ROLLBACK_COMPLETE"
    assert life.job_statuses() == ["Completed"] * 3 + ["Failed"]
    life.assert_serves(second)
    return failing


def another_attempt_trains_once_more_and_is_served(life: Life, second: Version, failed: Version) -> Version:
    retried = life.version((EPOCHS, "epochCount = 5"), ("attempt = 1", "attempt = 2"))

    requests = life.deployed(retried)

    assert retried.training == failed.training.removesuffix("-1") + "-2"
    assert lines(requests) == [
        *moved(second, retried),
        Line("Update", PURCHASE, purchase(life), "SUCCESS", purchase(life)),
    ]
    assert states(requests) == two_rungs_waited()
    assert life.job_statuses() == ["Completed"] * 3 + ["Failed", "Completed"]
    life.assert_serves(retried)
    return retried


def an_update_cancelled_in_a_rung_leaves_its_job_running(life: Life, retried: Version) -> Version:
    cancelled = life.version((EPOCHS, "epochCount = 1"), (SERVING, f"[serving]\nkeep_models = 2\n\n{SERVING}"))
    deploy = cancelled.assembly.start_deploy("dev/*")
    life.waiting_rung()

    life.cancel("Training")
    # Here a cancellation is heeded between two resources, so only when the rung has handed on.
    life.advance(seconds=STEP_SECONDS)
    run = deploy.wait()

    assert run.code != 0
    requests = life.new_requests()
    assert lines(requests) == [
        Line("Update", CUSTOMIZATION, customization(retried), "SUCCESS", customization(cancelled)),
        rung("Update", 1),
        rung("Update", 1),
        Line("Delete", CUSTOMIZATION, customization(cancelled), "SUCCESS", customization(cancelled)),
    ]
    assert states(requests) == ["still running", "not looked at"]
    assert life.account.stack_status("Training") == "UPDATE_ROLLBACK_COMPLETE"
    assert any("User Initiated" in reason for reason in life.account.reasons("Training"))
    assert life.job_statuses()[-1] == "InProgress"
    life.assert_serves(retried)
    return cancelled


def the_same_deploy_adopts_the_job_and_retires_all_but_two_models(
    life: Life, retried: Version, cancelled: Version
) -> None:
    jobs, models = len(life.account.jobs()), life.models()

    requests = life.deployed(cancelled)

    assert lines(requests) == [
        *moved(retried, cancelled),
        Line("Update", PURCHASE, purchase(life), "SUCCESS", purchase(life)),
    ]
    assert life.job_statuses()[-1] == "Completed"
    assert len(life.account.jobs()) == jobs
    life.assert_serves(cancelled)
    assert len(models) > 2
    assert life.models() == {retried.training, cancelled.training}


def deleting_the_stack_stops_a_training_that_runs(life: Life, cancelled: Version) -> Version:
    unwatched = life.version((EPOCHS, f"{EPOCHS}\nlearningRate = 0.00002"), (HOURS, "max_training_hours = 0"))
    finished = life.meter()["trainedTokens"]
    requests = life.deployed(unwatched, "Training")
    assert lines(requests) == [
        Line("Update", CUSTOMIZATION, customization(cancelled), "SUCCESS", customization(unwatched)),
        Line("Delete", CUSTOMIZATION, customization(cancelled), "SUCCESS", customization(cancelled)),
        *deleted_rungs(),
    ]
    assert life.account.stack_status("Training") == "UPDATE_COMPLETE"
    life.advance(seconds=TRAINING_MINUTES * 60 // 2)
    assert life.job_statuses()[-1] == "InProgress"

    requests = life.deleted("Training")

    assert lines(requests) == [
        Line("Delete", CUSTOMIZATION, customization(unwatched), "SUCCESS", customization(unwatched))
    ]
    assert life.job_statuses()[-1] == "Stopped"
    trained = life.meter()["trainedTokens"]
    assert trained > finished
    life.advance(seconds=TRAINING_MINUTES * 60)
    assert life.meter()["trainedTokens"] == trained
    assert unwatched.training not in life.models()
    life.assert_serves(cancelled)
    return unwatched


def without_stop_on_delete_it_runs_on_and_the_next_deploy_adopts_it(
    life: Life, stopped: Version, cancelled: Version
) -> Version:
    change = (EPOCHS, f"{EPOCHS}\nlearningRate = 0.00003")
    unstopped = life.version(change, (HOURS, "max_training_hours = 0\nstop_on_delete = false"))
    last = life.version(change)
    assert last.training == unstopped.training != stopped.training
    created = Line("Create", CUSTOMIZATION, None, "SUCCESS", customization(last))
    assert lines(life.deployed(unstopped, "Training")) == [created]
    assert life.account.stack_status("Training") == "CREATE_COMPLETE"

    requests = life.deleted("Training")

    assert lines(requests) == [Line("Delete", CUSTOMIZATION, customization(last), "SUCCESS", customization(last))]
    assert life.job_statuses()[-1] == "InProgress"
    jobs = len(life.account.jobs())
    life.assert_serves(cancelled)

    requests = life.deployed(last)

    assert lines(requests) == [
        created,
        *rungs("Create"),
        Line("Update", PURCHASE, purchase(life), "SUCCESS", purchase(life)),
    ]
    assert states(requests) == two_rungs_waited()
    assert len(life.account.jobs()) == jobs
    assert life.job_statuses()[-1] == "Completed"
    life.assert_serves(last)
    return last


def destroying_serving_ends_the_hourly_bill_and_deploying_it_buys_again(life: Life, last: Version) -> None:
    bought = purchase(life)
    assert len(life.throughputs()) == 1
    assert life.hourly_bill() == 1

    with life.time_passes():
        run = last.assembly.destroy("dev/docstrings-Serving")

    assert run.code == 0, run.output
    assert lines(life.new_requests()) == [Line("Delete", PURCHASE, bought, "SUCCESS", bought)]
    assert life.throughputs() == []
    assert life.hourly_bill() == 0

    trained = life.meter()["trainedTokens"]
    assert lines(life.deployed(last)) == [Line("Create", PURCHASE, None, "SUCCESS", bought)]
    assert [each["deleted"] for each in life.account.throughputs()] == [True, False]
    assert life.meter()["trainedTokens"] == trained
    life.assert_serves(last)


def the_projects_own_destroy_keeps_models_data_and_bucket(
    life: Life, last: Version, *, kept: tuple[Version, ...]
) -> None:
    bought, bucket = purchase(life), life.account.bucket()
    assert len(life.throughputs()) == 1
    assert life.hourly_bill() == 1

    run = life.run(sys.executable, "-m", "tune", "destroy", "dev", "--environments", str(last.settings), "--yes")

    assert run.code == 0, run.output
    assert lines(life.new_requests()) == [
        Line("Delete", PURCHASE, bought, "SUCCESS", bought),
        *deleted_rungs(),
        Line("Delete", CUSTOMIZATION, customization(last), "SUCCESS", customization(last)),
    ]
    stacks = [life.account.stack_status(stack) for stack in ("Serving", "Training", "Foundation")]
    assert stacks == [None, None, "CREATE_COMPLETE"]
    assert life.throughputs() == []
    assert life.hourly_bill() == 0
    assert life.models() == {version.training for version in kept}
    objects = life.account.objects(bucket)
    for split, source in SETTINGS["data"].items():
        data = Path(source["path"]).read_bytes()
        assert objects[f"{split}/{hashlib.sha256(data).hexdigest()}.jsonl"] == data

    assert says(run.output, "Nothing", "dev", "hour")
    for version in kept:
        command = f"aws bedrock delete-custom-model --model-identifier {version.training}"
        assert f"{command} --region {SETTINGS['region']}" in run.output
