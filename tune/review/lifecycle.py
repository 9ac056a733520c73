"""What the custom resources of a model do: the lifecycle's own plan, on the world that the base has made.

Each type of the contract has a reader here; one without would be told as unknown.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.properties import BadProperty, Received
from bedrock_lifecycle.contract.served_model import (
    CustomModelDeploymentProperties,
    ProvisionedThroughputProperties,
    ServedModelProperties,
)
from bedrock_lifecycle.contract.training_await import TrainingAwaitProperties
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_tuning.spending.words import RECORDS_PER_EPOCH, TOKENS_PER_EPOCH
from tune.account.bedrock_resources import Observed
from tune.account.location import Location
from tune.account.templates import Resource, of_type, read, resolved
from tune.plan import training
from tune.plan.planned import Planned, StackDiff
from tune.plan.serving import WAYS, ServingPlan
from tune.plan.steps import Step
from tune.review import guards
from tune.review.assembly import StackTemplate
from tune.review.findings import HOURS_A_MONTH, NO_TERM, Cost, Finding
from tune.review.presumed import NOW, PresumedWorld

RECORDS: Final[Mapping[str, type[Received]]] = {
    contract.DATASET: DatasetProperties,
    contract.MODEL_CUSTOMIZATION: ModelCustomizationProperties,
    contract.TRAINING_AWAIT: TrainingAwaitProperties,
    contract.PROVISIONED_THROUGHPUT: ProvisionedThroughputProperties,
    contract.CUSTOM_MODEL_DEPLOYMENT: CustomModelDeploymentProperties,
}
"""How the properties of each custom resource type are read."""


@dataclass(frozen=True)
class ModelPair:
    """The stacks of one model before and after; None for one that an assembly lacks."""

    training: tuple[StackTemplate | None, StackTemplate | None]
    serving: tuple[StackTemplate | None, StackTemplate | None]
    foundation: str


def findings(pair: ModelPair) -> Iterator[Finding]:
    """Yield what a deploy of the head does to the trainings and to what serves, where the base is deployed and well."""
    try:
        yield from _findings(pair)
    except BadProperty as error:
        some = next(its for its in (*pair.serving, *pair.training) if its)
        says = f"what it trains and serves cannot be read from the template: {error}"
        yield some.finding("", "unknown", says, certainty="unknown")


def _findings(pair: ModelPair) -> Iterator[Finding]:
    some = next(its for its in (*pair.training, *pair.serving) if its)
    place = Location(some.account, some.region)
    world = PresumedWorld(place)
    bedrock: Any = Bedrock(world)  # type: ignore[arg-type]  # it answers what a plan asks, and nothing else
    scenes = [_scene(each, world, place, pair.foundation) for each in (pair.training, pair.serving)]
    outlook = training.TrainingPlan()
    # No template tells whether a model that is given exists; who names one means one that does.
    for resource in scenes[1].wanted.values():
        world.model_arn(_record(resource, scenes[1]))
    jobs = of_type(scenes[0].wanted, contract.MODEL_CUSTOMIZATION)
    if len(jobs) > 1:
        raise BadProperty(f"{len(jobs)} trainings in one stack")
    if pair.training[1] and jobs:
        outlook = training.plan(scenes[0], bedrock, lambda *_: 0)
    lines = list(outlook.lines)
    if pair.serving[1]:
        serving = ServingPlan(scenes[1], bedrock, Observed(NOW, ()))
        lines += serving.lines(job=outlook.job, waits=outlook.waits)
    for (before, after), scene in zip((pair.training, pair.serving), scenes, strict=True):
        stack = after or before
        if stack and after:
            yield from _of_stack(stack, scene, [line for line in lines if line.stack == stack.name])


def _scene(
    pair: tuple[StackTemplate | None, StackTemplate | None], world: PresumedWorld, place: Location, foundation: str
) -> StackDiff:
    before, after = pair
    name = next((its.name for its in (after, before) if its), "")
    known = {
        "AWS::Partition": place.partition,
        "AWS::AccountId": place.account,
        "AWS::Region": place.region,
        **{name: f"<{name}>" for its in pair if its for name in _imports(its.body)},
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
    )


def _imports(value: Any) -> Iterator[str]:
    """Yield the exports that a template takes from other stacks: their values are not known, but which is which."""
    match value:
        case {"Fn::ImportValue": str(name)}:
            yield name
        case Mapping():
            yield from (name for each in value.values() for name in _imports(each))
        case list():
            yield from (name for each in value for name in _imports(each))


def _of_stack(stack: StackTemplate, scene: StackDiff, lines: Sequence[Planned]) -> Iterator[Finding]:
    told: set[str] = set()
    for line in lines:
        for found in _of_line(stack, scene, line):
            told.add(line.logical_id)
            yield found
    for logical_id in {**scene.wanted, **scene.deployed}:
        before, after = scene.deployed.get(logical_id), scene.wanted.get(logical_id)
        if before == after:
            continue
        path = stack.path_of(logical_id)
        if after:
            yield from guards.of_properties(
                stack, path, _record(after, scene), _record(before, scene) if before else None
            )
        if logical_id not in told:
            yield _update(stack, path, scene, before, after)


_NEW: Final = {
    contract.DATASET: "a data file is checked, and copied into the bucket if it is not there",
    contract.MODEL_CUSTOMIZATION: "a training is asked for that exists",
    contract.TRAINING_AWAIT: "one more step waits for the training",
    contract.PROVISIONED_THROUGHPUT: "a Provisioned Throughput is asked for that exists",
    contract.CUSTOM_MODEL_DEPLOYMENT: "a custom model deployment is asked for that exists",
}
_GONE: Final = {
    contract.DATASET: "a data file is no longer checked; what is in the bucket stays",
    contract.MODEL_CUSTOMIZATION: "no training is asked for any more: one that runs is stopped, its models stay",
    contract.TRAINING_AWAIT: "one step less waits for the training",
    contract.PROVISIONED_THROUGHPUT: "a Provisioned Throughput is no longer asked for",
    contract.CUSTOM_MODEL_DEPLOYMENT: "a custom model deployment is no longer asked for",
}


def _update(
    stack: StackTemplate, path: str, scene: StackDiff, before: Resource | None, after: Resource | None
) -> Finding:
    """Return what is told of a request that trains, buys, moves and deletes nothing."""
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


def _shown(resource: Resource, names: Sequence[str], scene: StackDiff) -> Iterator[str]:
    for name in names:
        value = resolved(resource.properties[name], scene.known) if name in resource.properties else "absent"
        yield f"{name} {value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"


def _of_line(stack: StackTemplate, scene: StackDiff, line: Planned) -> Iterator[Finding]:
    before, after = scene.deployed.get(line.logical_id), scene.wanted.get(line.logical_id)
    its, old = (_record(each, scene) if each else None for each in (after, before))
    path = stack.path_of(line.logical_id)
    for step in line.steps:
        source = f"row {step.row}"
        if step.fails:
            yield stack.finding(path, "refused", f"the deploy is refused: {step.reason}", source=source)
        elif reader := _STEPS.get((line.kind, step.action)):
            yield reader(stack, path, step, its, old, source)


Reader = Callable[[StackTemplate, str, Step, Any, Any, str], Finding]


def _trains(
    stack: StackTemplate,
    path: str,
    _step: Step,
    its: ModelCustomizationProperties,
    old: ModelCustomizationProperties | None,
    source: str,
) -> Finding:
    epochs = its.hyper_parameters.get("epochCount")
    passes = "Bedrock's default of epochs" if epochs is None else f"{epochs} epoch{'s' * (epochs != '1')}"
    tokens, records = (stack.quantity_of(path, name) for name in (TOKENS_PER_EPOCH, RECORDS_PER_EPOCH))
    of = "" if records is None else f" of {records:,} records"
    if tokens is None or epochs is None or not epochs.isdecimal():
        trained = Cost("once", f"tokens{of}, times {passes}", tokens)
    else:
        trained = Cost(
            "once",
            f"tokens or more, estimated:{of} in {passes}",
            tokens * int(epochs),
            "training-tokens",
            (its.base_model,),
        )
    return stack.finding(
        path,
        "trains",
        f"{its.base_model} is trained, unless {its.training_name} was trained before",
        certainty="atMost",
        was=old.training_name if old else "",
        now=its.training_name,
        costs=(trained, Cost("monthly", "custom model stored", 1, "custom-models")),
        source=source,
    )


def _buys(
    stack: StackTemplate,
    path: str,
    _step: Step,
    its: ProvisionedThroughputProperties,
    old: ServedModelProperties | None,
    source: str,
) -> Finding:
    units, term = its.model_units, its.commitment_duration
    says = f"a Provisioned Throughput of {terms(its)} is bought"
    is_second = isinstance(old, ProvisionedThroughputProperties)
    if is_second:
        says += "; it and the old one both bill until the end of the deploy deletes the old one"
    if term:
        says += "; it cannot be deleted before its term ends, and renews by itself"
    unit = f"model unit{'s' * (units > 1)}: {units * HOURS_A_MONTH:,} unit-hours in a month of {HOURS_A_MONTH} hours"
    return stack.finding(
        path,
        "buys",
        says,
        was=terms(old) if is_second and old else "",
        now=terms(its),
        costs=(Cost("hourly", unit, units, "model-units", (its.base_model, term or NO_TERM)),),
        source=source,
    )


def _serves(
    stack: StackTemplate,
    path: str,
    _step: Step,
    its: ServedModelProperties,
    old: ServedModelProperties | None,
    source: str,
) -> Finding:
    says = "a custom model deployment begins to serve on demand, under an ARN of its own"
    by_token = Cost("use", "tokens of each invocation")
    was = old.model if old else ""
    return stack.finding(path, "moves", says, was=was, now=its.model, costs=(by_token,), source=source)


def _moves(
    stack: StackTemplate,
    path: str,
    _step: Step,
    its: ServedModelProperties,
    old: ServedModelProperties | None,
    source: str,
) -> Finding:
    says = "another model answers, in place: the ARN stays the same"
    return stack.finding(path, "moves", says, was=old.model if old else "", now=its.model, source=source)


def _ends(
    stack: StackTemplate,
    path: str,
    step: Step,
    its: ServedModelProperties | None,
    old: ServedModelProperties | None,
    source: str,
) -> Finding:
    gone = old or its
    bought = gone if isinstance(gone, ProvisionedThroughputProperties) else None
    what = f"the Provisioned Throughput of {terms(bought)}" if bought else "the custom model deployment"
    says = f"{what} is deleted: its ARN answers nobody any more"
    in_term = bool(bought and bought.commitment_duration)
    if in_term:
        says += ". Inside its term Bedrock refuses that, and it goes on billing"
    return stack.finding(
        path,
        "deletes",
        says,
        certainty="atMost" if in_term else "will",
        was=step.reason or (gone.serving_name if gone else ""),
        source=source,
    )


def terms(its: ServedModelProperties) -> str:
    """Return what was bought, in words."""
    if not isinstance(its, ProvisionedThroughputProperties):
        return "on demand"
    units = its.model_units
    term = f"for {its.commitment_duration}" if its.commitment_duration else "without commitment"
    return f"{units} model unit{'s' * (units > 1)} {term}"


_JOB: Final = "customization job"
_BOUGHT, _DEPLOYED = (WAYS[kind].label for kind in contract.SERVING_TYPES)
_STEPS: Final[Mapping[tuple[str, str], Reader]] = {
    (_JOB, "create"): _trains,
    (_BOUGHT, "create"): _buys,
    (_DEPLOYED, "create"): _serves,
    (_BOUGHT, "swap"): _moves,
    (_DEPLOYED, "swap"): _moves,
    (_BOUGHT, "delete"): _ends,
    (_DEPLOYED, "delete"): _ends,
}


def _record(resource: Resource, scene: StackDiff) -> Any:
    return RECORDS[resource.type](scene.properties(resource))
