"""The plan of one environment, its stacks in the order in which they deploy; or what there is of all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bedrock_lifecycle.resources.bedrock import Bedrock
from tune.account import stack_states, stores
from tune.account.bedrock_resources import BedrockResource, Observed, Observer, size_of
from tune.account.clients import Aws
from tune.account.location import Location
from tune.account.orphans import AccountSurvey, OwnedResource, Ownership, holds, survey
from tune.account.settings_files import SettingsFiles, asked_for
from tune.account.stacks import Stack, Stacks
from tune.account.stored import StoreFinding, judged
from tune.account.templates import Template
from tune.exports.look import Exports
from tune.plan import training
from tune.plan.planned import Planned, StackDiff, not_reached
from tune.plan.serving import ServingPlan
from tune.terminal.environments import DeployTarget, StackKind


@dataclass(frozen=True)
class Names:
    """What an environment is called: in CloudFormation, and on the command line."""

    environment: str
    foundation: str
    training: str
    serving: str
    option: str = ""

    @classmethod
    def of(cls, target: DeployTarget) -> "Names":
        return cls(
            target.name, target.stack("Foundation"), target.stack("Training"), target.stack("Serving"), target.option
        )


@dataclass(frozen=True)
class Overview:
    """One environment among others: its stacks by their kind, and whether it has a settings file."""

    name: str
    stacks: Mapping[StackKind, str]
    why_not: str = ""
    """Why no settings file asks for it."""


@dataclass(frozen=True)
class Plan:
    """Everything that `tune plan` tells. Without an environment there are no resources and no stacks."""

    place: Location
    observed: Observed
    survey: AccountSurvey
    environment: str | None = None
    stacks: Mapping[str, str | None] | None = None
    resources: tuple[Planned, ...] = ()
    exports: Exports | None = None
    stores: tuple[StoreFinding, ...] = ()
    stores_unseen: str = ""
    """Why the buckets and keys may not be all; nothing when they are."""
    environments: tuple[Overview, ...] = ()

    @property
    def unwanted(self) -> list[OwnedResource]:
        """What bills or serves and nobody holds, or nobody asks for."""
        return self.survey.of(Ownership.ORPHAN, Ownership.UNASKED)

    @property
    def held(self) -> list[OwnedResource]:
        """What bills or serves and a stack holds: of the environment, where there is one."""
        return [its for its in self.survey.of(Ownership.OWNED) if self.environment in (None, its.environment)]


class Planner:
    """Looks at one account and Region. Every call only reads."""

    def __init__(self, aws: Aws, place: Location, files: SettingsFiles | None = None) -> None:
        """Look through `aws` at a place; without `files` every stack counts as asked for."""
        self._aws = aws
        self._place = place
        self._files = files
        self._bedrock = Bedrock(aws("bedrock"))
        self._stacks = Stacks(aws("cloudformation"))

    def account(self) -> Plan:
        """Return what exists of every environment, who holds it, and whether a settings file asks for it."""
        stacks = self._stacks.ours()
        serving = [f"{name}-Serving" for name, kinds in stacks.items() if "Serving" in kinds]
        return replace(self._with_stores(self._plan(serving)), environments=tuple(self._overviews(stacks)))

    def environment(self, names: Names, wanted: Mapping[str, Template]) -> Plan:
        """Return what the next deploy of an environment would do, and what exists besides."""
        return self._with_stores(self.next_deploy(names, wanted), names)

    def next_deploy(self, names: Names, wanted: Mapping[str, Template]) -> Plan:
        """Return what the next deploy of an environment would do, without looking for buckets and keys."""
        plan = self._plan([names.serving])
        stacks = {name: self._stacks.status(name) for name in (names.foundation, names.training, names.serving)}
        lines = tuple(_settled(line, stacks) for line in self._resources(names, wanted, plan.observed))
        return replace(plan, environment=names.environment, stacks=stacks, resources=lines)

    def _plan(self, serving: Sequence[str]) -> Plan:
        """Plan without resources; `serving` names the stacks that may hold what has lost all its tags."""

        def holder(thing: BedrockResource) -> Stack | None:
            names = [f"{thing.environment}-Serving"] if thing.environment else serving
            return next((its for its in map(self._stacks.find, names) if its and holds(its, thing)), None)

        observed = Observer(self._bedrock, self._place.region).look(lambda thing: holder(thing) is not None)
        why_not = self._files.why_not if self._files else asked_for
        return Plan(self._place, observed, survey(observed, self._stacks.owner, holder, why_not))

    def _with_stores(self, plan: Plan, names: Names | None = None) -> Plan:
        owner = self._place.stack_owner(names.foundation if names else "")
        found = stores.seen(self._aws, self._place.account, owner, self._place.region)
        of_it = [its for its in found.stored if names is None or its.is_of(owner, names.environment)]
        return replace(plan, stores=tuple(judged(of_it, self._stacks.owner)), stores_unseen=found.unseen)

    def _overviews(self, stacks: Mapping[str, Mapping[StackKind, str]]) -> Iterator[Overview]:
        named = self._files.environments() if self._files else ()
        for name in sorted({*stacks, *named}):
            yield Overview(name, stacks.get(name, {}), self._files.why_not(name, "Foundation") if self._files else "")

    def _resources(self, names: Names, wanted: Mapping[str, Template], observed: Observed) -> list[Planned]:
        outlook = training.TrainingPlan()
        if names.training in wanted:
            outlook = training.plan(self._scene(names, names.training, wanted, observed), self._bedrock, self._size_of)
        serving = ServingPlan(self._scene(names, names.serving, wanted, observed), self._bedrock, observed)
        if names.serving not in wanted:
            command = f"python -m tune destroy {names.environment}{names.option} --serving-only"
            return [*outlook.lines, *serving.not_wanted(command)]
        served = serving.lines(job=outlook.job, waits=outlook.waits)
        return [*outlook.lines, *(not_reached(line) if outlook.fails else line for line in served)]

    def _scene(self, names: Names, name: str, wanted: Mapping[str, Template], observed: Observed) -> StackDiff:
        stack, foundation = self._stacks.find(name), self._stacks.find(names.foundation)
        known = known_values(foundation, self._place)
        return StackDiff(
            name=name,
            owner=stack.owner if stack else self._place.stack_owner(name),
            stack=stack,
            deployed=self._stacks.template(name) if stack else {},
            wanted=wanted.get(name, {}),
            known=known,
            now=observed.now,
            remedy=f"count reconcile up in {names.environment}.toml and deploy",
        )

    def _size_of(self, bucket: str, key: str) -> int | None:
        s3: Any = self._aws("s3")
        return size_of(s3, bucket, key)


def _settled(line: Planned, stacks: Mapping[str, str | None]) -> Planned:
    """Return a line without drift while its stack is being changed: what it holds then is not what it will hold."""
    if not stack_states.is_in_progress(stacks.get(line.stack)):
        return line
    return replace(line, drift=(), remedy="its stack is being changed: look again when it has settled")


def known_values(foundation: Stack | None, place: Location) -> dict[str, str]:
    """Return what a template's references are known to be: exports and pseudo parameters, by their names."""
    return {
        **(foundation.exports if foundation else {}),
        "AWS::Partition": place.partition,
        "AWS::AccountId": place.account,
        "AWS::Region": place.region,
    }
