"""The Serving stack: the throughput, what it replaces, what is left over of it, the models that are then retired."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.observed import Job, Model, Throughput
from bedrock_lifecycle.decisions.provisioned_throughput import Absence, Presence
from bedrock_lifecycle.decisions.retirement import Kept, to_retire
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.properties import Properties
from bedrock_lifecycle.resources.bedrock import Bedrock, tags_gone
from bedrock_lifecycle.resources.model_customization import elapsed
from bedrock_lifecycle.resources.provisioned_throughput import KIND, held_by, name_of, tags_of
from bedrock_lifecycle.resources.retirement import family_of, never_retired
from bedrock_lifecycle.resources.training import training_name
from tune.plan import steps
from tune.plan.desired import Resource, of_type
from tune.plan.observe import Observed
from tune.plan.planned import Planned, Scene, planned
from tune.plan.steps import Step

_RETIRED = ("delete the model, which is beyond `keep_models`", "its monthly storage ends")


@dataclass(frozen=True)
class _Purchase:
    """What is known of the throughput that is wanted, and of those of the same resource that are not."""

    facts: Presence
    properties: Properties
    before: Properties
    present: str | None
    leftovers: tuple[str, ...]


def plan(scene: Scene, bedrock: Bedrock, observed: Observed, *, job: Job | None, waits: bool) -> Iterator[Planned]:
    """Yield the Serving stack's lines. `job` is the training's by then; with `waits` its model is waited for before."""
    for logical_id, resource in of_type(scene.wanted, contract.PROVISIONED_THROUGHPUT).items():
        purchase = _read(scene, logical_id, resource, bedrock, observed)
        purchase = replace(purchase, facts=_by_then(purchase.facts, job, waits=waits))
        properties = purchase.properties
        units, term = properties.integer("ModelUnits"), properties.optional_text("CommitmentDuration")
        yield planned(
            scene.event(logical_id),
            _steps(scene, purchase, bedrock, observed),
            scene.remedy,
            kind="provisioned throughput",
            stack=scene.name,
            logical_id=logical_id,
            name=purchase.facts.name,
            desired=f"{units} model unit{'s' * (units > 1)}, {term or 'no commitment'}, serving "
            f"{purchase.facts.training_name}",
            observed=_seen(purchase.facts.found, purchase.facts.model),
        )


def _by_then(facts: Presence, job: Job | None, *, waits: bool) -> Presence:
    """Return the facts as they are when the Training stack is complete."""
    if waits:
        return replace(facts, model=Model(facts.model.arn if facts.model else "", "Active"))
    return replace(facts, job=job, job_ran=elapsed(job, facts.now)) if job and facts.model is None else facts


def not_wanted(scene: Scene, command: str) -> Iterator[Planned]:
    """Yield the throughputs of a stack that the settings no longer ask for: no deploy removes a stack."""
    for logical_id in of_type(scene.deployed, contract.PROVISIONED_THROUGHPUT):
        yield Planned(
            kind="provisioned throughput",
            stack=scene.name,
            logical_id=logical_id,
            name=PhysicalId.named(scene.held(logical_id), KIND) or logical_id,
            desired="none: the settings have no [serving]",
            observed=f"stack {scene.name} stands and bills by the hour",
            remedy=command,
        )


def _read(scene: Scene, logical_id: str, resource: Resource, bedrock: Bedrock, observed: Observed) -> _Purchase:
    properties = scene.properties(resource)
    name, training = name_of(properties), training_name(properties)
    model = bedrock.model(training)
    job = bedrock.job(training) if model is None else None
    present = PhysicalId.named(scene.stack.held.get(logical_id) if scene.stack else None, KIND)
    before = scene.old_properties(logical_id)
    facts = Presence(
        name=name,
        owner=scene.owner,
        resource=logical_id,
        training_name=training,
        model=model,
        job=job,
        job_ran=elapsed(job, scene.now) if job else "",
        found=bedrock.throughput(name),
        replaced=bedrock.throughput(present) if present and present != name else None,
        now=scene.now,
        tags=tags_of(properties, owner=scene.owner, logical_id=logical_id),
        tags_gone=tags_gone(before.mapping("Tags"), properties.mapping("Tags")),
    )
    wanted = held_by(scene.owner, logical_id)
    leftovers = [
        thing.name
        for thing in observed.of("throughput")
        if thing.name not in (name, present) and wanted.items() <= thing.tags.items()
    ]
    return _Purchase(facts, properties, before, present, tuple(leftovers))


def _steps(scene: Scene, purchase: _Purchase, bedrock: Bedrock, observed: Observed) -> tuple[Step, ...]:
    facts = purchase.facts
    before = [step for name in purchase.leftovers for step in _gone(facts, name, bedrock)]
    if scene.stack and scene.stack.is_made_anew and purchase.present:
        before += _gone(facts, purchase.present, bedrock)
        present = purchase.present == facts.name
        facts = replace(facts, found=None if present else facts.found, replaced=None)
    provided = steps.presence_steps(facts)
    if any(step.fails for step in provided):
        return (*before, *provided)
    retired = _retired(purchase, observed, scene.now)
    after = _gone(facts, facts.replaced.name, bedrock) if facts.replaced else []
    everything = (*before, *provided, *retired, *after)
    return tuple(step for step in everything if step.action != "done") or provided


def _gone(wanted: Presence, name: str, bedrock: Bedrock) -> list[Step]:
    facts = Absence(
        name=name, owner=wanted.owner, resource=wanted.resource, found=bedrock.throughput(name), now=wanted.now
    )
    return [replace(step, reason=step.reason or name) for step in steps.absence_steps(facts) if step.action != "done"]


def _retired(purchase: _Purchase, observed: Observed, now: datetime) -> list[Step]:
    """Return the models that are retired once the wanted one serves."""
    properties, facts = purchase.properties, purchase.facts
    if "KeepModels" not in properties or "ModelOwner" not in properties or facts.model is None:
        return []
    family = family_of(properties)
    freed = {facts.name, *purchase.leftovers}
    served = {thing.model_arn for thing in observed.of("throughput") if thing.name not in freed}
    models = [
        Kept(thing.name, thing.arn, thing.created, thing.tags, serves=thing.arn in served)
        for thing in observed.of("model")
    ]
    if not facts.model.arn:
        models.append(Kept(facts.training_name, "", now, family.tags))
    never = never_retired(properties, purchase.before)
    retired = to_retire(models, family, keep_models=properties.integer("KeepModels"), never=never)
    return [Step("throughput-done", "retire", *_RETIRED, model.name) for model in retired]


def _seen(found: Throughput | None, model: Model | None) -> str:
    if found is None:
        return "none"
    serves = "serving it" if model and found.model_arn == model.arn else "serving another model"
    until = f", committed until {found.commitment_ends:%Y-%m-%d %H:%M} UTC" if found.commitment_ends else ""
    return f"{found.status}, {serves}{until}"
