"""Looks at what the next deploy would create: the rules of the lifecycle's own preflight, on the same reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.properties import Properties
from bedrock_lifecycle.preflight.asked import DataFile, PurchaseAsked, TrainingAsked
from bedrock_lifecycle.preflight.facts import Fact, Known, NotChecked
from bedrock_lifecycle.preflight.facts import Place as Where
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.report import Finding, NotNeeded, Problem
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.provisioned_throughput import name_of
from tune.aws import Aws
from tune.plan.desired import UNKNOWN, Template, of_type, resolved
from tune.plan.environment import Names, Plan, Planner, known_values
from tune.plan.place import Place
from tune.plan.planned import Planned
from tune.plan.stacks import Stacks

T = TypeVar("T")
# Nobody waits for an answer by a deadline here.
_READ_FOR_SECONDS: Final = 120.0
_NOT_DEPLOYED: Final = NotChecked("Foundation is not deployed yet")
_JOB: Final = "customization job"
_PURCHASE: Final = "provisioned throughput"
# What only a deployment can tell, because it checks the data right before.
_FROM_ITS_CHECK: Final = ("TrainingDataVersionId", "TrainingRecords", "ValidationDataVersionId", "ValidationRecords")


@dataclass(frozen=True)
class Subject:
    """Something that the next deploy may create, and what was found for it."""

    kind: str
    name: str
    findings: tuple[Finding, ...]
    exists: bool = False

    @property
    def problems(self) -> int:
        return sum(isinstance(each.verdict, Problem) for each in self.findings)


@dataclass(frozen=True)
class Looked:
    """What `tune preflight` tells."""

    environment: str
    place: Place
    now: datetime
    subjects: tuple[Subject, ...]

    @property
    def problems(self) -> int:
        return sum(subject.problems for subject in self.subjects)


class Looker:
    """Looks at one environment. `local` has the data that a deploy copies, by the prefix that it is copied to."""

    def __init__(self, aws: Aws, place: Place, local: Mapping[str, str]) -> None:
        self._aws = aws
        self._place = place
        self._local = local
        self._bedrock = Bedrock(aws("bedrock"))
        self._preflight = Preflight(aws, seconds=_READ_FOR_SECONDS)
        self._where = Where(place.partition, place.region, place.account)

    def look(self, names: Names, wanted: Mapping[str, Template]) -> Looked:
        """Look at what the next deploy would create; what exists is adopted by it, and is told as such."""
        plan = Planner(self._aws, self._place).environment(names, wanted)
        foundation = Stacks(self._aws("cloudformation")).find(names.foundation)
        known = known_values(foundation, self._place)
        training = self._job(plan, _properties(wanted, contract.MODEL_CUSTOMIZATION, known)[0])
        purchases = _properties(wanted, contract.PROVISIONED_THROUGHPUT, known)
        # Before there is a training, what serving lacks is among the training's own checks.
        served = [self._throughput(plan, its) for its in purchases if training.exists]
        return Looked(names.environment, self._place, plan.observed.now, (training, *served))

    def _job(self, plan: Plan, properties: Properties) -> Subject:
        (line,) = (each for each in plan.resources if each.kind == _JOB)
        if self._bedrock.job(line.name):
            return _standing(line)
        asked = self._training(properties, line.name)
        return Subject(_JOB, line.name, self._preflight.training(asked, self._where, plan.observed.now).findings)

    def _throughput(self, plan: Plan, properties: Properties) -> Subject:
        name = name_of(properties)
        line = next(each for each in plan.resources if each.name == name)
        if self._bedrock.throughput(name):
            return _standing(line)
        looked = self._preflight.purchase(_purchase(properties), self._where, plan.observed.now)
        return Subject(_PURCHASE, name, looked.findings)

    def _training(self, properties: Properties, name: str) -> TrainingAsked:
        asked = TrainingAsked.read(properties, name)
        return replace(
            asked,
            role_arn=_where_known(asked.role_arn),
            key_arn=_where_known(asked.key_arn),
            output_uri=_where_known(asked.output_uri),
            data=tuple(replace(each, uri=_where_known(each.uri), local=self._local_of(each)) for each in asked.data),
        )

    def _local_of(self, file: DataFile) -> str:
        uri = file.uri.value if isinstance(file.uri, Known) else ""
        return next((path for prefix, path in self._local.items() if f"/{prefix}" in uri), "")


def _purchase(properties: Properties) -> PurchaseAsked:
    asked = PurchaseAsked.read(properties)
    return replace(asked, key_arn=_where_known(asked.key_arn))


def _where_known(fact: Fact[str]) -> Fact[str]:
    """Return what a template says, unless only the deployed Foundation can tell."""
    return _NOT_DEPLOYED if isinstance(fact, Known) and UNKNOWN in fact.value else fact


def _standing(line: Planned) -> Subject:
    """Return what the deploy does with something that exists: no preflight is run for it."""
    reason = next((step.reason for step in line.steps if step.fails), "")
    verdict = Problem(reason) if reason else NotNeeded(f"it exists ({line.observed}): nothing is created")
    return Subject(line.kind, line.name, (Finding("exists", line.kind, verdict),), exists=True)


def _properties(wanted: Mapping[str, Template], kind: str, known: Mapping[str, str]) -> list[Properties]:
    """Return the properties of every resource of a type, as an event would carry them."""
    resources = (its for template in wanted.values() for its in of_type(template, kind).values())
    told = (resolved(its.properties, known) for its in resources)
    return [Properties({name: its[name] for name in its if name not in _FROM_ITS_CHECK}) for its in told]
