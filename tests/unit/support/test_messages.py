"""Every family of messages: each is one line, names what it is about, and says what to do."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from bedrock_lifecycle.dataset.rules.records import check
from bedrock_lifecycle.decisions.actions import Refuse
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.preflight import tables
from bedrock_lifecycle.preflight.checks import asked_model, customized
from bedrock_lifecycle.preflight.facts import Customized, KeyFacts, Known, ModelAvailability, Permission
from bedrock_lifecycle.preflight.report import Problem, run
from tests.conftest import ROOT
from tests.support.messages import says
from tests.unit.dataset_rules.corpus.every_case import CASES
from tests.unit.decisions.decision_examples import TABLES
from tests.unit.preflight import facts
from tests.unit.preflight.trusting import ROLE
from tests.unit.settings import test_load_model, test_organization
from tests.unit.settings.settings_files import changed, problems_of, write
from tune.account.clients import WrongCredentials, check_account
from tune.dataset.files import Unusable
from tune.dataset.output import allowed_mode, written
from tune.dataset.shares import Shares
from tune.terminal.environments import DeployTarget, UnknownEnvironment, find

# Imperatives with which a clause begins.
_VERBS: Final = (
    "add|allow|ask|bring|cancel|change|check|choose|copy|correct|count|create|delete|deploy|"
    "edit|enable|fix|get|give|increase|keep|leave|let|mend|name|pin|promote|push|put|raise|reduce|"
    "remove|rename|repeat|replace|request|retry|run|save|see|select|serve|set|shorten|specify|"
    "start|switch|take|try|turn|upload|use|wait|write"
)
_REMEDY: Final = re.compile(rf"(?:[:;,(] |\b(?:or|and|then|again) )(?:{_VERBS})\b|did you mean ")

# What has no remedy on purpose, and why.
_NOTHING_TO_DO: Final = "a warning about what is not established asks for nothing"
_BOUND: Final = "it names the bound that the record is beyond"
WITHOUT_REMEDY: Final = {
    "decision throughput-replaces-committed": "until the end of the term there is nothing to do",
    "tune no model": "it names the models that there are",
    "rule unicode": "it names what is no character",
    **{f"rule {text}-length": _BOUND for text in ("input", "output", "record", "line")},
    **{f"rule {text}-length-cautious": _BOUND for text in ("input", "output", "record")},
    **{f"rule {rule}": _NOTHING_TO_DO for rule in ("other-key", "schema-version-missing", "empty-prompt")},
}


@dataclass(frozen=True)
class Message:
    """A message, as it is produced, and the values that it must name."""

    id: str
    say: Callable[[Path], str]
    values: tuple[object, ...]
    allows: bool = False
    """Whether what must be so is remedy enough, as in a rule about a record."""


def just(text: str) -> Callable[[Path], str]:
    return lambda _: text


def refusals() -> Iterator[Message]:
    """Yield what each row that refuses says: of the training, of what serves, or of the model that is given."""
    for rows, examples in TABLES.values():
        for example in examples:
            action = decide(rows, example.facts)
            if isinstance(action, Refuse):
                names = ("name", "training_name", "given_model", "evaluation")
                its = [getattr(example.facts, each, "") for each in names]
                its += [getattr(getattr(example.facts, "gate", None), "evaluation", "")]
                cut_off = getattr(example.facts, "cut_off", None)
                named = [each for each in (*its, cut_off and cut_off.name) if each and says(action.reason, each)]
                value = (*named, getattr(example.facts, "name", "no name"))[0]
                yield Message(f"decision {example.row}", just(action.reason), (value,))


BOTH: Final = (facts.data_object(records=9_500), facts.data_object(use="validation", records=501))
# For each check the facts that it refuses, and what its message must name.
REFUSED: Final[dict[str, tuple[dict[str, Any], *tuple[object, ...]]]] = {
    "base-model": ({"base": replace(facts.BASE, found=Known(None))}, facts.BASE.id),
    "model-access": (
        {"access": Known(ModelAvailability("PENDING", "AUTHORIZED", "AVAILABLE", "AVAILABLE"))},
        facts.BASE.id,
        "PENDING",
    ),
    "scheduled-jobs": ({"jobs_quota": facts.quota(0, name="Scheduled customization jobs")}, "L-1"),
    "custom-models": ({"models_quota": facts.quota(0)}, "L-1"),
    "units-of-one": ({"units": facts.units(of_one=facts.quota(0))}, "L-1"),
    "units-without-commitment": ({"units": facts.units(without_commitment=facts.quota(0))}, "L-1"),
    "deployments": ({"deployments": facts.deployments(quota=facts.quota(0))}, "L-1"),
    "role-trust": ({"trust_policy": Known(None)}, ROLE),
    "role-reads-data": ({"reads_data": Known((Permission("s3:GetObject", "arn:one"),))}, "s3:GetObject"),
    "role-writes-metrics": ({"writes_metrics": Known((Permission("s3:PutObject", "arn:one"),))}, "s3:PutObject"),
    "role-uses-key": ({"uses_key": Known((Permission("kms:Decrypt", "arn:one"),))}, "kms:Decrypt"),
    "data": ({"data": (facts.data_object(exists=Known(value=False)),)}, "s3://bucket/train/one.jsonl"),
    "data-unchanged": ({"data": (facts.data_object(version=Known("v2")),)}, "v2"),
    "records": ({"data": BOTH}, "L-SUM"),
    "key": ({"key": Known(KeyFacts("Disabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"))}, facts.KEY_ARN),
    "name": ({"model_of_this_name": Known(value=True)}, "faq-prod-123-1"),
    "model-key": ({"model_key": facts.model_key(found=Known("arn:other"))}, "arn:other"),
}


def problems() -> Iterator[Message]:
    too_old = Customized(model="faq-prod-123-1", since=date(2025, 7, 16), created=Known(facts.NOW.replace(year=2024)))
    found = customized.late_enough(too_old)
    assert isinstance(found, Problem)
    yield Message("check customized-from", just(found.text), ("faq-prod-123-1", "2025-07-16"))
    asked = asked_model.all_answer((facts.asked_model(end_of_life=facts.NOW),), facts.NOW)
    bound = asked_model.fits(100, 100)
    for name, verdict, value in (("asked-models", asked, "any.model"), ("tokens", bound, "100")):
        assert isinstance(verdict, Problem)
        yield Message(f"check {name}", just(verdict.text), (value,))
    for check_id, (changes, *values) in REFUSED.items():
        if check_id == "model-key":
            report = run(tables.PURCHASE, facts.purchase(**changes))
        else:
            report = run(tables.TRAINING, facts.training(**changes))
        (verdict,) = (each.verdict for each in report.findings if each.id == check_id)
        assert isinstance(verdict, Problem), verdict
        yield Message(f"check {check_id}", just(verdict.text), tuple(values))


def settings() -> Iterator[Message]:
    """Yield what is said of each wrong value in a settings file."""
    wrong = (*test_load_model.WRONG, *((f"organization.{key}", *its) for key, *its in test_organization.WRONG))
    for number, (key, value, named) in enumerate(wrong):
        place = {"name": "file name"}.get(key, key)

        def say(folder: Path, key: str = key, value: object = value, place: str = place) -> str:
            return f"{place}: {problems_of(write(folder, changed((key, value))))[place]}"

        yield Message(f"settings {key} {number}", say, (place, named[0]))


def findings() -> Iterator[Message]:
    """Yield the first finding of each rule about the records and the bytes of one file."""
    first = {each.rule: each for case in CASES.values() for each in reversed(check([case.data], case.limits).findings)}
    for rule, finding in first.items():
        yield Message(f"rule {rule}", just(finding.describe("train.jsonl")), ("train.jsonl",), allows=True)


def refused_by(do: Callable[[Path], object]) -> Callable[[Path], str]:
    def say(folder: Path) -> str:
        with pytest.raises((Unusable, ValueError, UnknownEnvironment, WrongCredentials)) as refusal:
            do(folder)
        return str(refusal.value)

    return say


def write_over(there: str) -> Callable[[Path], object]:
    def do(folder: Path) -> None:
        (folder / "old.jsonl").write_text("old")
        (folder / "source.jsonl").write_text("source")
        with written(folder / there, source=folder / "source.jsonl", force=False):
            pass

    return do


def dev() -> DeployTarget:
    return find(ROOT / "environments", "dev")


class OtherAccount:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "999999999999"}


def of_the_command() -> Iterator[Message]:
    """Yield what `tune` says of wrong usage."""
    told: dict[str, tuple[Callable[[Path], object], object]] = {
        "output exists": (write_over("old.jsonl"), "old.jsonl"),
        "output is the source": (write_over("source.jsonl"), "source.jsonl"),
        "output is a folder": (write_over("."), "regular"),
        "no source": (lambda its: allowed_mode(its / "a", source=its / "none.jsonl", force=False), "none.jsonl"),
        "no share": (lambda _: Shares.read(validation="many", test="1%"), "'many'"),
        "other account": (lambda _: check_account(lambda _: OtherAccount(), dev()), "999999999999"),
        "no environment": (lambda _: find(ROOT / "environments", "lokal"), "'lokal'"),
        "no model": (lambda _: find(ROOT / "environments", "dev", "doc"), "'doc'"),
    }
    for name, (do, value) in told.items():
        yield Message(f"tune {name}", refused_by(do), (value,))


MESSAGES: Final = [*refusals(), *problems(), *settings(), *findings(), *of_the_command()]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.id)
def test_a_message_is_one_line_that_names_its_value_and_says_what_to_do(message: Message, tmp_path: Path) -> None:
    text = message.say(tmp_path)
    assert len(text.splitlines()) == 1
    assert [value for value in message.values if not says(text, value)] == []
    has_remedy = bool(_REMEDY.search(text)) or (message.allows and says(text, "must"))
    assert has_remedy is (message.id not in WITHOUT_REMEDY), text


def test_every_row_that_refuses_every_check_and_every_rule_of_a_record_is_among_them() -> None:
    ids = {message.id for message in MESSAGES}
    every = (tables.TRAINING, tables.PURCHASE, tables.DEPLOYMENT, tables.EVALUATION)
    checks = {each.id for table in every for each in table}
    assert {f"check {each}" for each in checks} <= ids
    rules = {each.rule for case in CASES.values() for each in case.expected}
    assert {f"rule {each}" for each in rules} <= ids
    assert set(WITHOUT_REMEDY) <= ids
