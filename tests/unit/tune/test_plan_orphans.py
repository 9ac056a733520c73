"""What bills without a stack is found, and nothing else is taken for it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from sandbox.bedrock.faults import ThroughputFault
from settings.app import DEFAULT_APP
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, NOVA, NOVA_RECORDS, NOVA_REGION, SERVING, TRAINING, Account, Wanted
from tests.support.lifecycle import BUCKET, ROLE_ARN
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.tune.aws_stand_in import THEIRS
from tests.unit.tune.planning import PLACE, Aws, plan_of, survey_of
from tune.account.orphans import AccountSurvey, OwnedResource, Ownership
from tune.plan.environment import Planner
from tune.plan.json_document import document
from tune.plan.text import cost, described

SETTINGS = quick(units=50)
WANTED = Wanted(rungs=2)


def owner(stack: str, region: str = REGION) -> str:
    return f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{stack}"


def tags(stack: str, resource: str = "Purchase", **more: str) -> dict[str, str]:
    return {contract.TAG_OWNER: owner(stack), contract.TAG_RESOURCE: resource, contract.TAG_ENVIRONMENT: "prod", **more}


class Planted(Account):
    """An account with one deployed environment, in which things are made that no stack knows of."""

    def __init__(self) -> None:
        super().__init__(settings=SETTINGS)
        assert self.deploy(WANTED) == "CREATE_COMPLETE"
        self.api = self.lifecycle.client

    def throughput(self, name: str, tags: Mapping[str, str], **more: Any) -> None:
        self.api.create_provisioned_model_throughput(
            provisionedModelName=name, modelId=WANTED.training_name, modelUnits=1, tags=_listed(tags), **more
        )

    def job(self, name: str, tags: Mapping[str, str]) -> None:
        uri = self.lifecycle.put(f"train/{WANTED.sha256}.jsonl")
        self.api.create_model_customization_job(
            jobName=name,
            customModelName=name,
            roleArn=ROLE_ARN,
            baseModelIdentifier=WANTED.base_model,
            trainingDataConfig={"s3Uri": uri},
            outputDataConfig={"s3Uri": f"s3://{BUCKET}/output/"},
            hyperParameters={"epochCount": "1"},
            jobTags=_listed(tags),
            customModelTags=_listed(tags),
        )

    def orphans(self) -> dict[str, OwnedResource]:
        return {its.thing.name: its for its in survey_of(self).survey.of(Ownership.ORPHAN)}


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Pages of three, so that nothing is found that is on the first page alone."""
    monkeypatch.setattr("tune.account.bedrock_resources._PAGE", 3)
    return Planted()


def test_a_clean_account_has_no_orphan(planted: Planted) -> None:
    assert planted.orphans() == {}
    planted.deploy(WANTED.but(attempt=2, model_units=2))
    assert planted.orphans() == {}
    planted.destroy()
    assert planted.orphans() == {}


def test_finds_every_planted_orphan_and_no_foreign_thing(planted: Planted) -> None:
    expected = {
        "never-existed": tags("lost-Serving"),
        "holds-another": tags(SERVING),
        "other-resource": tags(SERVING, resource="Removed"),
        "stack-without-throughputs": tags(TRAINING),
        "other-region": {**tags(SERVING), contract.TAG_OWNER: owner(SERVING, "eu-west-1")},
        "without-resource-tag": {contract.TAG_OWNER: owner(SERVING)},
        "users-tags-too": tags("lost-Serving", Team="any"),
    }
    for name, its in expected.items():
        planted.throughput(name, its)
    planted.throughput("committed", tags("lost-Serving"), commitmentDuration="OneMonth")
    planted.throughput("detached", {key: its for key, its in tags(SERVING).items() if key != contract.TAG_OWNER})
    planted.lifecycle.simulated.faults.add(ThroughputFault("failed"))
    planted.throughput("failed", tags("lost-Serving"))
    planted.throughput("foreign", {})
    planted.throughput("foreign-with-tags", {"owner": owner("lost-Serving")})
    planted.lifecycle.pass_time(timedelta(hours=2))
    planted.throughput("creating", tags("lost-Serving"))
    planted.job("in-progress", tags("lost-Training"))
    planted.job("foreign-job", {"Team": "any"})

    found = planted.orphans()

    assert set(found) == {*expected, "committed", "detached", "failed", "creating", "in-progress"}
    assert [its.thing.kind for its in found.values()] == ["throughput"] * 11 + ["job"]
    assert found["failed"].thing.status == "Failed"
    assert found["creating"].thing.status == "Creating"
    assert says(found["holds-another"].why, SERVING, WANTED.throughput_name)
    assert says(found["stack-without-throughputs"].why, TRAINING)
    assert says(found["detached"].why, "detached")
    assert says(found["committed"].thing.item.cost, "committed")


