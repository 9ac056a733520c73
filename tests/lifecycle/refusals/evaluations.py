"""Evaluations that are refused before anybody is asked, and models that no gate lets through."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bedrock_lifecycle.contract.evaluation_store import summary_key
from settings import SettingsError, load_model
from tests.lifecycle.refusals.measured import Measured, Row, deployed
from tests.support.environment import NOVA, NOVA_RECORDS, NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.quick import quick

GATED: Final = Wanted(
    rungs=1, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None, evaluates=True, gated=True
)
_BOUGHT: Final = GATED.but(on_demand=False, model_units=1)
_TRAINED: Final = GATED.but(evaluates=False, on_demand=False)
_ID: Final = GATED.evaluation_inputs.id
_BASE: Final = GATED.compared_with["base"]
_STRONGER: Final = "amazon.nova-pro-v1:0"
_ENVIRONMENT: Final = """
account = "111122223333"
region = "us-east-1"
allow.evaluate_with = ["base"]
"""
_MODEL: Final = """
[training]
base_model = "{base_model}"

[training.hyper_parameters]
epochCount = 2

[data]
train = {{ path = "../train.jsonl" }}
{test}
{tables}
[serving.on_demand]
"""
_TEST: Final = 'test = { path = "../train.jsonl" }'
_GATE: Final = '[gate]\nrequire = [{ measure = "rouge_l", at_least = 0.75 }]\n'
_GIVEN: Final = """
[evaluation]
max_output_tokens = 100
max_tokens = 1000000
metrics = [{ name = "exact_match" }]
sha256 = "%s"

[serving]
base_model = "%s"
model_arn = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"

