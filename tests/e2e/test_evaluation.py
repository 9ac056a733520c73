"""Evaluations and gates: from a dataset to what serves, and nothing serves that was not good enough."""

import stat
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.evaluation.results.gate import Requirement, Verdict, judge
from bedrock_lifecycle.evaluation.results.numbers import difference
from bedrock_lifecycle.evaluation.stored.summary import Summary
from sandbox import cdk
from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e import synthesis
from tests.e2e.accesses import unlisted, unmade
from tests.e2e.account import Account
from tests.e2e.evaluated_model import (
    ANSWER,
    CANARIES,
    HAIKU,
    JUDGE,
    NOVA,
    PROMPT,
    QUOTA_CODES,
    RUBRIC,
    STRONGER,
    EvaluatedModel,
    answer,
    prompt,
    rights,
)
from tests.e2e.evaluations import Asked, Evaluations, numbers, numbers_kept, told
from tests.e2e.local_aws import MINUTES, RATE, bootstrapped
from tests.e2e.parameter_watch import ParameterWatch, always_answering
from tests.e2e.project import QUICK, Assembly, Project, Run
from tests.e2e.settings_file import NAME
from tests.support.messages import says
from tune.evaluation.estimating import estimate
from tune.evaluation.facts import EvaluationFacts, least_time
from tune.evaluation.observe import EvaluationObserver
from tune.terminal.environments import DeployTarget, find

pytestmark = pytest.mark.sandbox

_HOOK: Final = Path(__file__).resolve().parent / "kill_hook"
_NOVA_REGION: Final = "us-east-1"
_HAIKU_REGION: Final = "us-west-2"
_BY: Final = 0.05
_ASKED: Final = 100
# Where no quota is known one is asked every half a second at first.
_FEW: Final = 6
# How often the others are right: by far less than a good tuned model, and a little less than one at the threshold.
_BASE_RATE: Final = 0.4
_STRONGER_RATE: Final = 0.6
_FAST: Final = 1_000_000
# One for each state of the workflow that has an effect, and for the reconciler that starts it.
_KILLS: Final = (
    "StartExecution@evaluation_reconciler",
    "PutObject@evaluation_prepare",
    "UpdateItem@evaluation_candidate",
    "CreateCustomModelDeployment@evaluation_candidate",
    "Converse@evaluation_ask",
    "PutObject@evaluation_ask",
    # The first that only the end of a candidate does, and its end.
    "GetItem@evaluation_candidate",
    "DeleteCustomModelDeployment@evaluation_candidate",
    "Converse@evaluation_judge",
    "PutObject@evaluation_judge",
    "PutObject@evaluation_score",
    "PutObject@evaluation_reduce",
)


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kills are asked for."""
    return tmp_path_factory.mktemp("kills")


@pytest.fixture(scope="module")
def sandbox(kills: Path) -> Iterator[Sandbox]:
    """One in the Regions of both base models, with known answers, and quotas that nobody has to wait for."""
    environment = {"PYTHONPATH": str(_HOOK), "KILL_AFTER": str(kills)}
    options = Options(rate=RATE, minutes=MINUTES, quotas={"custom_model_units": 1}, environment=environment)
    with bootstrapped(options, _NOVA_REGION) as sandbox:
        cdk.bootstrap(sandbox, _HAIKU_REGION, variables=QUICK)
        sandbox.control("quotas", {"set": {f"requests_per_minute/{model}": _FAST for model in QUOTA_CODES}})
        rates = {NOVA: _BASE_RATE, HAIKU: _BASE_RATE, STRONGER: _STRONGER_RATE}
        sandbox.control("quality", {"rates": rates})
        yield sandbox


@dataclass(frozen=True)
class Version:
    """The environment as it stands in one commit; `tuned` is the name of the model, `id` of its evaluation."""

    assembly: Assembly
    target: DeployTarget
    tuned: str
    id: str


class Life:
    """One environment, whose versions have models of known quality."""

    def __init__(self, model: EvaluatedModel, project: Project, sandbox: Sandbox) -> None:
        self.account = Account(sandbox, model.environment, region=model.region)
        self.evaluations = Evaluations(self.account, model.region)
        self.sandbox = sandbox
        self._model = model
        self._project = project
        sandbox.control("quality", {"records": rights(model.tested_numbers)})

    def version(self, *, rate: float, **changes: Any) -> Version:
        """Return the environment with some changes; `rate` is how often its tuned model is right."""
        folder = self._project.write(replace(self._model, **changes))
        output = self._project.fresh("assembly")
        synthesis.synthesize(folder, output)
        target = find(folder, self._model.environment)
        (model,) = target.settings
        assert model.evaluation_inputs is not None
        tuned = str(model.training_name)
        self.sandbox.control("quality", {"rates": {tuned: rate}})
        return Version(Assembly(self._project, output), target, tuned, model.evaluation_inputs.id)

    def deploy(self, version: Version, stacks: str = "*", *options: str) -> Run:
        return version.assembly.deploy(f"{self._model.environment}/{stacks}", *options)

    def deployed(self, version: Version) -> None:
        run = self.deploy(version)
        assert run.code == 0, run.output

    def refusal(self, stack: str, version: Version) -> str:
        """Return why the newest failure of a stack failed, which names the evaluation of a version."""
        return next(reason for reason in reversed(self.account.reasons(stack)) if version.id in reason)

    def report(self, version: Version, *options: str) -> Path:
        """Return the file with the report of a version's evaluation; the command itself prints nothing of a record."""
        file = self._project.fresh("report")
        where = ("--environments", str(self._project.write(self._model)), "--output", str(file))
        command = (sys.executable, "-m", "tune", "report", self._model.environment, NAME, "--evaluation", version.id)
        run = self._project.start(*command, *where, *options, CI="").wait()
        assert run.code == 0, run.output
        assert not [canary for canary in CANARIES if canary in run.output]
        return file

    def serving_model(self) -> str:
        """Return the ARN of the model that the one deployment of the environment serves."""
        deployment = self.account.deployment()
        assert deployment["status"] == "Active"
        return str(deployment["modelArn"])

    def model(self, version: Version) -> str:
        return str(self.account.model(version.tuned)["modelArn"])

    def verdict(self, version: Version) -> str | None:
        """Return the verdict that was left on a version's model."""
        tags = self.account.bedrock.list_tags_for_resource(resourceARN=self.model(version))["tags"]
        return next((tag["value"] for tag in tags if tag["key"] == contract.TAG_VERDICT), None)