def test_what_another_app_has_is_neither_told_nor_ours_to_delete(planted: Planted) -> None:
    theirs = {contract.TAG_APP: THEIRS}
    planted.throughput("theirs", tags("lost-Serving", **theirs))
    planted.throughput("by-its-foundation", tags("lost-Serving", **{contract.TAG_FOUNDATION: owner(FOUNDATION)}))
    planted.job("their-training", tags("lost-Training", **theirs))
    planted.cloudformation.deploy(FOUNDATION, {})
    aws = Aws(planted)
    aws.views.apps[FOUNDATION] = THEIRS
    plan = Planner(aws, PLACE, DEFAULT_APP).account()
    assert [its.thing.kind for its in plan.survey.findings] == ["throughput", "job", "model"]
    assert plan.unwanted == []


def test_a_deployment_that_lost_its_owner_tag_is_found_by_its_resource_tag() -> None:
    account = Account(settings=SETTINGS, region=NOVA_REGION)
    wanted = Wanted(rungs=1, base_model=NOVA, data=NOVA_RECORDS, model_units=None, on_demand=True)
    assert account.deploy(wanted) == "CREATE_COMPLETE"
    (deployment,) = account.region.deployments.values()
    account.lifecycle.client.untag_resource(resourceARN=deployment.arn, tagKeys=[contract.TAG_OWNER])
    (found,) = survey_of(account).survey.of(Ownership.ORPHAN)
    assert found.thing.name == wanted.deployment_name
    assert says(found.why, SERVING, "tag")
    # What it says mends it.
    words = found.why.partition("aws bedrock tag-resource ")[2].split()
    key, value = words[words.index("--tags") + 1].split(",")
    account.lifecycle.client.tag_resource(
        resourceARN=words[words.index("--resource-arn") + 1],
        tags=[{"key": key.removeprefix("key="), "value": value.removeprefix("value=")}],
    )
    assert survey_of(account).survey.of(Ownership.ORPHAN) == []


def test_what_a_stack_holds_is_found_without_any_tag(planted: Planted) -> None:
    [held] = planted.throughputs()
    planted.throughput("foreign", {})
    lost = [contract.TAG_OWNER, contract.TAG_ENVIRONMENT, contract.TAG_RESOURCE]
    planted.api.untag_resource(resourceARN=held["provisionedModelArn"], tagKeys=lost)
    assert list(planted.orphans()) == [WANTED.throughput_name]
    of_environment = plan_of(planted, WANTED)
    assert [its.thing.name for its in of_environment.unwanted] == [WANTED.throughput_name]
    [told] = document(of_environment)["orphans"]
    assert told["environment"] == "prod"
    assert says(told["why"], SERVING, held["provisionedModelArn"], "aws bedrock tag-resource")


def test_what_lost_its_environment_alone_is_still_held_by_its_stack(planted: Planted) -> None:
    [held] = planted.throughputs()
    planted.api.untag_resource(resourceARN=held["provisionedModelArn"], tagKeys=[contract.TAG_ENVIRONMENT])
    assert planted.orphans() == {}
    assert [(its["name"], its["environment"]) for its in document(plan_of(planted, WANTED))["held"]] == [
        (WANTED.throughput_name, "prod")
    ]


def test_tells_how_long_it_has_billed_by_the_clock_of_the_service_and_what_removes_it(planted: Planted) -> None:
    planted.throughput("lost", tags("lost-Serving"))
    planted.job("lost-training", tags("lost-Training"))
    planted.lifecycle.clock.advance(timedelta(seconds=45))
    assert planted.orphans()["lost-training"].thing.item.command == (
        f"aws bedrock stop-model-customization-job --job-identifier lost-training --region {REGION}"
    )
    planted.lifecycle.pass_time(timedelta(hours=50))
    (told,) = document(survey_of(planted))["orphans"]
    assert told["ageSeconds"] == 50 * 3600 + 45
    assert told["command"] == (
        f"aws bedrock delete-provisioned-model-throughput --provisioned-model-id lost --region {REGION}"
    )


def test_the_commands_leave_no_orphan(planted: Planted) -> None:
    planted.throughput("lost", tags("lost-Serving"))
    planted.throughput("spare", tags(SERVING))
    for finding in planted.orphans().values():
        words = finding.thing.item.command.split()
        assert words[1:4] == ["bedrock", "delete-provisioned-model-throughput", "--provisioned-model-id"]
        planted.api.delete_provisioned_model_throughput(provisionedModelId=words[4])
    assert planted.orphans() == {}
    assert [one["provisionedModelName"] for one in planted.throughputs()] == [WANTED.throughput_name]


def test_models_and_ended_jobs_are_kept_and_models_of_a_lost_stack_are_told_with_their_command(
    planted: Planted,
) -> None:
    planted.job("lost-training", tags("lost-Training"))
    planted.lifecycle.pass_time(timedelta(hours=1))
    told = document(survey_of(planted))
    assert told["orphans"] == []
    kept = {(its["kind"], its["name"]): its for its in told["kept"]}
    assert set(kept) == {(kind, name) for kind in ("job", "model") for name in (WANTED.training_name, "lost-training")}
    assert says(kept["model", WANTED.training_name]["why"], TRAINING)
    assert kept["model", WANTED.training_name]["command"] is None
    lost = kept["model", "lost-training"]
    assert says(lost["why"], "lost-Training")
    assert says(lost["cost"], "month")
    assert lost["command"] == f"aws bedrock delete-custom-model --model-identifier lost-training --region {REGION}"
    assert kept["job", "lost-training"]["command"] is None


