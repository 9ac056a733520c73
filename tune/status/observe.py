"""Looks at one environment. Every call only reads, and none needs the data files or stops a deploy."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.resources import model_customization
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.reported_losses import training_loss
from settings.stack_names import MODEL_STACKS, STACK_KINDS
from tune.account import candidates, inventory, ownership, stack_states, training_progress
from tune.account.access_stacks import AccessStackStatus
from tune.account.aws import Aws
from tune.account.bedrock_resources import BedrockResource, Observed, Observer, served
from tune.account.held import Held, held_by
from tune.account.items import InventoryItem
from tune.account.location import place_of
from tune.account.recipients import recipients
from tune.account.stack_states import StackState
from tune.account.stores import Seen
from tune.evaluation.observe import EvaluationObserver
from tune.status.facts import (
    CandidateFacts,
    ParameterFacts,
    PromotionFacts,
    ServingFacts,
    StackFacts,
    Status,
    TrainingFacts,
)
from tune.status.promotions import promotions
from tune.status.stack_facts import Resources, phase_facts, stack_facts
from tune.terminal.environments import EnvironmentRef

_PARAMETER: Final = "AWS::SSM::Parameter"
_MOVING: Final = ("InProgress", "Stopping")


class StatusObserver:
    """Looks at one environment, as often as it is asked; at `access`, which is in other accounts, somebody did once."""

    def __init__(self, aws: Aws, anchor: EnvironmentRef, access: tuple[AccessStackStatus, ...] = ()) -> None:
        self._access = access
        self._aws = aws
        self._anchor = anchor
        self._cloudformation = aws("cloudformation")
        self._bedrock = Bedrock(aws("bedrock"))
        self._observer = Observer(self._bedrock, anchor.region)
        self._evaluations = EvaluationObserver(aws, anchor)
        self._tagged: Seen | None = None

    def look(self) -> Status:
        """Return where everything stands."""
        anchor = self._anchor
        # Few models are promoted or evaluated: of the others it would be told each time that this stack does not exist.
        gone = {
            name
            for name in anchor.stacks("Promotion", "Evaluation")
            if not stack_states.read(self._cloudformation, name).is_there
        }
        names = [name for name in anchor.stacks(*STACK_KINDS) if name not in gone]
        others = {state.name: state for name in names if (state := self._anothers(name))}
        resources = {name: stack_states.resources(self._cloudformation, name) for name in names if name not in others}
        held = held_by([each for name in anchor.stacks(*MODEL_STACKS) for each in resources.get(name, ())])
        observed = self._observed(held)
        left = self._left_stores()
        promoted = tuple(self._promotions(resources))
        return Status(
            environment=anchor.name,
            place=place_of(anchor),
            now=observed.now,
            stacks=tuple(
                stack_facts(self._cloudformation, name, resources[name])
                if name not in others
                else StackFacts(name, others[name].status, is_anothers=True)
                for name in names
            ),
            trainings=tuple(self._trainings(observed, resources)),
            serving=tuple(self._serving(observed, promoted)),
            promotions=promoted,
            evaluations=tuple(self._evaluations.look(filter(resources.get, anchor.stacks("Evaluation")), observed.now)),
            candidates=tuple(self._candidates(observed)),
            access=self._access,
            recipients=tuple(
                found
                for name in anchor.stacks("Foundation")
                for found in recipients(self._aws, resources.get(name, ()))
            ),
            parameters=tuple(
                found for name in anchor.stacks("Serving") for found in self._parameters(resources.get(name, ()))
            ),
            bills=tuple(self._bills(observed, left, stand=list(filter(resources.get, anchor.stacks("Foundation"))))),
            models={
                model: [name for name in _stacks_of(anchor.about([model])) if name not in gone]
                for model in anchor.models
            },
            unseen=left.unseen,
        )

    def _anothers(self, name: str) -> StackState | None:
        """Return a stack that another app made, None for one of the environment's and where there is none."""
        state = stack_states.read(self._cloudformation, name)
        try:
            return state if ownership.is_anothers(self._cloudformation, self._anchor, state) else None
        except ClientError as error:
            if not aws_errors.is_denied(error):
                raise
            return None  # who may not read change sets takes a stack for the environment's

    def _left_stores(self) -> Seen:
        """Return the buckets and keys that no Foundation holds any more."""
        if self._tagged is None:
            # Once: every bucket of the account is asked for its tags.
            self._tagged = inventory.stores_by_tags(self._aws, self._anchor)
        return inventory.left_stores(self._aws, self._anchor, tagged=self._tagged)

    def _observed(self, held: Held) -> Observed:
        def is_of(thing: BedrockResource) -> bool:
            return inventory.is_of(thing, self._anchor, held)

        found = self._observer.look(is_of)
        return Observed(found.now, tuple(filter(is_of, found.things)))

    def _trainings(self, observed: Observed, resources: Mapping[str, Resources]) -> Iterator[TrainingFacts]:
        """Yield what is being trained, and what the stacks hold, or in its place what was trained last of a model."""
        anchor, jobs = self._anchor, observed.of("job")
        for model in anchor.models:
            trains = anchor.about([model]).stacks("Training")
            held = _held_job([each for name in trains for each in resources.get(name, ())])
            of_model = [
                job
                for job in jobs
                if job.name == held or contract.is_name_of(job.name, model=model, environment=anchor.name)
            ]
            yield from self._trainings_of(of_model, held)
            jobs = [job for job in jobs if job not in of_model]
        # Of a model that nobody knows any more what goes on is told.
        yield from self._trainings_of([job for job in jobs if job.status in _MOVING], None)

    def _trainings_of(self, jobs: Sequence[BedrockResource], held: str | None) -> Iterator[TrainingFacts]:
        moving = [job for job in jobs if job.status in _MOVING]
        others = [job for job in jobs if job not in moving]
        told = [job for job in others if job.name == held] or ([] if moving else others[-1:])
        for job in (*reversed(moving), *told):
            if found := self._details(self._bedrock.client.get_model_customization_job, jobIdentifier=job.arn):
                yield self._training(found, is_held=job.name == held)

    def _details(self, get: Callable[..., Any], **identifier: str) -> Mapping[str, Any] | None:
        """Return what a call gives; None for what has gone since it was listed."""
        try:
            answer: Mapping[str, Any] = get(**identifier)
        except ClientError as error:
            if aws_errors.is_not_found(error):
                return None
            raise
        return answer

    def _training(self, job: Mapping[str, Any], *, is_held: bool) -> TrainingFacts:
        progress = training_progress.progress(job)
        model = self._bedrock.model(job["outputModelName"])
        return TrainingFacts(
            name=job["jobName"],
            status=progress.status,
            since=job["creationTime"],
            lasted=progress.ran,
            ended=job.get("endTime"),
            base_model_arn=job["baseModelArn"],
            is_held=is_held,
            phases=tuple(phase_facts(job)),
            training_loss=training_loss(job),
            failure=job.get("failureMessage", ""),
            model_arn=model.arn if model else "",
            model_status=model.status if model else "",
        )

    def _promotions(self, resources: Mapping[str, Resources]) -> Iterator[PromotionFacts]:
        for name in self._anchor.stacks("Promotion"):
            yield from promotions(self._cloudformation, self._bedrock, name, resources.get(name, ()))

    def _serving(self, observed: Observed, promoted: Sequence[PromotionFacts]) -> Iterator[ServingFacts]:
        models = {thing.arn: thing.name for thing in observed.of("model")} | {its.arn: its.name for its in promoted}
        bakes = {thing.arn: thing.tags.get(contract.TAG_BAKE, "") for thing in observed.of("model")}
        for thing in observed.serving():
            found = served(self._bedrock, thing.kind, thing.arn)
            if found is None:
                continue
            current, desired = found.serving_arn, found.desired_arn
            yield ServingFacts(
                what=thing.item.what,
                name=thing.name,
                arn=thing.arn,
                status=found.state,
                since=thing.created,
                age=max(observed.now - thing.created, timedelta()),
                cost=thing.item.cost,
                model=models.get(current, current),
                moves_to=models.get(desired, desired) if desired != current else "",
                bake=bakes.get(current, ""),
                failure=found.failure_message,
            )

    def _candidates(self, observed: Observed) -> Iterator[CandidateFacts]:
        for thing in observed.candidates():
            age = max(observed.now - thing.created, timedelta())
            is_in_use = candidates.is_in_use(self._aws, thing)
            yield CandidateFacts(thing.name, thing.evaluation, thing.status, age, thing.item.command, is_in_use)

    def _parameters(self, serving: Resources) -> Iterator[ParameterFacts]:
        for its in serving:
            if its["ResourceType"] == _PARAMETER and its["ResourceStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                yield self._parameter(its["PhysicalResourceId"])

    def _parameter(self, name: str) -> ParameterFacts:
        try:
            return ParameterFacts(name, self._aws("ssm").get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            if aws_errors.code(error) == "ParameterNotFound":
                return ParameterFacts(name, None)
            if aws_errors.is_denied(error):
                return ParameterFacts(name, None, unseen=aws_errors.sentence(error))
            raise

    def _bills(self, observed: Observed, left: Seen, *, stand: Sequence[str]) -> Iterator[InventoryItem]:
        yield from (thing.item for thing in (*observed.serving(), *observed.candidates()))
        yield from (thing.item for thing in observed.of("job") if thing.status in _MOVING)
        yield from (thing.item for thing in observed.of("model"))
        for name in stand:
            yield inventory.foundation_item(self._anchor, name)
        yield from (its.item for its in left.stored if its.deletion_date is None)


def _stacks_of(anchor: EnvironmentRef) -> list[str]:
    return [name for kind in MODEL_STACKS for name in anchor.stacks(kind)]


def _held_job(resources: Resources) -> str | None:
    for its in resources:
        if its["ResourceType"] == contract.MODEL_CUSTOMIZATION:
            return PhysicalId.named(its.get("PhysicalResourceId"), model_customization.KIND)
    return None