def test_nova_goes_from_the_data_through_the_gate_to_serving_and_nothing_else_does(
    project: Project, sandbox: Sandbox, kills: Path
) -> None:
    """One step after the other, each beginning where the one before has ended."""
    life = Life(EvaluatedModel(environment="nova", tested=_ASKED, by=_BY), project, sandbox)
    good = life.version(rate=0.9)

    one_deploy_trains_evaluates_and_serves_what_has_passed(life, good)
    the_same_settings_again_ask_nobody(life, good)
    its_report_has_no_content_but_in_a_file_of_whoever_asks_for_it(life, good)
    functions_killed_at_every_state_come_to_the_same_numbers(life, good, kills)
    watch = ParameterWatch(life.account, _NOVA_REGION, answers_as_taught)
    with always_answering(watch) as seen:
        worse = a_worse_training_is_refused_with_numbers(life, good)
        its_serving_stack_alone_is_refused_too(life, good, worse)
        one_at_the_threshold_is_inconclusive(life, good)
    assert {look.model_arn for look in seen} == {life.model(good)}
    nothing_of_the_content_is_told(life, good)
    assert unlisted(sandbox, "nova") == []
    # At the end: a quick machine's first deploy does not wait for everything.
    assert unmade(sandbox, "nova", evaluates=True) == []


