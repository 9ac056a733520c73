"""What an environment has trained and another one serves: nothing here deletes it, and what is gone is told there."""

from pathlib import Path
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from settings.app import DEFAULT_APP
from tests.support.environment import Account, Wanted
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.tune.aws_stand_in import ref
from tests.unit.tune.planning import PLACE, PROD, Aws, templates
from tests.unit.tune.recorded import denied
from tests.unit.tune.scenarios import WANTED, Furnished, Scenario, playing
from tune.account.stacks import with_stacks
from tune.plan.environment import Plan, Planner
from tune.plan.promotion import KIND
from tune.status.facts import Status
from tune.status.json_document import document
from tune.status.observe import StatusObserver
from tune.status.text import lines

# `prod` trains here, and `live` serves what it has trained.
LIVE: Final = ref("live", "faq", account=PROD.account)


def trained(epochs: int, **changes: Any) -> Wanted:
    return WANTED.but(hyper_parameters={"epochCount": str(epochs)}, keep_models=1, **changes)


def taken(wanted: Wanted) -> Wanted:
    return wanted.but(environment="live", giver="prod", keep_models=None)


@pytest.fixture
def account() -> Account:
    """An account in which `prod` has moved on from the model that `live` serves."""
    account = Account(settings=quick())
    account.cloudformation.deploy(PROD.foundation, {})
    assert account.deploy(trained(1)) == "CREATE_COMPLETE"
    assert account.deploy(taken(trained(1))) == "CREATE_COMPLETE"
    for epochs in (2, 3, 4):
        assert account.deploy(trained(epochs)) == "UPDATE_COMPLETE"
    return account


def models(account: Account) -> set[str]:
    return {model.name for model in account.region.models.values()}


def model_of(account: Account, wanted: Wanted) -> str:
    (arn,) = (model.arn for model in account.region.models.values() if model.name == wanted.training_name)
    return arn


def command(account: Account, folder: Path, *line: str) -> tuple[int, str]:
    """Run a command about the environment that has trained it."""
    scenario = Scenario(line[0], line, lambda: Furnished(account, deployment=False))
    with playing(scenario, folder) as run:
        result, _ = run()
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result.exit_code, result.output


def plan_of(account: Account) -> Plan:
    return Planner(Aws(account), PLACE, DEFAULT_APP).environment(LIVE, templates(taken(trained(1))))


def status_of(account: Account, aws: Any = None) -> Status:
    found = aws or Aws(account)
    return StatusObserver(found, with_stacks(LIVE, found("cloudformation"))).look()


def promoted(text: list[str]) -> str:
    (line,) = (line for line in text if line.startswith("Promoted model"))
    return line


def test_keep_models_retires_what_nobody_holds_and_nothing_else(account: Account) -> None:
    # The one of the deployment before stays for a rollback.
    assert models(account) == {trained(each).training_name for each in (1, 3, 4)}
    assert account.served_model(taken(trained(1))) == trained(1).training_name


def test_destroy_all_deletes_no_model_names_who_holds_it_and_gives_no_command_that_would(
    account: Account, tmp_path: Path
) -> None:
    before = models(account)
    code, output = command(account, tmp_path, "destroy", "prod", "--all", "--yes")
    assert code == 0, output
    assert account.cloudformation.stack(PROD.foundation) is None
    assert models(account) == before
    (line,) = (line for line in output.splitlines() if trained(1).training_name in line and "Custom model" in line)
    assert says(line, "held by live")
    assert f"--model-identifier {trained(1).training_name}" not in output
    assert f"--model-identifier {trained(4).training_name}" in output
    # Without its key what live serves is unreadable.
    assert "schedule-key-deletion" not in output
    assert account.served_model(taken(trained(1))) == trained(1).training_name


def test_purge_removes_nothing_and_names_who_holds_it(account: Account, tmp_path: Path) -> None:
    command(account, tmp_path, "destroy", "prod", "--all", "--yes")
    before = models(account)
    code, output = command(account, tmp_path, "purge", "prod", "faq", "--yes-remove", "faq")
    assert code == 2
    assert says(output, trained(1).training_name, "held by live", "tune destroy live"), output
    assert models(account) == before


