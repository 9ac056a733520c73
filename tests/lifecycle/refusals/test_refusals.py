"""What `make refusals` shows holds, and each row is missed when its rule is taken away."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from bedrock_lifecycle.decisions import (
    custom_model_deployment,
    evaluation,
    evaluation_await,
    model_customization,
    promoted_model,
    provisioned_throughput,
    quality_gate,
)
from bedrock_lifecycle.preflight import tables
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.base_models.advice import BaseModelAdvice
from settings import evaluation_rules, load, rules
from tests.conftest import ROOT
from tests.lifecycle.refusals.measured import Row, creates
from tests.lifecycle.refusals.rows import ROWS, WANTED
from tests.support.environment import Account
from tests.support.messages import says
from tests.support.quick import quick
from tune.deployment import access
from tune.terminal.environments import DeployTarget

# What the project promises to refuse before it costs anything.
PROMISED: Final = {
    "a retired base model",
    "a legacy base model",
    "a wrong Region",
    "an unsupported hyper-parameter",
    "an unsupported serving mode",
    "a quota of zero model units",
    "too many scheduled jobs",
    "data that the role may not read",
    "data that was swapped after its check",
    "more records than the quota allows",
    "an unusable key",
    "an unassumable role",
    "a promotion in a folder without the giving environment",
    "a promotion from another account",
    "a promotion of a training that has not finished",
    "a promotion with another digest",
    "a promotion of what the giving environment's tag is not on",
    "a promotion to throughput of a model whose base model is legacy",
    "a promotion under an unusable key",
    "a promotion under a key that the roles may not use",
    "an application's account that is not named",
    "a promotion of a model that has failed its bake",
    "a commitment for a model that has passed no bake",
    "a model to compare with that the environment may not ask",
    "a judge that the environment may not ask",
    "a bound of tokens that is too low for all records",
    "a model that has not passed its gate",
    "a model that has not passed its gate, deployed past it",
    "a model that has not passed its gate, bought past it",
    "a taken name",
    "a taken name, of a job",
    "a taken name, at the purchase",
    "a taken name, at the deployment",
}


def no_refusal(*_: object) -> None:
    pass


def whatever(_profile: BaseModelProfile, values: Mapping[str, object], *_: str) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def somewhere(*_: object) -> tuple[dict[str, str], list[tuple[str, str]]]:
    return {"dev": "bedrock-tuning-dev-Foundation"}, []


def nothing_wrong(*_: object) -> tuple[tuple[str, str], ...]:
    return ()


def whatever_is_asked(target: DeployTarget, _account: str) -> DeployTarget:
    return target


AT_SYNTH: Final[dict[str, tuple[Any, str, Callable[..., Any]]]] = {
    "giving environment": (load, "giving_environments", somewhere),
    "giving environment's own key": (load, "key_that_may_not_be_used", nothing_wrong),
    "application": (access, "in_account", whatever_is_asked),
    "models that may be asked": (evaluation_rules, "_not_allowed", nothing_wrong),
    "evaluation": (rules, "broken_evaluation_rules", nothing_wrong),
    "gate": (load, "broken_gate_rules", nothing_wrong),
    "region": (BaseModelAdvice, "region", no_refusal),
    "serving mode": (BaseModelAdvice, "serving_mode", no_refusal),
    "hyper-parameters": (BaseModelProfile, "canonical_hyper_parameters", whatever),
}


DECISIONS: Final = (
    (promoted_model, "ROWS"),
    (model_customization, "ROWS"),
    (provisioned_throughput, "PRESENCE"),
    (custom_model_deployment, "PRESENCE"),
    (evaluation, "ROWS"),
    (evaluation_await, "ROWS"),
    (quality_gate, "ROWS"),
)


TABLES: Final = ("TRAINING", "PURCHASE", "DEPLOYMENT", "PROMOTION", "EVALUATION")


def every_row() -> set[str]:
    return {row.id for module, name in DECISIONS for row in getattr(module, name)}


def every_check() -> set[str]:
    return {check.id for name in TABLES for check in getattr(tables, name)}


def take_away(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    if rule in AT_SYNTH:
        monkeypatch.setattr(*AT_SYNTH[rule])
        return
    for module, name in DECISIONS:
        kept_rows = tuple(row for row in getattr(module, name) if row.id != rule)
        if len(kept_rows) < len(getattr(module, name)):
            monkeypatch.setattr(module, name, kept_rows)
            return
    assert rule in every_check()
    for table in TABLES:
        kept = tuple(check for check in getattr(tables, table) if check.id != rule)
        monkeypatch.setattr(tables, table, kept)


def _named(value: Row | str) -> str:
    return value.name if isinstance(value, Row) else value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_is_refused_where_it_costs_nothing_and_says_why(row: Row) -> None:
    measured = row.measure()
    assert measured.creates == 0
    assert measured.stopped == row.stop
    for said in row.said:
        assert says(measured.message, said)
    assert row.is_as_it_must_be(measured)


@pytest.mark.parametrize(("row", "rule"), [(row, rule) for row in ROWS for rule in row.rules], ids=_named)
def test_is_missed_when_its_rule_is_taken_away(monkeypatch: pytest.MonkeyPatch, row: Row, rule: str) -> None:
    take_away(monkeypatch, rule)
    assert not row.is_as_it_must_be(row.measure())


def test_every_promise_has_a_row_and_every_check_of_the_preflight_one_in_which_it_matters() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert set(names) >= PROMISED
    assert every_check() == {rule for row in ROWS for rule in row.rules} - AT_SYNTH.keys() - every_row()


def test_the_count_counts() -> None:
    account = Account(settings=quick())
    assert creates(account) == 0
    account.deploy(WANTED)
    assert creates(account) == 2


def test_the_command_shows_every_row_and_succeeds() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.lifecycle.refusals"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("✓") == len(ROWS)
    assert "✗" not in run.stdout