[serving.on_demand]
"""


def _evaluation(more: str = "") -> str:
    asked = 'max_output_tokens = 100\nmax_tokens = 1000000\nmetrics = [{ name = "exact_match" }]'
    return f"[evaluation]\n{asked}\n{more}\n"


def _settings(tables: str, test: str = _TEST) -> Callable[[], Measured]:
    """Return how to measure settings with these tables; what they ask for is deployed when they are not refused."""
    return _document(_MODEL.format(base_model=NOVA, test=test, tables=tables))


def _document(text: str) -> Callable[[], Measured]:
    def measure() -> Measured:
        account = Account(settings=quick(), region=NOVA_REGION)
        with tempfile.TemporaryDirectory() as folder:
            environment = Path(folder) / "prod"
            environment.mkdir()
            (Path(folder) / "train.jsonl").write_bytes(NOVA_RECORDS)
            (environment / "rubric.md").write_text("Prefer the shorter one.\n", encoding="utf-8")
            (environment / "environment.toml").write_text(_ENVIRONMENT, encoding="utf-8")
            (environment / "faq.toml").write_text(text, encoding="utf-8")
            try:
                load_model(Path(folder), "prod", "faq")
            except SettingsError as refused:
                return Measured("synth", 0, " ".join(str(refused).split()))
        return deployed(account, lambda: account.deploy(GATED))

    return measure


def _evaluated(prepare: Callable[[Account], object], wanted: Wanted = GATED) -> Callable[[], Measured]:
    """Return how to measure the Evaluation stack after a training that went well."""

    def measure() -> Measured:
        account = Account(settings=quick(), region=NOVA_REGION)
        account.deploy(_TRAINED)
        account.lifecycle.put(f"test/{wanted.evaluation_inputs.questions.test_sha256}.jsonl", wanted.test_data)
        prepare(account)
        return deployed(account, lambda: account.cloudformation.deploy(wanted.evaluation_stack, wanted.evaluation()))

    return measure


def _judged(truth: str, wanted: Wanted, stack: str = "Serving") -> Callable[[], Measured]:
    """Return how to measure a stack behind a gate, once the numbers are there."""

    def measure() -> Measured:
        account = Account(settings=quick(), region=NOVA_REGION)
        account.lifecycle.evaluations.truth[wanted.training_name] = truth
        account.deploy(wanted.but(gated=False, on_demand=False, model_units=None))
        if stack == "Evaluation":
            return deployed(
                account, lambda: account.cloudformation.deploy(wanted.evaluation_stack, wanted.evaluation())
            )
        return deployed(account, lambda: account.cloudformation.deploy(wanted.stack("Serving"), wanted.serving()))

    return measure


def _forgotten() -> Measured:
    """Serve what was evaluated, once its numbers are gone."""
    account = Account(settings=quick(), region=NOVA_REGION)
    account.deploy(GATED.but(on_demand=False))
    del account.lifecycle.world.objects[BUCKET, summary_key(_ID)]
    return deployed(account, lambda: account.cloudformation.deploy(GATED.stack("Serving"), GATED.serving()))


def _untrained() -> Measured:
    account = Account(settings=quick(), region=NOVA_REGION)
    return deployed(account, lambda: account.evaluate(GATED))


def _no_access(account: Account) -> None:
    account.lifecycle.simulated.handle_control("access", {"deny": [_BASE]})


def _no_deployments(account: Account) -> None:
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": 0}})


def _no_questions(account: Account) -> None:
    del account.lifecycle.world.objects[BUCKET, f"test/{GATED.evaluation_inputs.questions.test_sha256}.jsonl"]


def _bound_too_low(account: Account) -> None:
    account.lifecycle.evaluations.outcome = lambda _plan: "refused"


def _nothing(_account: Account) -> None:
    pass


ROWS: Final[tuple[Row, ...]] = (
    Row(
        "a model to compare with that the environment may not ask",
        "synth",
        _settings(_evaluation(f'compare_with = ["{_STRONGER}"]')),
        ("evaluation.compare_with", _STRONGER, "evaluate_with"),
        ("models that may be asked",),
    ),
    Row(
        "a judge that the environment may not ask",
        "synth",
        _settings(_evaluation(f'judge = {{ model = "{_STRONGER}", rubric = "rubric.md", records = 5 }}')),
        ("evaluation.judge.model", _STRONGER, "evaluate_with"),
        ("models that may be asked",),
    ),
    Row(
        "an evaluation without questions",
        "synth",
        _settings(_evaluation(), test=""),
        ("evaluation", "[data]", "test.jsonl"),
        ("evaluation",),
    ),
    Row(
        "an evaluation of a given model",
        "synth",
        _document(_GIVEN % ("3" * 64, NOVA)),
        ("evaluation", "serving.model_arn"),
        ("evaluation",),
    ),
    Row("a gate without an evaluation", "synth", _settings(_GATE), ("gate", "[evaluation]"), ("evaluation",)),
    Row(
        "a requirement that is not measured",
        "synth",
        _settings(_evaluation() + _GATE),
        ("gate.require[1]", "rouge_l"),
        ("gate",),
    ),
    Row(
        "a model to compare with that the account may not ask",
        "preflight",
        _evaluated(_no_access),
        (_BASE, "agreement NOT_AVAILABLE", "no request was sent"),
        ("asked-models",),
    ),
    Row(
        "a quota of deployments that is used up, at the evaluation",
        "preflight",
        _evaluated(_no_deployments),
        ("L-1EF80F3E", "0 deployments", "no request was sent"),
        ("deployments",),
    ),
    Row(
        "questions that are not there",
        "preflight",
        _evaluated(_no_questions),
        (f"s3://{BUCKET}/test/{GATED.evaluation_inputs.questions.test_sha256}.jsonl", "no request was sent"),
        ("data",),
    ),
    Row(
        "a bound of tokens without room for one answer",
        "preflight",
        _evaluated(_nothing, GATED.but(max_tokens=100)),
        ("raise `evaluation.max_tokens`", "no request was sent"),
        ("tokens",),
    ),
    Row(
        "a bound of tokens that is too low for all records",
        "run",
        _evaluated(_bound_too_low),
        (_ID, "no request was sent", "[evaluation]"),
        ("evaluation-await-refused",),
    ),
    Row(
        "an evaluation of a training that has no model",
        "decision",
        _untrained,
        (GATED.training_name, "deploy the Training stack", "no request was sent"),
        ("evaluation-no-model",),
    ),
    Row(
        "a model that has not passed its gate",
        "decision",
        _judged("failed", GATED, "Evaluation"),
        (_ID, "failed", "exact_match"),
        ("gate-not-passed",),
    ),
    *(
        Row(
            f"a model that has not passed its gate, {way} past it",
            "decision",
            _judged(truth, wanted),
            (_ID, truth, "exact_match"),
            (f"{kind}-not-passed",),
        )
        for way, kind, truth, wanted in (
            ("deployed", "deployment", "failed", GATED),
            ("bought", "throughput", "inconclusive", _BOUGHT),
        )
    ),
    Row(
        "a model whose exception is over",
        "decision",
        _judged("failed", GATED.but(accepted=True, accepted_until="2020-01-01")),
        (_ID, "failed", "2020-01-01"),
        ("deployment-not-passed",),
    ),
    Row(
        "a model whose numbers are not there",
        "decision",
        _forgotten,
        (_ID, "deploy the Evaluation stack"),
        ("deployment-not-passed",),
    ),
)