def test_what_stands_is_told_where_it_is_served(account: Account) -> None:
    status = status_of(account)
    (found,) = status.promotions
    assert (found.name, found.giver, found.status, found.is_held) == (trained(1).training_name, "prod", "Active", True)
    assert [serving.model for serving in status.serving] == [trained(1).training_name]
    told = list(lines(status))
    assert says(promoted(told), trained(1).training_name, "prod", "Active", "held")
    assert not any(line.startswith("Training") for line in told)
    assert document(status)["promotions"] == [
        {
            "name": found.name,
            "from": "prod",
            "arn": model_of(account, trained(1)),
            "status": "Active",
            "held": True,
            "bake": None,
            "unseen": None,
        }
    ]
    (line,) = (each for each in plan_of(account).resources if each.kind == KIND)
    assert (line.name, line.drift) == (trained(1).training_name, ())


@pytest.mark.parametrize("found", [None, contract.FAILED, contract.PASSED])
def test_how_its_bake_went_where_it_was_trained_is_told_where_it_is_served(account: Account, found: str | None) -> None:
    account.region.tags[model_of(account, trained(1))] |= {contract.TAG_BAKE: found} if found else {}
    status = status_of(account)
    told = [line for line in lines(status) if "bake" in line]
    assert told == ([f"    bake of this model: {found}, in prod"] if found else [])
    assert document(status)["promotions"][0]["bake"] == found
    (line,) = (each for each in plan_of(account).resources if each.kind == KIND)
    assert line.observed == (f"Active, held, bake: {found}" if found else "Active, held")


def test_a_model_that_somebody_deletes_by_hand_is_found_by_plan_and_status_where_it_is_served(
    account: Account,
) -> None:
    # Whether Bedrock refuses to delete a model that is served is documented for distilled models alone.
    del account.region.models[model_of(account, trained(1))]
    plan = plan_of(account)
    (line,) = (each for each in plan.resources if each.kind == KIND)
    assert (line.name, line.observed, line.event) == (trained(1).training_name, "none", None)
    assert says(line.drift[0].reason, trained(1).training_name, "deleted", "tune promote prod")
    assert plan.has_drift
    status = status_of(account)
    (found,) = status.promotions
    assert found.is_gone
    assert says(promoted(list(lines(status))), trained(1).training_name, "deleted", "tune promote prod")
    assert document(status)["promotions"][0]["status"] is None


def test_a_hold_that_is_gone_is_told_with_what_sets_it_again(account: Account) -> None:
    del account.region.tags[model_of(account, trained(1))][contract.hold_tag("live")]
    (found,) = status_of(account).promotions
    assert not found.is_held
    assert says(promoted(list(lines(status_of(account)))), "not held", "reconcile", "deploy")


def test_without_the_right_to_read_the_template_it_is_said_that_it_was_not_looked_at(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = Aws(account)

    def refuse(**_: str) -> None:
        raise denied("cloudformation:GetTemplate", "any")

    monkeypatch.setattr(aws.views, "get_template", refuse)
    status = status_of(account, aws)
    (found,) = status.promotions
    assert not found.is_gone
    assert says(promoted(list(lines(status))), LIVE.stack("Promotion", "faq"), "could not be read")
    assert document(status)["promotions"][0]["unseen"] == found.unseen


def test_a_plan_gives_no_command_for_the_key_without_which_it_is_unreadable(account: Account) -> None:
    account.destroy(trained(4))
    account.cloudformation.delete(PROD.foundation)
    plan = Planner(Furnished(account, deployment=False), PLACE, DEFAULT_APP).existing(PROD)
    (bucket, key) = plan.stores
    assert (bucket.stored.kind, bool(bucket.command)) == ("bucket", True)
    assert (key.stored.kind, key.command) == ("key", "")
    assert says(str(key.stored.item), "live")
    account.destroy(taken(trained(1)))
    plan = Planner(Furnished(account, deployment=False), PLACE, DEFAULT_APP).existing(PROD)
    assert all(store.command for store in plan.stores)


def test_a_hold_that_outlives_its_environment_is_named_by_purge_with_what_removes_it(
    account: Account, tmp_path: Path
) -> None:
    # The throughput of `live` still served it when the hold could have been released.
    account.cloudformation.delete(taken(trained(1)).stack("Promotion"))
    account.cloudformation.delete(taken(trained(1)).stack("Serving"))
    command(account, tmp_path, "destroy", "prod", "--all", "--yes")
    arn, tag = model_of(account, trained(1)), contract.hold_tag("live")
    code, output = command(account, tmp_path, "purge", "prod", "faq", "--yes-remove", "faq")
    assert code == 2
    assert f"aws bedrock untag-resource --resource-arn {arn} --tag-keys {tag}" in " ".join(output.split())
    del account.region.tags[arn][tag]
    code, output = command(account, tmp_path, "purge", "prod", "faq", "--yes-remove", "faq")
    assert code == 0, output
    assert models(account) == set()
