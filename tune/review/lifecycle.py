"""What the custom resources of a model do: the lifecycle's own plan, on the world that the base has made.

Each type of the contract has a reader here; one without would be told as unknown.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.evaluation import (
    EvaluationAwaitProperties,
    EvaluationProperties,
    QualityGateProperties,
)
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.properties import BadProperty, Received
from bedrock_lifecycle.contract.served_model import (
    CustomModelDeploymentProperties,
    ProvisionedThroughputProperties,
    ServedModelProperties,
)
from bedrock_lifecycle.contract.serving_bake import ServingBakeProperties
from bedrock_lifecycle.contract.training_await import TrainingAwaitProperties
from bedrock_lifecycle.resources.bedrock import Bedrock
from tune.account.bedrock_resources import Observed
from tune.account.location import Location
from tune.account.templates import DELETION, REPLACEMENT, TemplateResource, of_type, read, resolved
from tune.plan.model import ModelDiff, lines
from tune.plan.planned import Planned, StackDiff
from tune.review import guards
from tune.review.acts import Act, newest
from tune.review.assembly import StackTemplate
from tune.review.findings import ReviewFinding
from tune.review.presumed import NOW, PresumedWorld
from tune.spending.cost import Cost

RECORDS: Final[Mapping[str, type[Received]]] = {
    contract.DATASET: DatasetProperties,
    contract.MODEL_CUSTOMIZATION: ModelCustomizationProperties,
    contract.TRAINING_AWAIT: TrainingAwaitProperties,
    contract.PROMOTED_MODEL: PromotedModelProperties,
    contract.PROVISIONED_THROUGHPUT: ProvisionedThroughputProperties,
    contract.CUSTOM_MODEL_DEPLOYMENT: CustomModelDeploymentProperties,
    contract.SERVING_BAKE: ServingBakeProperties,
    contract.EVALUATION: EvaluationProperties,
    contract.EVALUATION_AWAIT: EvaluationAwaitProperties,
    contract.QUALITY_GATE: QualityGateProperties,
}
"""How the properties of each custom resource type are read."""


@dataclass(frozen=True)
class ModelPair:
    """The stacks of one model before and after; None for one that an assembly lacks."""

    training: tuple[StackTemplate | None, StackTemplate | None]
    serving: tuple[StackTemplate | None, StackTemplate | None]
    foundation: str
    promotion: tuple[StackTemplate | None, StackTemplate | None] = (None, None)
    evaluation: tuple[StackTemplate | None, StackTemplate | None] = (None, None)

    @property
    def stacks(self) -> tuple[tuple[StackTemplate | None, StackTemplate | None], ...]:
        """The stacks in the order in which they deploy."""
        return (self.training, self.promotion, self.evaluation, self.serving)

    @property
    def any(self) -> StackTemplate:
        """One of its stacks, rather one of the head."""
        return next(its for when in (1, 0) for pair in self.stacks if (its := pair[when]))


@dataclass(frozen=True)
class Outlook:
    """What a deploy of the head does to one model: presumed, as if the base was deployed, or found in its account."""

    diff: ModelDiff
    lines: Sequence[Planned]
    is_observed: bool = False


def findings(pair: ModelPair, observed: Outlook | None = None) -> Iterator[ReviewFinding]:
    """Yield what a deploy of the head does to the trainings and to what serves.

    observed: What a look at the account has planned. Default: the base is deployed, and well.
    """
    try:
        yield from _findings(pair, observed) if observed else _at_most(pair)
    except BadProperty as error:
        says = f"what it trains and serves cannot be read from the template: {error}"
        yield pair.any.finding("", "unknown", says, certainty="unknown")


def _findings(pair: ModelPair, outlook: Outlook) -> Iterator[ReviewFinding]:
    diffs = (outlook.diff.training, outlook.diff.promotion, outlook.diff.evaluation, outlook.diff.serving)
    for (_, stack), diff in zip(pair.stacks, diffs, strict=True):
        if stack and diff:
            of_it = [line for line in outlook.lines if line.stack == stack.name]
            yield from _of_stack(stack, diff, of_it, is_observed=outlook.is_observed)


def _at_most(pair: ModelPair) -> Iterator[ReviewFinding]:
    """Yield what happens in every world that the base may have made, and as "at most" what happens in some."""
    well = list(_findings(pair, _presumed(pair)))
    in_term = list(_findings(pair, _presumed(pair, in_term=True))) if _is_committed(pair) else well
    failed = list(_findings(pair, _presumed(pair, has_trained=False))) if _is_next_attempt(pair) else well
    unbaked = list(_findings(pair, _presumed(pair, has_baked=False))) if _commits_baked_only(pair) else well
    in_well, in_both = set(map(_key, well)), set(map(_key, in_term)) & set(map(_key, failed)) & set(map(_key, unbaked))
    for its in well:
        hangs = its.certainty == "will" and its.finding_class != "changes" and _key(its) not in in_both
        yield replace(its, certainty="atMost") if hangs else its
    for its in in_term:
        if _key(its) not in in_well:
            says = "the deploy is refused while the term of the commitment lasts: nothing of this stack is changed"
            yield replace(its, says=says, certainty="atMost")
    for its in unbaked:
        if _key(its) not in in_well and its.finding_class == "refused":
            says = "the deploy is refused until a bake of this model has passed: no commitment is bought"
            yield replace(its, says=says, certainty="atMost")
    for its in failed:
        if _key(its) not in in_well and its.finding_class != "changes":
            yield replace(its, says=f"{its.says}; this happens if the attempt before has no model", certainty="atMost")


def _is_next_attempt(pair: ModelPair) -> bool:
    """Tell whether the head asks once more for a training of the base: that is for one that failed, or was stopped."""
    before, after = (
        list(of_type(read(its.body), contract.MODEL_CUSTOMIZATION).values()) if its else [] for its in pair.training
    )
    if not (before and after):
        return False
    names = (ModelCustomizationProperties.training_id.name, ModelCustomizationProperties.attempt.name)
    (old_id, old), (new_id, new) = ([each[0].properties.get(name) for name in names] for each in (before, after))
    return old_id == new_id and old != new


def _is_committed(pair: ModelPair) -> bool:
    before = pair.serving[0]
    return before is not None and any(
        ProvisionedThroughputProperties.commitment_duration.name in its.get("Properties", {})
        for its in before.resources.values()
    )


def _commits_baked_only(pair: ModelPair) -> bool:
    """Tell whether the head asks for a commitment that is bought only for a model that has passed a bake."""
    after = pair.serving[1]
    bought = of_type(read(after.body), contract.PROVISIONED_THROUGHPUT).values() if after else ()
    names = (ProvisionedThroughputProperties.commitment_duration, ProvisionedThroughputProperties.commit_baked_only)
    return any(all(each.name in its.properties for each in names) for its in bought)


def _key(its: ReviewFinding) -> tuple[str, ...]:
    return (its.finding_class, its.stack, its.path, its.source, its.was, its.now)


def _presumed(pair: ModelPair, *, in_term: bool = False, has_trained: bool = True, has_baked: bool = True) -> Outlook:
    place = Location(pair.any.account, pair.any.region)
    world = PresumedWorld(place, in_term=in_term, has_trained=has_trained, has_baked=has_baked)
    bedrock: Any = Bedrock(world)  # type: ignore[arg-type]  # it answers what a plan asks, and nothing else
    trains, promotes, evaluates, serves = (_scene(each, world, place, pair.foundation) for each in pair.stacks)
    diff = ModelDiff(trains, serves, promotes, evaluates)
    # No template tells whether a model that is given or promoted exists; who names one means one that does.
    for resource in promotes.wanted.values():
        world.promote(_record(resource, promotes))
    for kind in contract.SERVING_TYPES:
        for resource in of_type(diff.serving.wanted, kind).values():
            world.model_arn(_record(resource, diff.serving))
    return Outlook(diff, list(lines(diff, bedrock, Observed(NOW, ()), lambda *_: 0, lambda _: None)))


def _scene(
    pair: tuple[StackTemplate | None, StackTemplate | None], world: PresumedWorld, place: Location, foundation: str
) -> StackDiff:
    before, after = pair
    name = next((its.name for its in (after, before) if its), "")
    known = {
        "AWS::Partition": place.partition,
        "AWS::AccountId": place.account,
        "AWS::Region": place.region,
        # Their values are not known, but which is which.
        **{name: f"<{name}>" for its in pair if its for name in its.imports},
    }
    deployed = read(before.body) if before else {}
    tag = place.stack_owner(foundation)
    stack = world.deploy(name, deployed, tag, known) if before else None
    return StackDiff(
        name=name,
        owner=place.stack_owner(name),
        foundation=tag,
        stack=stack,
        deployed=deployed,
        wanted=read(after.body) if after else {},
        known=known,
        now=NOW,
        is_wanted=after is not None,
    )


def _of_stack(
    stack: StackTemplate, scene: StackDiff, lines: Sequence[Planned], *, is_observed: bool
) -> Iterator[ReviewFinding]:
    told: set[str] = set()
    for line in lines:
        for found in _of_line(stack, scene, line, is_observed=is_observed):
            told.add(line.logical_id)
            yield found
    for logical_id in {**scene.wanted, **scene.deployed}:
        before, after = scene.deployed.get(logical_id), scene.wanted.get(logical_id)
        if before == after:
            continue
        path = stack.path_of(logical_id)
        its, old = (_record(each, scene) if each else None for each in (after, before))
        yield from guards.of_properties(stack, path, its, old) if its else guards.of_removed(stack, path, old)
        if not is_observed and isinstance(its, ServedModelProperties):
            yield from _of_kept_models(stack, path, its, _served_before(scene))
        if logical_id not in told:
            yield _update(stack, path, scene, before, after)


def _served_before(scene: StackDiff) -> ServedModelProperties | None:
    """Return what served before, whichever way; None where nothing did."""
    found = [its for kind in contract.SERVING_TYPES for its in of_type(scene.deployed, kind).values()]
    return _record(found[0], scene) if found else None


def _of_kept_models(
    stack: StackTemplate, path: str, its: ServedModelProperties, old: ServedModelProperties | None
) -> Iterator[ReviewFinding]:
    """Yield the deletions that an update may lead to: no template tells which older models there are."""
    number = ServedModelProperties.keep_models
    was = old.keep_models if old and number in old else None
    # Where more are kept, there are none beyond them. As many: one that was kept because it served just before.
    if number in its and (was is None or its.keep_models <= was):
        yield stack.finding(
            path,
            "deletes",
            f"each update of what serves permanently deletes all models but {newest(its.keep_models)}",
            certainty="atMost",
            was="" if old is None else "every model is kept" if was is None else _kept(was),
            now=_kept(its.keep_models),
            source="KeepModels",
        )


def _kept(number: int) -> str:
    return f"{newest(number)} {'is' if number == 1 else 'are'} kept"


_NEW: Final = {
    contract.DATASET: "a data file is checked, and copied into the bucket if it is missing there",
    contract.MODEL_CUSTOMIZATION: "the training run exists already",
    contract.TRAINING_AWAIT: "one more step waits for the training",
    contract.PROMOTED_MODEL: "another environment's model is held already",
    contract.PROVISIONED_THROUGHPUT: "the Provisioned Throughput exists already",
    contract.CUSTOM_MODEL_DEPLOYMENT: "the custom model deployment exists already",
    contract.SERVING_BAKE: "one more step of a bake watches alarms",
    contract.EVALUATION: "the evaluation is complete already",
    contract.EVALUATION_AWAIT: "one more step waits for the evaluation",
    contract.QUALITY_GATE: "a gate judges the scores of an evaluation",
}
_GONE: Final = {
    contract.DATASET: "a data file is no longer checked; what is in the bucket stays",
    contract.TRAINING_AWAIT: "one step fewer waits for the training",
    contract.PROMOTED_MODEL: "another environment's model is no longer held here once nothing serves it",
    contract.PROVISIONED_THROUGHPUT: "a Provisioned Throughput is no longer in the template",
    contract.CUSTOM_MODEL_DEPLOYMENT: "a custom model deployment is no longer in the template",
    contract.SERVING_BAKE: "the model that serves is no longer baked",
    contract.EVALUATION: "an evaluation is removed; its scores stay, and its answers until they expire",
    contract.EVALUATION_AWAIT: "one step fewer waits for the evaluation",
    contract.QUALITY_GATE: "the model is no longer judged before it serves",
}


def _update(
    stack: StackTemplate, path: str, scene: StackDiff, before: TemplateResource | None, after: TemplateResource | None
) -> ReviewFinding:
    """Return what is told of a request that trains, buys, moves and deletes nothing."""
    if before and not after and before.type == contract.MODEL_CUSTOMIZATION:
        return _not_asked_for(stack, path, scene, before)
    if before and after and before.type == after.type:
        changed = sorted(
            name
            for name in {**before.properties, **after.properties}
            if before.properties.get(name) != after.properties.get(name)
        )
        says = f"updated: {', '.join(changed)}"
        was, now = (", ".join(_shown(its, changed, scene)) for its in (before, after))
        return stack.finding(path, "changes", says, was=was, now=now)
    says = _NEW[after.type] if after else _GONE[before.type] if before else ""
    return stack.finding(path, "changes", says)


def _shown(resource: TemplateResource, names: Sequence[str], scene: StackDiff) -> Iterator[str]:
    for name in names:
        value = resolved(resource.properties[name], scene.known) if name in resource.properties else "absent"
        yield f"{name} {value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"


def _not_asked_for(stack: StackTemplate, path: str, scene: StackDiff, before: TemplateResource) -> ReviewFinding:
    """Return what becomes of a training whose resource is gone: it may be another resource's by now."""
    name = _record(before, scene).training_name
    if name in {_record(its, scene).training_name for its in of_type(scene.wanted, before.type).values()}:
        says = "another resource asks for the same training run: nothing is trained twice"
        return stack.finding(path, "changes", says, was=name)
    says = "this training run is no longer in the template: if in progress, it continues; its model is kept"
    cost = Cost("monthly", "custom model stored", 1, "custom-models")
    return stack.finding(path, "stays", says, was=name, costs=(cost,))


def _of_line(stack: StackTemplate, scene: StackDiff, line: Planned, *, is_observed: bool) -> Iterator[ReviewFinding]:
    before, after = scene.deployed.get(line.logical_id), scene.wanted.get(line.logical_id)
    its, old = (_record(each, scene) if each else None for each in (after, before))
    kept = [each.is_kept(REPLACEMENT if after else DELETION) for each in (before, after) if each]
    for step in line.steps:
        act = Act(stack, stack.path_of(line.logical_id), step, its, old, kept, is_observed)
        yield from act.findings(line.kind)


def _record(resource: TemplateResource, scene: StackDiff) -> Any:
    return RECORDS[resource.type](scene.properties(resource))
