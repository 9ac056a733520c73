"""The Serving stack: what serves, what it takes the place of, what is left over, the models that are then retired."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import ProvisionedThroughputProperties, ServedModelProperties
from bedrock_lifecycle.decisions.observed import Job, Model, Served, Throughput
from bedrock_lifecycle.decisions.retirement import RetainedModel, to_retire
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.attempts import elapsed
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.observed_serving import ObservedServing
from bedrock_lifecycle.resources.registry import serving_resources
from bedrock_lifecycle.resources.retirement import family_of, never_retired
from bedrock_lifecycle.resources.serving_request import ServingRequest
from tune.account import owner_tag
from tune.account.bedrock_resources import Observed
from tune.account.templates import DELETION, REPLACEMENT, TemplateResource
from tune.plan import steps
from tune.plan.evaluation import PlannedEvaluation
from tune.plan.planned import Planned, StackDiff
from tune.plan.steps import PlanStep, Presence

_RETIRED: Final = ("delete the model, which is beyond `keep_models`", "its monthly storage ends")


@dataclass(frozen=True)
class Way:
    """A way to serve, in words: what it is, how it is paid, and on which terms."""

    label: str
    bills: str
    terms: Callable[[Any], str]


def _purchase(properties: ProvisionedThroughputProperties) -> str:
    units, term = properties.model_units, properties.commitment_duration
    return f"{units} model unit{'s' * (units > 1)}, {term or 'no commitment'}"


WAYS: Final[Mapping[str, Way]] = {
    contract.PROVISIONED_THROUGHPUT: Way("provisioned throughput", "bills by the hour", _purchase),
    contract.CUSTOM_MODEL_DEPLOYMENT: Way(
        "custom model deployment", "serves, paid by the token", lambda _: "on demand"
    ),
}


@dataclass(frozen=True)
class _Served:
    """What is asked for, and what is known of it."""

    way: ObservedServing[Any, Any]
    asked: ServingRequest
    facts: Presence


class ServingPlan:
    """Plans one Serving stack."""

    def __init__(
        self, scene: StackDiff, bedrock: Bedrock, observed: Observed, asked: PlannedEvaluation | None = None
    ) -> None:
        """`asked` is what happens to the model's evaluation before. Default: nothing."""
        self._scene = scene
        self._observed = observed
        self._evaluation = asked or PlannedEvaluation()
        self._ways: Mapping[str, ObservedServing[Any, Any]] = serving_resources(
            bedrock, Preflight(lambda _: bedrock.client), self._evaluation.numbers
        )

    def lines(self, *, job: Job | None, waits: bool) -> Iterator[Planned]:
        """Yield the stack's lines. `job` is the training's by then; with `waits` its model is waited for before."""
        fails = False
        for logical_id, resource in self._of_ways(self._scene.wanted):
            line = self._line(logical_id, resource, job, waits=waits)
            fails = fails or line.fails
            yield line
        for logical_id, resource in self._of_ways(self._scene.deployed):
            if logical_id not in self._scene.wanted:
                yield self._removed(logical_id, resource, reached=not fails)

    def not_wanted(self, command: str) -> Iterator[Planned]:
        """Yield what a stack serves that the settings no longer ask for: no deploy removes a stack."""
        for logical_id, resource in self._of_ways(self._scene.deployed):
            yield Planned(
                kind=WAYS[resource.type].label,
                stack=self._scene.name,
                logical_id=logical_id,
                name=self._held(logical_id, resource) or logical_id,
                desired="none: the settings have no [serving]",
                observed=f"stack {self._scene.name} exists and {WAYS[resource.type].bills}",
                remedy=command,
            )

    def _line(self, logical_id: str, resource: TemplateResource, job: Job | None, *, waits: bool) -> Planned:
        event, way = self._scene.event(logical_id), self._ways[resource.type]
        asked = self._asked(logical_id, resource)
        served = _Served(way, asked, self._by_then(way.presence(asked), job, waits=waits))
        facts = served.facts
        words = WAYS[resource.type]
        line = self._scene.planned(
            event,
            self._steps(served),
            kind=words.label,
            logical_id=logical_id,
            name=facts.name,
            desired=f"{words.terms(asked.properties)}, serving {facts.given_model or facts.training_name}",
            observed=_seen(facts.found, facts.model),
        )
        if facts.found and owner_tag.is_taken_away(facts.found.tags) and facts.name == self._held(logical_id, resource):
            return replace(line, remedy="")  # the refusal has the command that gives the tag back
        return line

    def _removed(self, logical_id: str, resource: TemplateResource, *, reached: bool) -> Planned:
        """Return the line of what another way of serving takes the place of: CloudFormation deletes it afterwards."""
        name = self._held(logical_id, resource) or logical_id
        asked = replace(self._asked(logical_id, resource), event="Delete")
        detach = asked.properties.is_let_go_when_committed
        facts = self._ways[resource.type].absence(asked, name, detach=detach)
        is_kept = resource.is_kept(DELETION)
        return Planned(
            kind=WAYS[resource.type].label,
            stack=self._scene.name,
            logical_id=logical_id,
            name=name,
            desired="none: something else replaces it",
            observed=facts.found.state if facts.found else "none",
            event="Delete" if reached and not is_kept else None,
            steps=() if not reached else (steps.kept(DELETION),) if is_kept else steps.absence_steps(facts),
        )

    def _by_then(self, facts: Presence, job: Job | None, *, waits: bool) -> Presence:
        """Return the facts as they are when the Training stack is complete."""
        if facts.given_model:
            return facts
        facts = replace(facts, gate=self._evaluation.outlook(facts.gate))
        if waits:
            return replace(facts, model=Model(facts.model.arn if facts.model else "", "Active"))
        if job and facts.model is None:
            return replace(facts, job=job, job_ran=elapsed(job, self._scene.now))
        return facts

    def _asked(self, logical_id: str, resource: TemplateResource) -> ServingRequest:
        present = self._scene.stack.held.get(logical_id) if self._scene.stack else None
        record = self._ways[resource.type].record
        return ServingRequest(
            event="Create" if self._scene.held(logical_id) is None else "Update",
            owner=self._scene.owner,
            foundation=self._scene.foundation,
            logical_id=logical_id,
            physical_id=present,
            properties=record(self._scene.properties(resource)),
            before=record(self._scene.old_properties(logical_id)),
            now=self._scene.now,
            stack_is_new=self._scene.stack is None or self._scene.stack.is_made_anew,
            holder=lambda its: self._scene.holder(str(its), besides=logical_id),
            stack_has_failed=lambda: self._scene.stack is not None and self._scene.stack.has_failed,
        )

    def _steps(self, served: _Served) -> tuple[PlanStep, ...]:
        facts, asked = served.facts, served.asked
        leftovers = served.way.leftovers(asked).found
        # A leftover that cannot be deleted yet fails nothing.
        before = [step for way, name, _arn in leftovers for step in self._gone(way, asked, name) if not step.fails]
        present = PhysicalId.named(asked.physical_id, served.way.id_kind)
        if self._scene.stack and self._scene.stack.is_made_anew and present:
            gone = self._gone(served.way, asked, present)
            if any(step.fails for step in gone):
                return tuple(gone)
            before += gone
            if present == facts.name:
                facts = replace(facts, found=None)
        provided = steps.presence_steps(facts)
        if any(step.fails for step in provided):
            return (*before, *provided)
        freed = {facts.name, *(name for _, name, _arn in leftovers)}
        after = self._left(served.way, asked, present) if self._is_replaced(present, facts) else []
        everything = (*before, *provided, *self._retired(served, freed), *after)
        return tuple(step for step in everything if step.action != "done") or provided

    def _is_replaced(self, present: str | None, facts: Presence) -> bool:
        is_new = self._scene.stack is None or self._scene.stack.is_made_anew
        return present is not None and present != facts.name and not is_new

    def _left(self, way: ObservedServing[Any, Any], asked: ServingRequest, name: str | None) -> list[PlanStep]:
        """Return what becomes of the one that was replaced."""
        both = (its.get(asked.logical_id) for its in (self._scene.deployed, self._scene.wanted))
        # Which of the two templates counts, where they differ, is not documented.
        if any(its.is_kept(REPLACEMENT) for its in both if its):
            return [replace(steps.kept(REPLACEMENT), reason=name or "")]
        return self._gone(way, asked, name)

    def _gone(self, way: ObservedServing[Any, Any], asked: ServingRequest, name: str | None) -> list[PlanStep]:
        found = steps.absence_steps(way.absence(asked, name or "", detach=False))
        return [replace(step, reason=step.reason or name or "") for step in found if step.action != "done"]

    def _retired(self, served: _Served, freed: set[str]) -> list[PlanStep]:
        """Return the models that are retired once the wanted one serves."""
        properties, facts = served.asked.properties, served.facts
        limits = (ServedModelProperties.keep_models, ServedModelProperties.model_owner)
        if not all(its in properties for its in limits) or facts.model is None:
            return []
        family = family_of(properties)
        serving = [*self._observed.serving(), *self._observed.candidates()]
        used = {thing.model_arn for thing in serving if thing.name not in freed}
        models = [
            RetainedModel(thing.name, thing.arn, thing.created, thing.tags, serves=thing.arn in used)
            for thing in self._observed.of("model")
        ]
        if not facts.model.arn:
            models.append(RetainedModel(facts.training_name, "", self._scene.now, family.tags))
        never = never_retired(properties, served.asked.before)
        retired = to_retire(models, family, keep_models=properties.keep_models, never=never)
        return [PlanStep(f"{steps.row_of(facts)}-done", "retire", *_RETIRED, model.name) for model in retired]

    def _held(self, logical_id: str, resource: TemplateResource) -> str | None:
        return PhysicalId.named(self._scene.held(logical_id), self._ways[resource.type].id_kind)

    def _of_ways(self, template: Mapping[str, TemplateResource]) -> Iterator[tuple[str, TemplateResource]]:
        return ((logical_id, resource) for logical_id, resource in template.items() if resource.type in self._ways)


def _seen(found: Served | None, model: Model | None) -> str:
    if found is None:
        return "none"
    serves = "serving it" if model and found.serving_arn == model.arn else "serving another model"
    ends = found.commitment_ends if isinstance(found, Throughput) else None
    until = f", committed until {ends:%Y-%m-%d %H:%M} UTC" if ends else ""
    return f"{found.state}, {serves}{until}"
