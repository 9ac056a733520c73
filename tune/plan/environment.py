"""The plan of one environment: its stacks in the order in which they deploy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bedrock_lifecycle.resources.bedrock import Bedrock
from tune.aws import Aws
from tune.environments import Target
from tune.exports.look import Exports
from tune.plan import training
from tune.plan.desired import Template
from tune.plan.observe import Observed, Observer, size_of
from tune.plan.orphans import Survey, survey
from tune.plan.place import Place
from tune.plan.planned import Planned, Scene, not_reached
from tune.plan.serving import ServingPlan
from tune.plan.stacks import Stack, Stacks


@dataclass(frozen=True)
class Names:
    """What an environment is called: in CloudFormation, and on the command line."""

    environment: str
    foundation: str
    training: str
    serving: str
    option: str = ""

    @classmethod
    def of(cls, target: Target) -> "Names":
        return cls(
            target.name, target.stack("Foundation"), target.stack("Training"), target.stack("Serving"), target.option
        )


@dataclass(frozen=True)
class Plan:
    """Everything that `tune plan` tells. Without an environment there are no resources and no stacks."""

    place: Place
    observed: Observed
    survey: Survey
    environment: str | None = None
    stacks: Mapping[str, str | None] | None = None
    resources: tuple[Planned, ...] = ()
    exports: Exports | None = None


class Planner:
    """Looks at one account and Region. Every call only reads."""

    def __init__(self, aws: Aws, place: Place) -> None:
        self._aws = aws
        self._place = place
        self._bedrock = Bedrock(aws("bedrock"))
        self._stacks = Stacks(aws("cloudformation"))

    def account(self) -> Plan:
        """Return what exists, and who holds it."""
        observed = Observer(self._bedrock, self._place.region).look()
        return Plan(self._place, observed, survey(observed, self._stacks.owner))

    def environment(self, names: Names, wanted: Mapping[str, Template]) -> Plan:
        """Return what the next deploy of an environment would do, and what exists besides."""
        plan = self.account()
        return replace(
            plan,
            environment=names.environment,
            stacks={name: self._status(name) for name in (names.foundation, names.training, names.serving)},
            resources=tuple(self._resources(names, wanted, plan.observed)),
        )

    def _resources(self, names: Names, wanted: Mapping[str, Template], observed: Observed) -> list[Planned]:
        outlook = training.Outlook()
        if names.training in wanted:
            outlook = training.plan(self._scene(names, names.training, wanted, observed), self._bedrock, self._size_of)
        serving = ServingPlan(self._scene(names, names.serving, wanted, observed), self._bedrock, observed)
        if names.serving not in wanted:
            command = f"python -m tune destroy {names.environment}{names.option} --serving-only"
            return [*outlook.lines, *serving.not_wanted(command)]
        served = serving.lines(job=outlook.job, waits=outlook.waits)
        return [*outlook.lines, *(not_reached(line) if outlook.fails else line for line in served)]

    def _scene(self, names: Names, name: str, wanted: Mapping[str, Template], observed: Observed) -> Scene:
        stack, foundation = self._stacks.find(name), self._stacks.find(names.foundation)
        known = known_values(foundation, self._place)
        return Scene(
            name=name,
            owner=stack.owner if stack else self._place.stack_owner(name),
            stack=stack,
            deployed=self._stacks.template(name) if stack else {},
            wanted=wanted.get(name, {}),
            known=known,
            now=observed.now,
            remedy=f"count reconcile up in {names.environment}.toml and deploy",
        )

    def _status(self, name: str) -> str | None:
        stack = self._stacks.find(name)
        return stack.status if stack else None

    def _size_of(self, bucket: str, key: str) -> int | None:
        s3: Any = self._aws("s3")
        return size_of(s3, bucket, key)


def known_values(foundation: Stack | None, place: Place) -> dict[str, str]:
    """Return what a template's references are known to be: exports and pseudo parameters, by their names."""
    return {
        **(foundation.exports if foundation else {}),
        "AWS::Partition": place.partition,
        "AWS::AccountId": place.account,
        "AWS::Region": place.region,
    }
