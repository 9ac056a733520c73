"""`tune preflight` of a promotion asks everything for which its deploy would be refused, before anything is made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import promoted_model
from bedrock_lifecycle.decisions.actions import Refuse, Wait
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem
from sandbox.bedrock.lasting_faults import LegacyFault
from tests.support.environment import NOVA, NOVA_REGION, Account, Wanted
from tests.support.messages import says
from tests.unit.decisions.promotion_examples import PROMOTION, promoted
from tests.unit.tune.planning import PROD, Aws, place_of, templates
from tests.unit.tune.test_plan_on_demand import FIRST, QUICK
from tune.plan.promotion import KIND
from tune.preflight.observe import PreflightObserver, PreflightResult, Subject
from tune.preflight.promoted import CHECKS, MAX_TAGS, findings

GIVEN: Final = FIRST.but(giver="dev")
OTHER: Final = "d" * 64


@pytest.fixture
def account() -> Account:
    """An account in which `dev` has trained a model, and nobody serves it yet."""
    account = Account(settings=QUICK, region=NOVA_REGION)
    account.deploy(GIVEN.given)
    return account


def looked_at(account: Account, wanted: Wanted = GIVEN, **properties: Any) -> PreflightResult:
    """Look, and see that nothing was changed by it."""
    aws, wished = Aws(account), templates(wanted)
    for resource in wished.get(PROD.stack("Promotion", "faq"), {}).values():
        assert isinstance(resource.properties, dict)
        resource.properties.update(properties)
    looked = PreflightObserver(aws, place_of(account), {}).look(PROD, wished)
    assert aws.changes == []
    return looked


def promotion(looked: PreflightResult) -> Subject:
    (found,) = (each for each in looked.subjects if each.kind == KIND)
    return found


def problems(looked: PreflightResult) -> dict[str, str]:
    """Return what stands in the way of the promotion, by the check that says it."""
    return {each.id: each.verdict.text for each in promotion(looked).findings if isinstance(each.verdict, Problem)}


def arn(account: Account) -> str:
    return str(account.lifecycle.client.get_custom_model(modelIdentifier=GIVEN.training_name)["modelArn"])


def tag(account: Account, **tags: str) -> None:
    its: Any = [{"key": key, "value": value} for key, value in tags.items()]
    account.lifecycle.client.tag_resource(resourceARN=arn(account), tags=its)


def test_nothing_stands_in_the_way_of_a_first_promotion(account: Account) -> None:
    looked = looked_at(account)
    assert looked.problems == 0
    found = promotion(looked)
    assert found.name == GIVEN.training_name
    assert all(isinstance(each.verdict, Passed) for each in found.findings)
    assert {each.id for each in found.findings} == {"base-model", "key", *(each.id for each in CHECKS)}
    assert {each.kind for each in looked.subjects} == {KIND, "custom model deployment"}
    assert account.deploy(GIVEN) == "CREATE_COMPLETE"


def test_a_promotion_that_stands_is_not_looked_at(account: Account) -> None:
    account.deploy(GIVEN)
    account.lifecycle.world.disabled_keys.add(GIVEN.key_arn)
    (found,) = promotion(looked_at(account)).findings
    assert isinstance(found.verdict, NotNeeded)


def untrained(account: Account) -> None:
    account.lifecycle.client.delete_custom_model(modelIdentifier=GIVEN.training_name)
    account.lifecycle.pass_time(timedelta(hours=1))


def untagged(account: Account) -> None:
    account.lifecycle.client.untag_resource(resourceARN=arn(account), tagKeys=[contract.TAG_FOUNDATION])


def not_passed(account: Account) -> None:
    tag(account, **{contract.TAG_BAKE: "failed"})


def without_key(account: Account) -> None:
    account.lifecycle.world.disabled_keys.add(GIVEN.key_arn)


def full_of_tags(account: Account) -> None:
    tag(account, **{f"team-{number}": "any" for number in range(MAX_TAGS - len(account.region.tags[arn(account)]))})


@pytest.mark.parametrize(
    ("check", "prepare", "said"),
    [
        ("training", untrained, (GIVEN.training_name, "tune promote dev")),
        ("origin", untagged, (contract.TAG_FOUNDATION, "deploy dev")),
        ("passed", not_passed, (contract.TAG_BAKE, "failed", "promote another")),
        ("key", without_key, (GIVEN.key_arn, "aws kms enable-key")),
        ("hold", full_of_tags, (GIVEN.training_name, str(MAX_TAGS), "aws bedrock untag-resource")),
    ],
)
def test_what_the_deploy_would_be_refused_for_is_told(
    account: Account, check: str, prepare: Callable[[Account], None], said: tuple[str, ...]
) -> None:
    prepare(account)
    found = problems(looked_at(account))
    assert found.keys() == {check}
    assert says(found[check], *said)
    assert "ROLLBACK" in account.deploy(GIVEN)


def test_another_digest_is_told(account: Account) -> None:
    found = problems(looked_at(account, TrainSha256=OTHER))
    assert found.keys() == {"inputs"}
    assert says(found["inputs"], OTHER, "promote again")


def test_a_training_that_goes_on_is_told_and_nothing_is_said_of_a_model(account: Account) -> None:
    other = GIVEN.but(hyper_parameters={"epochCount": "5"})
    account.lifecycle.put(f"train/{other.sha256}.jsonl", other.data)
    account.cloudformation.deploy(other.given.stack("Training"), {"Job": other.given.training()["Job"]})
    looked = looked_at(account, other)
    assert problems(looked).keys() == {"training"}
    verdicts = {each.id: each.verdict for each in promotion(looked).findings}
    assert {each for each, its in verdicts.items() if isinstance(its, NotNeeded)} == {
        "origin",
        "inputs",
        "passed",
        "hold",
    }


@pytest.mark.parametrize("buys", [True, False])
def test_a_legacy_base_model_stops_what_would_be_bought(account: Account, buys: bool) -> None:
    account.lifecycle.simulated.faults.add(LegacyFault(model=NOVA, has_turned=True))
    wanted = GIVEN.but(on_demand=False, model_units=1) if buys else GIVEN
    assert set(problems(looked_at(account, wanted))) == ({"base-model"} if buys else set())


def test_a_model_that_is_held_already_needs_no_room_for_another_tag(account: Account) -> None:
    tag(account, **{contract.hold_tag("prod"): "2026-01-01T00:00:00Z"})
    full_of_tags(account)
    assert problems(looked_at(account)) == {}


def test_a_model_that_is_not_seen_yet_is_not_checked_and_stops_nothing() -> None:
    facts = promoted(model=None, model_may_appear=True)
    (found,) = (each for each in findings(facts) if each.id == "training")
    assert not isinstance(found.verdict, Problem | Passed)


def test_whatever_the_lifecycle_refuses_or_waits_for_is_asked() -> None:
    """A row that is added to the decisions of a promotion is asked here too."""
    asked = 0
    for example in PROMOTION:
        facts = example.facts
        if facts.event == "Delete" or facts.rolling_back:
            continue
        row = next(row for row in promoted_model.ROWS if row.when(facts))
        if isinstance(row.then(facts), Refuse | Wait):
            asked += 1
            assert not all(isinstance(each.verdict, Passed) for each in findings(facts)), row.id
    assert asked > 5
