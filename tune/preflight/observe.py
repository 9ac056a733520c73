"""Looks at what the next deploy would create: the rules of the lifecycle's own preflight, on the same reads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.contract.served_model import CustomModelDeploymentProperties, ProvisionedThroughputProperties
from bedrock_lifecycle.preflight.desired import (
    DesiredDeployment,
    DesiredEvaluation,
    DesiredPromotion,
    DesiredThroughput,
    DesiredTraining,
    JobFile,
)
from bedrock_lifecycle.preflight.facts import Fact, Known, NotChecked
from bedrock_lifecycle.preflight.facts import TargetLocation as Where
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.report import CheckResult, NotNeeded, Problem
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.promoted_model import facts_of
from tune.account.aws import Aws
from tune.account.location import Location
from tune.account.stacks import StackReader, known_values
from tune.account.templates import UNKNOWN, Template, of_type, resolved
from tune.plan.environment import Plan, Planner
from tune.plan.planned import Planned
from tune.preflight import promoted
from tune.preflight.deploying import findings
from tune.terminal.environments import EnvironmentRef

A = TypeVar("A", DesiredThroughput, DesiredDeployment)
# Nobody waits for an answer by a deadline here.
_READ_FOR_SECONDS: Final = 120.0
_NOT_DEPLOYED: Final = NotChecked("Foundation is not deployed yet")
# What only a deployment can tell, because it checks the data right before.
_FROM_ITS_CHECK: Final = {
    its.name
    for its in (
        ModelCustomizationProperties.training_data_version_id,
        ModelCustomizationProperties.training_records,
        ModelCustomizationProperties.validation_data_version_id,
        ModelCustomizationProperties.validation_records,
    )
}
# What is refused for its name: the rows of the lifecycle's tables.
NAME_TAKEN: Final = frozenset(
    (
        "throughput-foreign",
        "throughput-let-go-by-another",
        "deployment-foreign",
        "customization-unknown",
        "customization-other-stack",
    )
)


@dataclass(frozen=True)
class Subject:
    """Something that the next deploy may create, and what was found for it."""

    kind: str
    name: str
    findings: tuple[CheckResult, ...]
    exists: bool = False

    @property
    def problems(self) -> int:
        return sum(isinstance(each.verdict, Problem) for each in self.findings)


@dataclass(frozen=True)
class PreflightResult:
    """What `tune preflight` tells."""

    environment: str
    place: Location
    now: datetime
    subjects: tuple[Subject, ...]

    @property
    def problems(self) -> int:
        return sum(subject.problems for subject in self.subjects)


class PreflightObserver:
    """Looks at one environment. `local` has the data that a deploy copies, by the key that it is copied to."""

    def __init__(self, aws: Aws, place: Location, local: Mapping[str, str]) -> None:
        self._aws = aws
        self._place = place
        self._local = local
        self._bedrock = Bedrock(aws("bedrock"))
        self._preflight = Preflight(aws, seconds=_READ_FOR_SECONDS)
        self._where = Where(place.partition, place.region, place.account)

    def look(
        self, of: EnvironmentRef, wanted: Mapping[str, Template], bootstrap: Iterable[str] = ()
    ) -> PreflightResult:
        """Look at what the next deploy would create; what exists is adopted by it, and is told as such.

        `bootstrap` has the SSM parameters in which the deploy looks for the CDK's bootstrap stack.
        """
        plan = Planner(self._aws, self._place, of.app).next_deploy(of, wanted)
        known = known_values(StackReader(self._aws("cloudformation")).find(of.foundation), self._place)
        subjects = [each for model in of.models for each in self._of_model(plan, of, model, wanted, known)]
        deploying = tuple(findings(self._aws, self._place, of, bootstrap, {of.foundation, *wanted}))
        first = (Subject("deploy", of.name, deploying),) if deploying else ()
        return PreflightResult(of.name, self._place, plan.observed.now, (*first, *subjects))

    def _of_model(
        self, plan: Plan, of: EnvironmentRef, model: str, wanted: Mapping[str, Template], known: Mapping[str, str]
    ) -> Iterator[Subject]:
        stack, file = of.stack("Training", model), of.file_of(model)
        trainings = [
            self._job(_line(plan, stack, logical_id), properties, plan.observed.now, file)
            for logical_id, properties in _asked(wanted.get(stack, {}), contract.MODEL_CUSTOMIZATION, known)
        ]
        yield from trainings
        stack = of.stack("Promotion", model)
        for logical_id, properties in _asked(wanted.get(stack, {}), contract.PROMOTED_MODEL, known):
            yield self._promoted(_line(plan, stack, logical_id), properties, plan.observed.now)
        stack = of.stack("Evaluation", model)
        for logical_id, properties in _asked(wanted.get(stack, {}), contract.EVALUATION, known):
            yield self._evaluated(_line(plan, stack, logical_id), properties, plan.observed.now, file)
        stack = of.stack("Serving", model)
        for kind in contract.SERVING_TYPES:
            for logical_id, properties in _asked(wanted.get(stack, {}), kind, known):
                served = self._served(_line(plan, stack, logical_id), kind, properties, plan.observed.now, file)
                # Before there is a training, what serving lacks is among the training's own checks. What stands there
                # under its name already is not.
                if all(training.exists for training in trainings) or (served.exists and served.problems):
                    yield served

    def _job(self, line: Planned, properties: Properties, now: datetime, file: str) -> Subject:
        if self._bedrock.job(line.name):
            return _standing(line, file)
        looked = self._preflight.training(self._training(properties, line.name), self._where, now)
        return Subject(line.kind, line.name, tuple(_with_origin(each, file) for each in looked.findings))

    def _promoted(self, line: Planned, properties: Properties, now: datetime) -> Subject:
        if line.event is None:
            nothing = NotNeeded(f"its stack does not change ({line.observed}): nothing is taken")
            return Subject(line.kind, line.name, (CheckResult("exists", line.kind, nothing),), exists=True)
        desired = PromotedModelProperties(properties).complete()
        decided = promoted.findings(facts_of(self._bedrock, desired, "Create", now=now, began=now))
        looked = self._preflight.promotion(DesiredPromotion.read(desired), self._where, now)
        return Subject(line.kind, line.name, (*decided, *looked.findings))

    def _evaluated(self, line: Planned, properties: Properties, now: datetime, file: str) -> Subject:
        if not any(step.action == "create" for step in line.steps):
            return _standing(line, file)
        its = EvaluationProperties(properties)
        test = JobFile(_where_known(Known(its.test_uri or UNKNOWN)), use="test")
        asked = replace(DesiredEvaluation.read(its, ""), test=replace(test, local=self._local_of(test)))
        looked = self._preflight.evaluation(asked, self._where, now)
        return Subject(line.kind, line.name, looked.findings)

    def _served(self, line: Planned, kind: str, properties: Properties, now: datetime, file: str) -> Subject:
        match kind:
            case contract.CUSTOM_MODEL_DEPLOYMENT:
                if self._bedrock.deployment(line.name):
                    return _standing(line, file)
                its = CustomModelDeploymentProperties(properties)
                deployment = DesiredDeployment.read(its, its.model)
                looked = self._preflight.deployment(_with_known_key(deployment), self._where)
            case contract.PROVISIONED_THROUGHPUT:
                if self._bedrock.throughput(line.name):
                    return _standing(line, file)
                bought = ProvisionedThroughputProperties(properties)
                asked = _with_known_key(DesiredThroughput.read(bought, bought.model))
                looked = self._preflight.purchase(asked, self._where, now)
            case _:
                raise AssertionError(f"{kind} serves a model, and nothing is looked at before")
        return Subject(line.kind, line.name, looked.findings)

    def _training(self, properties: Properties, name: str) -> DesiredTraining:
        asked = DesiredTraining.read(ModelCustomizationProperties(properties), name)
        return replace(
            asked,
            role_arn=_where_known(asked.role_arn),
            key_arn=_where_known(asked.key_arn),
            output_uri=_where_known(asked.output_uri),
            data=tuple(replace(each, uri=_where_known(each.uri), local=self._local_of(each)) for each in asked.data),
        )

    def _local_of(self, file: JobFile) -> str:
        uri = file.uri.value if isinstance(file.uri, Known) else ""
        return next((path for key, path in self._local.items() if uri.endswith(f"/{key}")), "")


def _with_known_key(asked: A) -> A:
    return replace(asked, key_arn=_where_known(asked.key_arn))


def _where_known(fact: Fact[str]) -> Fact[str]:
    """Return what a template says, unless only the deployed Foundation can tell."""
    return _NOT_DEPLOYED if isinstance(fact, Known) and UNKNOWN in fact.value else fact


def _standing(line: Planned, file: str) -> Subject:
    """Return what the deploy does with something that exists: no preflight is run for it."""
    failing = next((step for step in line.steps if step.fails), None)
    reason = failing.reason if failing else ""
    if failing and failing.row in NAME_TAKEN:
        reason += _origin(file)
    verdict = Problem(reason) if reason else NotNeeded(f"it exists ({line.observed}): nothing is created")
    return Subject(line.kind, line.name, (CheckResult("exists", line.kind, verdict),), exists=True)


def _with_origin(finding: CheckResult, file: str) -> CheckResult:
    """Return a finding about a name that is taken with what decides the name; others as they are."""
    if finding.id != "name" or not isinstance(finding.verdict, Problem):
        return finding
    return replace(finding, verdict=Problem(finding.verdict.text + _origin(file)))


def _origin(file: str) -> str:
    """Return what decides a name: the lifecycle, which other apps use too, knows no file."""
    return f". The name comes from {file} and its folder: rename the file; the model is then trained again"


def _line(plan: Plan, stack: str, logical_id: str) -> Planned:
    return next(each for each in plan.resources if (each.stack, each.logical_id) == (stack, logical_id))


def _asked(template: Template, kind: str, known: Mapping[str, str]) -> Iterator[tuple[str, Properties]]:
    """Yield every resource of a type with its properties, as an event would carry them."""
    for logical_id, resource in of_type(template, kind).items():
        told = resolved(resource.properties, known)
        yield logical_id, Properties({name: told[name] for name in told if name not in _FROM_ITS_CHECK})
