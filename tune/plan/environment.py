"""The plan of one environment, its stacks in the order in which they deploy; or what there is of all of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.resources.bedrock import Bedrock
from settings.stack_names import STACK_KINDS, StackKind
from tune.account import candidates, inventory, ownership, stack_states, stores
from tune.account.access_stacks import AccessStackStatus
from tune.account.aws import Aws
from tune.account.bedrock_resources import BedrockResource, Observed, Observer, size_of
from tune.account.location import Location
from tune.account.orphans import AccountSurvey, OwnedResource, Ownership, holds, survey
from tune.account.settings_files import SettingsFiles, asked_for
from tune.account.stacks import Stack, StackReader, known_values
from tune.account.stored import StoreFinding, judged
from tune.account.templates import Template
from tune.exports.look import Exports
from tune.plan.model import ModelDiff, lines
from tune.plan.planned import JOB, Planned, StackDiff
from tune.plan.serving import ServingPlan
from tune.spending.prices import Prices
from tune.spending.tokens import TrainingTokens
from tune.terminal.environments import EnvironmentRef


@dataclass(frozen=True)
class Overview:
    """One environment among others: its stacks by their ids in it, and what of it no settings file asks for."""

    name: str
    stacks: Mapping[str, str]
    why_not: str = ""
    """Why no settings file asks for it, or for some of its stacks."""
    commands: tuple[str, ...] = ()
    """What ends those stacks."""


@dataclass(frozen=True)
class Plan:
    """Everything that `tune plan` tells. Without an environment there are no resources and no stacks."""

    place: Location
    observed: Observed
    survey: AccountSurvey
    of: EnvironmentRef | None = None
    stacks: Mapping[str, str | None] | None = None
    resources: tuple[Planned, ...] = ()
    moved: str = ""
    """Why a deploy is refused, where the environment stands under another prefix."""
    exports: Exports | None = None
    stores: tuple[StoreFinding, ...] = ()
    stores_unseen: str = ""
    """Why the buckets and keys may not be all; nothing when they are."""
    environments: tuple[Overview, ...] = ()
    not_planned: tuple[str, ...] = ()
    """What is wrong with settings or data, so that the next deploy is not planned."""
    access: tuple[AccessStackStatus, ...] = ()
    """The stacks that applications have in accounts of their own."""
    elsewhere: "tuple[Plan, ...]" = ()
    """What there is in other Regions of the account."""
    estimates: Mapping[str, TrainingTokens] = field(default_factory=dict)
    """What trainings bill that the next deploy begins, by their names."""
    prices: Prices | None = None
    """The team's."""
    subscribes: str = ""
    """Whom the next deploy subscribes to messages; nothing where it subscribes nobody."""
    not_looked: tuple[str, ...] = ()
    """Other Regions and accounts that were not looked at, and why."""

    @property
    def notes(self) -> list[str]:
        """What one has to know of the plan besides: what it leaves out, and why."""
        told = list(self.exports.notes) if self.exports else []
        told += [self.subscribes] if self.subscribes else []
        if self.not_planned and self.of:
            models = "".join(f", {name}" for name in self.of.models)
            what = f"the next deploy would be refused, so it is not planned for Foundation{models}"
            told += [what, *self.not_planned]
        return told

    @property
    def environment(self) -> str | None:
        """The environment's name, where there is one."""
        return self.of.name if self.of else None

    @property
    def refusals(self) -> list[str]:
        """Why a deploy is refused before it begins."""
        return [*([self.moved] if self.moved else []), *(self.exports.refusals if self.exports else [])]

    @property
    def unwanted(self) -> list[OwnedResource]:
        """What bills or serves and nobody holds, or nobody asks for."""
        here = self.survey.of(Ownership.ORPHAN, Ownership.UNASKED)
        return [*here, *(found for there in self.elsewhere for found in there.unwanted)]

    @property
    def has_drift(self) -> bool:
        """Whether something was changed outside CloudFormation, which no deploy of the same settings puts right."""
        return any(line.drift for line in self.resources)

    @property
    def begun_trainings(self) -> list[str]:
        """The names of the trainings that the next deploy begins."""
        return [its.name for its in self.resources if its.kind == JOB and its.creates and not its.fails]

    @property
    def held(self) -> list[OwnedResource]:
        """What bills or serves and a stack holds: of what the plan is about."""
        found = self.survey.of(Ownership.OWNED)
        of = self.of
        return [its for its in found if of is None or (its.environment == of.name and of.is_about(its.thing.name))]


