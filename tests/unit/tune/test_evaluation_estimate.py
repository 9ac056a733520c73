"""`tune evaluate --estimate`: what a run would reckon, before anything is deployed and without a question."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from bedrock_lifecycle.contract.evaluation_store import answers_key, questions_index_key, summary_key
from bedrock_lifecycle.evaluation.asking.counter import LedgerCounter
from bedrock_lifecycle.evaluation.questions.conversation import conversation
from bedrock_lifecycle.evaluation.questions.estimate import input_tokens
from bedrock_lifecycle.evaluation.stored.records import Index, Shard
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.support.messages import says
from tests.support.s3_service import BUCKET, S3Service, s3_client
from tests.unit.evaluation.test_preparing import Quotas
from tests.unit.settings.evaluation_files import EVALUATION, STRONGER, written
from tests.unit.tune.dataset.data import SECRET
from tests.unit.tune.dataset.data import conversation as record
from tests.unit.tune.dataset.data import write as write_data
from tests.unit.tune.recorded import denied
from tune import cli
from tune.account.clients import WrongCredentials
from tune.account.evaluation_place import EvaluationPlace
from tune.evaluation.estimate import Estimate
from tune.evaluation.estimating import _plan, estimate
from tune.terminal.environments import DeployTarget, find

RECORDS: Final = 300
CODE: Final = "L-00FF3314"
STRONGER_TOO: Final = ("evaluation.compare_with", ["base", STRONGER])
PUSHED: Final = ("data", {"train": {"sha256": "a" * 64}, "test": {"sha256": "b" * 64}})
WORDS: Final = sum(
    input_tokens(conversation(json.dumps(record(number)).encode(), None).question(1)) for number in range(RECORDS)
)


def target(folder: Path, *changes: tuple[str, object]) -> DeployTarget:
    (folder / "dev").mkdir(exist_ok=True)
    write_data(folder / "dev" / "test.jsonl", *map(record, range(RECORDS)))
    path = written(folder, *changes)
    if ("data.test", {"path": "test.jsonl"}) not in changes and PUSHED not in changes:
        write_data(path.parent / "test.jsonl", *map(record, range(RECORDS)))
    return find(folder, "dev", "docstrings")


@dataclass
class InAccount:
    """An account whose Foundation can evaluate."""

    dynamodb: DynamoDBService = field(default_factory=DynamoDBService)
    s3: Any = field(default_factory=lambda: s3_client(S3Service()))
    quotas: Quotas = field(default_factory=lambda: Quotas({}))

    def __call__(self, service: str) -> Any:
        its: dict[str, Any] = {"s3": self.s3, "dynamodb": self.dynamodb.client, "service-quotas": self.quotas}
        return its.get(service)

    def put(self, key: str, body: bytes = b"{}") -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> InAccount:
    monkeypatch.setattr("tune.evaluation.estimating.find_place", lambda *_: EvaluationPlace(TABLE, BUCKET))
    return InAccount()


def asked(its: Estimate) -> dict[str, tuple[int, int, float | None]]:
    return {each.target: (each.asked.left, each.tokens, each.asked.a_minute) for each in its.targets if each.asked}


def test_without_aws_a_first_run_is_estimated(tmp_path: Path) -> None:
    found = estimate(target(tmp_path), None, "nobody has signed in")
    whole = WORDS + RECORDS * 256
    assert asked(found) == {"tuned": (RECORDS, whole, 500), "base": (RECORDS, whole, None)}
    assert (found.tokens, found.max_tokens, found.refusal) == (2 * whole, 3_000_000, "")
    assert says(" ".join(found.notes), "nobody has signed in")


def test_where_the_tuned_model_is_asked_alone_nobody_else_is_paid_for(tmp_path: Path) -> None:
    found = estimate(target(tmp_path, ("evaluation.compare_with", [])), None, "any")
    assert asked(found) == {"tuned": (RECORDS, WORDS + RECORDS * 256, 500)}
    assert found.tokens == WORDS + RECORDS * 256


def test_what_is_answered_is_not_asked_again_and_quotas_that_are_named_are_read(
    tmp_path: Path, account: InAccount
) -> None:
    its = target(tmp_path, STRONGER_TOO, ("evaluation.quota_codes", {STRONGER: CODE}))
    account.quotas.values[CODE] = 40
    plan = _plan(its.settings[0])
    tuned, base, stronger = plan.targets
    assert (tuned.name, stronger.name) == ("tuned", STRONGER)
    for shard, parts in ((0, 5), (1, 1)):
        for part in range(parts):
            account.put(answers_key(plan.answers_id(base), shard, part))
    account.put(answers_key(plan.answers_id(tuned), 0, 0))
    LedgerCounter(account.dynamodb.client, TABLE, plan.id, plan.max_tokens).reserve(1_000)
    found = estimate(its, account)
    assert {name: (left, rate) for name, (left, _, rate) in asked(found).items()} == {
        "tuned": (RECORDS - 50, 500),
        "base": (0, None),
        STRONGER: (RECORDS, 10),
    }
    assert found.counted == 1_000
    assert found.notes == ()


def test_what_is_complete_asks_nobody(tmp_path: Path, account: InAccount) -> None:
    its = target(tmp_path)
    account.put(summary_key(_plan(its.settings[0]).id))
    assert estimate(its, account).is_complete


def test_questions_that_are_written_are_not_read_again(tmp_path: Path, account: InAccount) -> None:
    its = target(tmp_path, PUSHED)
    plan = _plan(its.settings[0])
    account.put(
        questions_index_key(plan.questions.id), Index(shards=(Shard(records=7, parts=1, tokens=70),)).to_json().encode()
    )
    assert asked(estimate(its, account))["tuned"] == (7, 70 + 7 * 256, 500)


@pytest.mark.parametrize(("records", "is_told"), [(99_999, False), (100_000, True)])
def test_a_group_that_takes_longer_than_all_others_is_told(
    tmp_path: Path, account: InAccount, records: int, *, is_told: bool
) -> None:
    its = target(tmp_path, PUSHED, ("evaluation.max_tokens", 10**9))
    plan = _plan(its.settings[0])
    shards = (Shard(records=250, parts=1, tokens=1), Shard(records=records, parts=400, tokens=1))
    account.put(questions_index_key(plan.questions.id), Index(shards=shards).to_json().encode())
    notes = " ".join(estimate(its, account).notes)
    assert says(notes, f"{records:,}", "group_by") is is_told


def test_pushed_data_are_read_where_a_run_would_read_them(tmp_path: Path, account: InAccount) -> None:
    its = target(tmp_path, PUSHED)
    found = estimate(its, account)
    assert found.asked == []
    assert says(found.refusal, "cannot be read", "push the file")
    alone = estimate(its, None, "any")
    assert alone.asked == []
    assert says(" ".join(alone.notes), "in no file of this machine")


def test_a_judge_is_reckoned_with_its_rubric(tmp_path: Path) -> None:
    judge = {"model": STRONGER, "rubric": "rubric.md", "records": 50}
    found = estimate(target(tmp_path, ("evaluation", {**EVALUATION, "judge": judge})), None, "any")
    assert found.judge == STRONGER
    assert found.judge_tokens > 50 * 2 * 3 * 256


def test_a_bound_that_does_not_suffice_is_a_refusal(tmp_path: Path) -> None:
    found = estimate(target(tmp_path, ("evaluation.max_tokens", 100_000)), None, "any")
    assert says(found.refusal, "max_tokens", "100,000", "is too little")


def test_who_may_not_look_gets_an_estimate_of_a_first_run(
    tmp_path: Path, account: InAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise denied("cloudformation:GetTemplate", "any")

    monkeypatch.setattr("tune.evaluation.estimating.find_place", refuse)
    found = estimate(target(tmp_path), account)
    assert asked(found)["tuned"][0] == RECORDS
    assert says(" ".join(found.notes), "cloudformation:GetTemplate")


def test_before_foundation_is_deployed_quotas_are_read_all_the_same(
    tmp_path: Path, account: InAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tune.evaluation.estimating.find_place", lambda *_: None)
    account.quotas.values[CODE] = 40
    found = estimate(target(tmp_path, STRONGER_TOO, ("evaluation.quota_codes", {STRONGER: CODE})), account)
    assert asked(found)[STRONGER][2] == 10
    assert says(" ".join(found.notes), "Foundation")


# --- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    def no_credentials(*_: Any) -> None:
        raise WrongCredentials("there are no AWS credentials")

    def deploys(*_: Any) -> None:
        raise AssertionError("an estimate deploys nothing")

    monkeypatch.setattr("tune.account.clients.clients", no_credentials)
    monkeypatch.setattr("tune.deployment.cdk_cli.CdkCli.run", deploys)

    def run(*options: str, changes: tuple[tuple[str, object], ...] = ()) -> Result:
        target(tmp_path, *changes)
        line = ["evaluate", "dev", "docstrings", "--environments", str(tmp_path), "--estimate", *options]
        return CliRunner().invoke(cli.app, line)

    return run


def test_it_tells_who_is_asked_how_much_and_how_long_and_no_word_of_the_data(run: Callable[..., Result]) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert says(result.stdout, "tuned", "at most 300 questions", "500 a minute")
    assert says(result.stdout, "base", "amazon.nova-micro-v1:0", "no known quota", "120 a minute at first")
    assert says(result.stdout, "tokens in all", "3,000,000")
    assert says(result.stdout, "not known", "quota for base")
    assert says(result.stdout, "there are no AWS credentials")
    assert SECRET not in result.output


def test_json_of_an_estimate_is_one_document(run: Callable[..., Result]) -> None:
    told = json.loads(run("--json").stdout)
    its = told["estimate"]
    assert (told["environment"], told["model"], its["maxTokens"], its["refusal"]) == (
        "dev",
        "docstrings",
        3_000_000,
        None,
    )
    assert [(each["target"], each["questions"], each["perMinute"]) for each in its["targets"]] == [
        ("tuned", RECORDS, 500),
        ("base", RECORDS, None),
    ]
    assert its["secondsAtLeast"] is None


def test_an_estimate_of_what_would_be_refused_ends_with_1(run: Callable[..., Result]) -> None:
    result = run(changes=(("evaluation.max_tokens", 100_000),))
    assert result.exit_code == 1
    assert says(result.stdout, "would be refused", "max_tokens")


def test_an_estimate_takes_nothing_for_the_cdk_cli(run: Callable[..., Result]) -> None:
    result = run("--", "--require-approval", "never")
    assert result.exit_code == 2
    assert says(result.output, "--estimate", "leave out")