def one_deploy_trains_evaluates_and_serves_what_has_passed(life: Life, good: Version) -> None:
    asked = Asked(life.sandbox)

    life.deployed(good)

    counted = asked.by_target()
    assert counted.pop(JUDGE) > 0
    assert counted == {"tuned": _ASKED, NOVA: _ASKED, STRONGER: _ASKED}
    assert life.evaluations.id() == good.id
    summary = life.evaluations.summary(good.id)
    assert summary.is_complete
    assert (summary.records, summary.of) == (_ASKED, _ASKED)
    assert [(each.model, each.answered) for each in summary.targets] == [
        (good.tuned, _ASKED),
        (NOVA, _ASKED),
        (STRONGER, _ASKED),
    ]
    measured = {name: scores["exact_match"].spread.mean for name, scores in summary.scores.items()}
    # Within three standard errors of what the simulation was told.
    assert measured == pytest.approx({"tuned": 0.9, "base": _BASE_RATE, STRONGER: _STRONGER_RATE}, abs=0.15)
    assert life.account.outputs("Evaluation")["Verdict"] == life.verdict(good) == "passed"
    assert life.serving_model() == life.model(good)
    assert life.evaluations.candidates() == [True]


def the_same_settings_again_ask_nobody(life: Life, good: Version) -> None:
    asked = Asked(life.sandbox)
    made = len(life.account.deployments())

    life.deployed(life.version(rate=0.9, reconcile=1))

    assert asked.by_target() == {}
    assert [each["name"] for each in life.evaluations.runs()] == [f"{good.id}-1"]
    assert len(life.account.deployments()) == made


def its_report_has_no_content_but_in_a_file_of_whoever_asks_for_it(life: Life, good: Version) -> None:
    page = life.report(good).read_text(encoding="utf-8")
    for shown in (good.id, good.tuned, "[simulated]", "The gate says passed", 'id="training-loss-title"'):
        assert shown in page
    assert not [canary for canary in CANARIES if canary in page]

    file = life.report(good, "--show-content")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    words = file.read_text(encoding="utf-8")
    assert all(canary in words for canary in (PROMPT, ANSWER))
    assert RUBRIC not in words


def functions_killed_at_every_state_come_to_the_same_numbers(life: Life, good: Version, kills: Path) -> None:
    expected = life.evaluations.summary(good.id)
    life.evaluations.forget(good.id)
    for kill in _KILLS:
        (kills / kill).touch()

    life.deployed(life.version(rate=0.9, reconcile=2))

    assert sorted(file.name for file in kills.iterdir()) == sorted(f"{kill}.killed" for kill in _KILLS)
    found = life.evaluations.summary(good.id)
    assert found.made != expected.made
    assert numbers(found).to_json() == numbers(expected).to_json()
    assert life.evaluations.candidates() == [True] * 2
    assert life.serving_model() == life.model(good)


def a_worse_training_is_refused_with_numbers(life: Life, good: Version) -> Version:
    worse = life.version(rate=0.2, epochs=3, is_judged=False)
    asked, made = Asked(life.sandbox), len(life.account.deployments())

    run = life.deploy(worse)

    assert run.code != 0
    # The watch asks the model that serves, and so is counted with the tuned one.
    counted = asked.by_target()
    assert counted.pop("tuned") >= _ASKED
    assert counted == {}
    refused_with_numbers(life, life.refusal("Evaluation", worse), worse, Verdict.FAILED)
    assert life.verdict(worse) == "failed"
    assert life.evaluations.candidates() == [True] * 3
    # The candidate alone.
    assert len(life.account.deployments()) == made + 1
    assert life.serving_model() == life.model(good)
    return worse


def its_serving_stack_alone_is_refused_too(life: Life, good: Version, worse: Version) -> None:
    made = len(life.account.deployments())

    run = life.deploy(worse, "tuned-Serving", "--exclusively")

    assert run.code != 0
    refused_with_numbers(life, life.refusal("Serving", worse), worse, Verdict.FAILED)
    assert life.account.stack_status("Serving") == "UPDATE_ROLLBACK_COMPLETE"
    assert len(life.account.deployments()) == made
    assert life.serving_model() == life.model(good)