def test_a_running_job_of_a_stack_that_stands_is_no_orphan(planted: Planted) -> None:
    planted.job("running", tags(TRAINING))
    assert planted.orphans() == {}


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_of_a_stack_that_is_being_changed_nothing_is_said_for_certain(planted: Planted, status: str) -> None:
    planted.throughput("new-one", tags(SERVING))
    aws = Aws(planted)
    aws.views.busy[SERVING] = status
    survey = Planner(aws, PLACE, DEFAULT_APP).account().survey
    assert [its.thing.name for its in survey.of(Ownership.UNDECIDED)] == ["new-one"]
    assert survey.of(Ownership.ORPHAN) == []


@pytest.mark.parametrize("status", ["DELETE_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_a_stack_that_has_nothing_owns_nothing(planted: Planted, status: str) -> None:
    aws = Aws(planted)
    aws.views.busy[SERVING] = status
    orphans = Planner(aws, PLACE, DEFAULT_APP).account().survey.of(Ownership.ORPHAN)
    assert [its.thing.name for its in orphans] == [WANTED.throughput_name]


def test_the_document_is_json_with_these_keys(planted: Planted) -> None:
    planted.throughput("lost", tags("lost-Serving"))
    told = json.loads(json.dumps(document(survey_of(planted))))
    assert list(told) == [
        "version",
        "account",
        "region",
        "asOf",
        "environment",
        "stacks",
        "access",
        "refusals",
        "notes",
        "resources",
        "orphans",
        "undecided",
        "kept",
        "held",
        "unasked",
        "stores",
        "storesUnseen",
        "elsewhere",
        "notLookedAt",
        "environments",
    ]
    assert list(told["orphans"][0]) == [
        "kind",
        "name",
        "arn",
        "status",
        "environment",
        "owner",
        "ownerGone",
        "why",
        "cost",
        "details",
        "since",
        "ageSeconds",
        "command",
        "endedAt",
    ]


# What serves by the token: it bills nothing by the hour, but holds a model and one of the account's deployments.

ON_DEMAND = Wanted(rungs=2, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None)


class PlantedDeployments(Account):
    """An account with one deployed environment, in which deployments are made that no stack knows of."""

    def __init__(self) -> None:
        super().__init__(settings=SETTINGS, region=NOVA_REGION)
        assert self.deploy(ON_DEMAND) == "CREATE_COMPLETE"
        self.api = self.lifecycle.client

    def plant(self, name: str, tags: Mapping[str, str]) -> None:
        model = self.api.get_custom_model(modelIdentifier=ON_DEMAND.training_name)["modelArn"]
        self.api.create_custom_model_deployment(modelDeploymentName=name, modelArn=model, tags=_listed(tags))
        self.lifecycle.pass_time(timedelta(hours=1))

    def survey(self) -> AccountSurvey:
        return survey_of(self).survey


def nova_tags(stack: str) -> dict[str, str]:
    return {**tags(stack, "Deployment"), contract.TAG_OWNER: owner(stack, NOVA_REGION)}


def test_finds_every_planted_deployment_and_no_foreign_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.account.bedrock_resources._PAGE", 3)
    planted = PlantedDeployments()
    assert planted.survey().of(Ownership.ORPHAN) == []
    assert [its.thing.kind for its in planted.survey().of(Ownership.OWNED)] == ["deployment"]
    planted.plant("never-existed", nova_tags("lost-Serving"))
    planted.plant("holds-another", nova_tags(SERVING))
    planted.plant("stack-without-deployments", nova_tags(TRAINING))
    planted.plant("foreign", {"Team": "any"})
    found = {its.thing.name: its for its in planted.survey().of(Ownership.ORPHAN)}
    assert set(found) == {"never-existed", "holds-another", "stack-without-deployments"}
    assert says(found["holds-another"].why, SERVING, ON_DEMAND.deployment_name)
    assert says(found["stack-without-deployments"].why, TRAINING)
    for finding in found.values():
        words = finding.thing.item.command.split()
        assert words[1:4] == [
            "bedrock",
            "delete-custom-model-deployment",
            "--custom-model-deployment-identifier",
        ]
        planted.api.delete_custom_model_deployment(customModelDeploymentIdentifier=words[4])
    assert planted.survey().of(Ownership.ORPHAN) == []


def test_a_deployment_is_told_for_how_long_it_has_been_there_and_not_that_it_bills() -> None:
    planted = PlantedDeployments()
    planted.plant("lost", nova_tags("lost-Serving"))
    (finding,) = planted.survey().of(Ownership.ORPHAN)
    assert says(described(finding), "custom model deployment lost", "Active", "1 h 0 min")
    assert says(cost(finding), "token")