class Planner:
    """Looks at one account and Region. Every call only reads."""

    def __init__(self, aws: Aws, place: Location, app: str, files: SettingsFiles | None = None) -> None:
        """Look through `aws` at a place for what an app has; without `files` every stack counts as asked for."""
        self._aws = aws
        self._place = place
        self._app = app
        self._files = files
        self._bedrock = Bedrock(aws("bedrock"))
        self._stacks = StackReader(aws("cloudformation"))
        self._why_not = files.why_not if files else asked_for

    def account(self) -> Plan:
        """Return what exists of every environment, who holds it, and whether a settings file asks for it."""
        return self._with_stores(self.bills())

    def bills(self) -> Plan:
        """Return the same without looking for buckets and keys."""
        serving = [its.name for its in self._stacks.of_app(self._app) if its.kind == "Serving"]
        return replace(self._plan(serving), environments=tuple(self._overviews()))

    def environment(self, of: EnvironmentRef, wanted: Mapping[str, Template]) -> Plan:
        """Return what the next deploy of an environment would do, and what exists besides."""
        return self._with_stores(self.next_deploy(of, wanted), of)

    def next_deploy(self, of: EnvironmentRef, wanted: Mapping[str, Template]) -> Plan:
        """Return what the next deploy of an environment would do, without looking for buckets and keys."""
        plan, stacks = self._with_stacks(of, wanted)
        found = [line for model in of.models for line in self._resources(of, model, wanted, plan.observed)]
        return replace(plan, resources=tuple(_settled(line, stacks) for line in found))

    def existing(self, of: EnvironmentRef) -> Plan:
        """Return what there is of an environment, and nothing of what a deploy would do."""
        plan, _ = self._with_stacks(of)
        return self._with_stores(plan, of)

    def _with_stacks(self, of: EnvironmentRef, wanted: Collection[str] = ()) -> tuple[Plan, Mapping[str, str | None]]:
        found = {name: self._stacks.status(name) for name in of.stacks(*STACK_KINDS)}
        # A model has one of two stacks: of the other it would be told each time that it does not exist.
        pairs = zip(of.stacks("Promotion"), of.stacks("Training"), strict=True)
        others = {training if promotion in wanted else promotion for promotion, training in pairs}
        others |= set(of.stacks("Evaluation")) - set(wanted)
        gone = {name for name in others if found[name] is None}
        stacks = {name: status for name, status in found.items() if name not in gone}
        return replace(self._plan(of.stacks("Serving")), of=of, stacks=stacks), stacks

    def _plan(self, serving: Sequence[str]) -> Plan:
        """Plan without resources; `serving` names the stacks that may hold what has lost all its tags."""

        def holder(thing: BedrockResource) -> Stack | None:
            return next((its for its in map(self._stacks.find, serving) if its and holds(its, thing)), None)

        observed = Observer(self._bedrock, self._place.region).look(lambda thing: holder(thing) is not None)
        found = survey(observed, self._stacks.owner, holder, self._why_not, partial(candidates.is_in_use, self._aws))
        return Plan(self._place, observed, found.without(lambda thing: not self._is_ours(thing.tags)))

    def _is_ours(self, tags: Mapping[str, str]) -> bool:
        return not ownership.is_another_apps(self._app, tags, self._stacks.owner)

    def _with_stores(self, plan: Plan, of: EnvironmentRef | None = None) -> Plan:
        found = stores.seen(self._aws, self._place.account, self._place.stack_owner(""), self._place.region)
        of_it = [its for its in found.stored if (inventory.is_store_of(its, of) if of else self._is_ours(its.tags))]
        models = plan.observed.of("model")
        told = [
            each
            for its in of_it
            for each in stores.without_needed_keys(
                [its], (model.item for model in models if model.environment == its.environment)
            )
        ]
        return replace(plan, stores=tuple(judged(told, self._stacks.owner)), stores_unseen=found.unseen)

    def _overviews(self) -> Iterator[Overview]:
        stacks = self._stacks.of_app(self._app)
        named = self._files.environments() if self._files else ()
        for name in sorted({*(its.environment for its in stacks), *named}):
            its_stacks = [its for its in stacks if its.environment == name]
            unasked = [found for its in its_stacks if (found := self._why_not(its))]
            why_not = "; ".join(dict.fromkeys(its.why for its in unasked))
            commands = tuple(its.command for its in unasked)
            yield Overview(name, {its.id: its.status for its in its_stacks}, why_not, commands)

    def _resources(
        self, of: EnvironmentRef, model: str, wanted: Mapping[str, Template], observed: Observed
    ) -> list[Planned]:
        diff = self.diff(of, model, wanted, observed)
        found = list(lines(diff, self._bedrock, observed, self._size_of, self._store_of))
        if diff.serving.is_wanted:
            return found
        command = f"python -m tune destroy {of.arguments_of(model)} --serving-only"
        return [*found, *ServingPlan(diff.serving, self._bedrock, observed).not_wanted(command)]

    def diff(self, of: EnvironmentRef, model: str, wanted: Mapping[str, Template], observed: Observed) -> ModelDiff:
        """Return the stacks of a model as they are, and as templates by the stacks' names want them."""

        def of_kind(kind: StackKind) -> StackDiff:
            return self._diff(of, of.stack(kind, model), wanted, observed)

        trains, promotes, serves = of_kind("Training"), of_kind("Promotion"), of_kind("Serving")
        remedy = f"raise `reconcile` by one in {of.name}/{model}.toml and deploy"
        push = f"python -m tune dataset push {of.arguments_of(model)}"
        return ModelDiff(
            replace(trains, remedy=remedy, push=push),
            replace(serves, remedy=remedy),
            replace(promotes, remedy=remedy),
            replace(of_kind("Evaluation"), remedy=remedy),
        )

    def _diff(self, of: EnvironmentRef, name: str, wanted: Mapping[str, Template], observed: Observed) -> StackDiff:
        stack, foundation = self._stacks.find(name), self._stacks.find(of.foundation)
        known = known_values(foundation, self._place)
        return StackDiff(
            name=name,
            owner=stack.owner if stack else self._place.stack_owner(name),
            foundation=self._place.stack_owner(of.foundation),
            stack=stack,
            deployed=self._stacks.template(name) if stack else {},
            wanted=wanted.get(name, {}),
            known=known,
            now=observed.now,
            is_wanted=name in wanted,
        )

    def _store_of(self, bucket: str) -> Store:
        return Store(self._aws("s3"), bucket)

    def _size_of(self, bucket: str, key: str) -> int | None:
        s3: Any = self._aws("s3")
        return size_of(s3, bucket, key)


def _settled(line: Planned, stacks: Mapping[str, str | None]) -> Planned:
    """Return a line without drift while its stack is being changed: what it holds then is not what it will hold."""
    if not stack_states.is_in_progress(stacks.get(line.stack)):
        return line
    return replace(line, drift=(), remedy="its stack is being changed: plan again when that has ended")