def one_at_the_threshold_is_inconclusive(life: Life, good: Version) -> None:
    close = life.version(rate=_BASE_RATE + _BY, epochs=4, is_judged=False)

    run = life.deploy(close)

    assert run.code != 0
    refused_with_numbers(life, life.refusal("Evaluation", close), close, Verdict.INCONCLUSIVE)
    assert life.verdict(close) == "inconclusive"
    assert life.evaluations.candidates() == [True] * 4
    assert life.serving_model() == life.model(good)


def refused_with_numbers(life: Life, reason: str, version: Version, verdict: Verdict) -> None:
    """The reason has the numbers that the gate's own statistics make of the summary, and what to do."""
    requirement = Requirement.better_than("exact_match", "base", by=_BY)
    judgment = judged(life.evaluations.summary(version.id), requirement)
    assert judgment.verdict == verdict
    estimate, low, high = (difference(each) for each in (judgment.estimate, judgment.low, judgment.high))
    assert says(reason, version.id, verdict, "exact_match", "base", estimate, low, high, _ASKED, "[gate.accept]")
    if verdict is Verdict.INCONCLUSIVE and judgment.needed:
        assert says(reason, f"{judgment.needed:,}")
        assert judgment.needed > _ASKED


def judged(summary: Summary, requirement: Requirement) -> Any:
    sample = summary.sample(requirement.measure, requirement.against)
    assert sample is not None
    return judge(requirement, sample, 0.95)


def nothing_of_the_content_is_told(life: Life, good: Version) -> None:
    objects = life.account.objects(life.account.data_bucket())
    kept = b"".join(objects.values()).decode()
    assert all(canary in kept for canary in CANARIES), "the canaries were nowhere, so nothing could have told them"

    shown: dict[str, list[str]] = {}
    for service, text in told(life.sandbox, _NOVA_REGION):
        shown.setdefault(service, []).append(text)
        assert not [canary for canary in CANARIES if canary in text], (service, text[:400])
    assert len(shown["logs"]) > len(_KILLS)
    # What is no secret is found in the others, so they were read.
    assert {service for service, texts in shown.items() if good.id in "".join(texts)} >= {
        "states",
        "cloudformation",
        "dynamodb",
    }
    for key, body in numbers_kept(life.account):
        assert not [canary for canary in CANARIES if canary.encode() in body], key


def answers_as_taught(runtime: Any, model_id: str) -> bool:
    """Ask a model a question that it was trained on, once: an SDK's retry would hide a moment without answer."""
    messages = [{"role": "user", "content": [{"text": prompt(0)}]}]
    response = runtime.converse(modelId=model_id, messages=messages)
    assert response["ResponseMetadata"]["RetryAttempts"] == 0, model_id
    (block,) = response["output"]["message"]["content"]
    return str(block["text"]).endswith(answer(0))


def test_what_serves_by_throughput_alone_is_evaluated_as_it_serves_and_told(project: Project, sandbox: Sandbox) -> None:
    model = EvaluatedModel(
        environment="haiku",
        base_model=f"{HAIKU}:200k",
        region=_HAIKU_REGION,
        compare_with=("base",),
        serving="[serving.provisioned_throughput]\nmodel_units = 1",
        tested=_FEW,
        is_judged=False,
    )
    life = Life(model, project, sandbox)
    worse = life.version(rate=0.0)
    asked = Asked(sandbox)

    run = life.deploy(worse)

    assert run.code == 0, run.output
    serving = life.account.throughput()
    assert (serving["status"], serving["modelArn"]) == ("InService", life.model(worse))
    assert asked.by_target() == {"tuned": _FEW, HAIKU: _FEW}
    summary = life.evaluations.summary(worse.id)
    assert summary.is_complete
    verdict = judged(summary, Requirement.better_than("exact_match", "base", by=_BY)).verdict
    assert verdict is not Verdict.PASSED
    assert life.account.outputs("Evaluation")["Verdict"] == life.verdict(worse) == verdict
    assert life.account.deployments() == []
    order = [life.account.stack(stack) for stack in ("Training", "Serving", "Evaluation")]
    assert sorted(order, key=run.output.rindex) == order


