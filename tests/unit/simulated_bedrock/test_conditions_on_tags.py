"""IAM's conditions on tags, as the sandbox evaluates them for a request to the simulated Bedrock."""

import json
from typing import Any, Final

import pytest
from ministack.core import iam_actions, iam_evaluator
from ministack.services import tagging

from sandbox.iam_resources import request_tags, tagged_at_creation
from sandbox.ministack_adapter import _authorize_by_tags
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.unit.simulated_bedrock.scenario import Account

MINE: Final[Any] = {"key": "whose", "value": "mine"}
THEIRS: Final[Any] = {"key": "whose", "value": "theirs"}
OWN: Final = f"arn:aws:bedrock:{REGION}:{ACCOUNT}"


class Iam:
    """IAM with one principal, who may do everything under some conditions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, account: Account) -> None:
        # What the adapter replaces, pytest puts back.
        monkeypatch.setattr(iam_actions, "request_tag_context", iam_actions.request_tag_context)
        monkeypatch.setattr(tagging, "resource_tags", tagging.resource_tags)
        _authorize_by_tags(account.simulated)
        self._monkeypatch = monkeypatch

    def may(self, conditions: dict[str, Any], arn: str, body: dict[str, Any] | None = None) -> bool:
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions}
        policies = [iam_evaluator.parse_policy_document({"Statement": [statement]})]
        caller = iam_evaluator.PrincipalInfo("arn:aws:iam::111122223333:user/any", "User", ACCOUNT, policies)
        self._monkeypatch.setattr(iam_evaluator, "resolve_principal", lambda *_: caller)
        action = "bedrock:TagResource"
        context = iam_actions.request_tag_context("bedrock", action, json.dumps(body or {}).encode(), {})
        found = iam_evaluator.enforce("any", action, "bedrock", REGION, resource_arn=arn, service_context=context)
        return found is None


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch, account: Account) -> Iam:
    return Iam(monkeypatch, account)


def test_the_tags_of_a_thing_are_those_that_it_has_now(iam: Iam, account: Account) -> None:
    mine = {"StringEquals": {"aws:ResourceTag/whose": "mine"}}
    arn = account.create_job(jobTags=[MINE])
    assert iam.may(mine, arn)
    account.bedrock.tag_resource(resourceARN=arn, tags=[THEIRS])
    assert not iam.may(mine, arn)
    account.bedrock.untag_resource(resourceARN=arn, tagKeys=["whose"])
    assert not iam.may(mine, arn)


def test_a_tag_that_is_not_there_is_null(iam: Iam, account: Account) -> None:
    nobodys = {"Null": {"aws:ResourceTag/whose": "true"}}
    assert not iam.may(nobodys, account.create_job(jobTags=[MINE]))
    assert iam.may(nobodys, account.create_job("other"))
    assert iam.may(nobodys, f"{OWN}:custom-model/new")


@pytest.mark.parametrize("member", ["tags", "jobTags", "customModelTags"])
def test_the_tags_of_a_request_are_those_that_it_gives(iam: Iam, member: str) -> None:
    mine = {"StringEquals": {"aws:RequestTag/whose": "mine"}}
    arn = f"{OWN}:custom-model/any"
    assert iam.may(mine, arn, {member: [MINE]})
    assert not iam.may(mine, arn, {member: [THEIRS]})
    assert not iam.may(mine, arn)


def test_keys_that_are_given_or_taken_away_are_told() -> None:
    assert request_tags(json.dumps({"tags": [MINE]}).encode())["aws:TagKeys"] == ["whose"]
    assert request_tags(json.dumps({"resourceARN": "any", "tagKeys": ["whose"]}).encode())["aws:TagKeys"] == ["whose"]


@pytest.mark.parametrize(
    ("path", "body", "made"),
    [
        ("/model-customization-jobs", {"jobTags": [MINE]}, ["model-customization-job", "custom-model"]),
        ("/provisioned-model-throughput", {"tags": [MINE]}, ["provisioned-model"]),
        ("/model-customization/custom-model-deployments", {"tags": [MINE]}, ["custom-model-deployment"]),
        ("/provisioned-model-throughput", {}, []),
        ("/tagResource", {"resourceARN": "any", "tags": [MINE]}, []),
    ],
)
def test_a_create_with_tags_takes_the_right_to_tag_what_it_makes(
    path: str, body: dict[str, Any], made: list[str]
) -> None:
    found = tagged_at_creation("bedrock", "POST", path, json.dumps(body).encode(), REGION, ACCOUNT)
    assert found == [f"{OWN}:{kind}/new" for kind in made]