def test_it_is_estimated_before_and_seen_while_it_runs(project: Project, sandbox: Sandbox) -> None:
    life = Life(EvaluatedModel(environment="seen", tested=_ASKED, is_judged=False), project, sandbox)
    good = life.version(rate=0.9)
    target = good.target
    aws = partial(sandbox.client, region=_NOVA_REGION)
    asked = Asked(sandbox)

    before = estimate(target, aws)

    assert asked.by_target() == {}
    assert [(each.target, each.asked.left) for each in before.targets if each.asked] == [
        ("tuned", _ASKED),
        ("base", _ASKED),
        (STRONGER, _ASKED),
    ]
    assert before.refusal == ""

    seen: list[EvaluationFacts] = []
    with ThreadPoolExecutor(1) as pool:
        deploying = pool.submit(life.deployed, good)
        observer = EvaluationObserver(aws, target)
        while not deploying.done():
            seen += filter(None, [observer.under_way(good.id)])
            time.sleep(0.2)
        deploying.result()

    assert {(each.id, each.training) for each in seen} == {(good.id, good.tuned)}
    going = [each for each in seen if each.asked]
    assert going, "its progress was never seen"
    for each in going:
        assert {(its.target, its.of, its.a_minute is None) for its in each.asked} == {
            ("tuned", _ASKED, False),
            ("base", _ASKED, False),
            (STRONGER, _ASKED, False),
        }
        assert each.tokens is not None
        assert each.tokens <= 3_000_000
        assert least_time(each.asked) is not None
    answered = [sum(its.answered for its in each.asked) for each in going]
    assert answered == sorted(answered)
    assert sum(asked.by_target().values()) * 64 <= before.tokens

    (found,) = observer.look(target.stacks("Evaluation"), datetime.now(UTC))
    assert (found.state, found.is_wanted, found.unseen) == ("complete", True, "")
    assert found.numbers == life.evaluations.summary(good.id)
    assert estimate(target, aws).is_complete


@pytest.mark.slow
def test_two_thousand_records_come_to_what_the_simulation_was_told(project: Project, sandbox: Sandbox) -> None:
    """Several shards a target, side by side; Nova's quota of a deployment lets no more than 33 be asked a second."""
    records = 2_000
    life = Life(EvaluatedModel(environment="many", tested=records, is_judged=False), project, sandbox)
    good = life.version(rate=0.9)
    asked = Asked(sandbox)

    life.deployed(good)

    assert asked.by_target() == {"tuned": records, NOVA: records, STRONGER: records}
    summary = life.evaluations.summary(good.id)
    assert summary.is_complete
    assert {each.name: (each.answered, each.unanswered) for each in summary.targets} == dict.fromkeys(
        ("tuned", "base", STRONGER), (records, 0)
    )
    measured = {name: scores["exact_match"].spread.mean for name, scores in summary.scores.items()}
    # Three standard errors.
    assert measured == pytest.approx({"tuned": 0.9, "base": _BASE_RATE, STRONGER: _STRONGER_RATE}, abs=0.034)
    assert life.verdict(good) == "passed"
    assert life.evaluations.candidates() == [True]


@pytest.mark.slow
def test_a_model_that_may_not_be_asked_fails_the_deploy_with_the_reason_and_leaves_no_candidate(
    project: Project, sandbox: Sandbox
) -> None:
    # A permission may be on its way for two minutes of real time, which are hours here.
    model = EvaluatedModel(environment="denied", tested=_FEW, is_judged=False, max_hours=12)
    life = Life(model, project, sandbox)
    version = life.version(rate=0.9)
    denied = {"type": "api", "operation": "Converse", "error": "AccessDeniedException", "times": 0}
    sandbox.control("faults", {"add": [denied]})

    run = life.deploy(version)

    assert run.code != 0
    assert says(life.refusal("Evaluation", version), "AccessDeniedException", "be called", "deploy again")
    (ran,) = life.evaluations.runs()
    assert ran["status"] == "SUCCEEDED"
    assert life.evaluations.candidates() == [True]
