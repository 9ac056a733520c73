"""A status in words."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from bedrock_lifecycle.contract import is_name_of
from bedrock_lifecycle.decisions import no_model
from bedrock_lifecycle.engine.clock import in_words
from tune.account.items import InventoryItem
from tune.account.training_progress import MARKS
from tune.evaluation.text import standing
from tune.status.facts import (
    CandidateFacts,
    ParameterFacts,
    PromotionFacts,
    ServingFacts,
    StackFacts,
    Status,
    TrainingFacts,
)


def lines(status: Status) -> Iterator[str]:
    """Yield what is known of an environment, line by line."""
    yield f"Environment {status.environment} in account {status.place.account}, {status.place.region}"
    for stack in status.stacks:
        yield from _stack(stack)
    yield from (_capitalized(str(its)) for its in status.access)
    yield from _notifications(status)
    for training in status.trainings:
        yield from _training(training)
    yield from chain.from_iterable(map(_promotion, status.promotions))
    if not status.trainings and not status.promotions:
        yield "Training: none"
    yield from (_capitalized(standing(its)) for its in status.evaluations)
    yield from map(_candidate, status.candidates)
    for serving in status.serving:
        yield from _serving(serving)
    if not status.serving:
        yield "Serving: nothing serves a model, and nothing is billed by the hour"
    for parameter in status.parameters:
        yield _parameter(parameter, status)
    yield from _bills(status.bills)
    if status.unseen:
        yield f"    {status.unseen}"
    yield progress(status)


def progress(status: Status) -> str:
    """Return what goes on, in one line."""
    going = [
        *(f"stack {its.name} is {its.status}{_where(its)}" for its in status.stacks if its.is_busy),
        *(
            f"training {its.name} {in_words(its.lasted)}  {_phases(its) or its.status}"
            for its in status.trainings
            if its.is_moving
        ),
        *(standing(its) for its in status.evaluations if its.is_moving),
        *(f"{its.what} {its.name} is {its.status}" for its in status.serving if its.is_moving),
    ]
    return f"In progress: {'; '.join(going)}" if going else "Nothing is in progress."


def _notifications(status: Status) -> Iterator[str]:
    for recipients in status.recipients:
        yield from recipients.lines(status.place.region)


def _capitalized(line: str) -> str:
    return line[0].upper() + line[1:]


def _stack(stack: StackFacts) -> Iterator[str]:
    if stack.status is None:
        yield f"Stack {stack.name}: none"
        return
    if stack.is_anothers:
        yield f"Stack {stack.name}: {stack.status}, a stack of another app: nothing in it is this app's"
        return
    if stack.since is None:
        yield f"Stack {stack.name}: {stack.status}, a change set that was never executed; it holds nothing"
        return
    commit = f", from commit {stack.commit}" if stack.commit else ""
    yield f"Stack {stack.name}: {stack.status} for {_since(stack.age, stack.since)}{commit}{_where(stack)}"
    yield from (f"    failed: {reason}" for reason in stack.failures)


def _training(training: TrainingFacts) -> Iterator[str]:
    if training.ended:
        ended = f"after {in_words(training.lasted)}, at {training.ended:%Y-%m-%d %H:%M} UTC"
    else:
        ended = f"for {_since(training.lasted, training.since)}"
    yield f"Training {training.name}: {training.status} {ended}"
    if phases := _phases(training):
        yield f"    phases: {phases}"
    if training.is_late:
        yield f"    {no_model.not_started(training.name, in_words(training.lasted))}"
    yield f"    base model: {training.base_model_arn.rpartition('/')[2]}"
    if training.training_loss is not None:
        yield f"    training loss at the end: {training.training_loss:.4f}"
    elif training.status == "Completed":
        yield "    Bedrock reports no loss; the bucket may contain the metrics of each step"
    if training.failure:
        yield f"    Bedrock's reason: {training.failure}"
    yield f"    model: {f'{training.model_arn} ({training.model_status})' if training.model_arn else 'none'}"
    if training.is_moving and not training.is_held:
        yield "    no stack holds it yet; the deployment that waits for it, or the next one, adopts it"


def _promotion(promoted: PromotionFacts) -> Iterator[str]:
    if promoted.unseen:
        yield f"Promoted model of stack {promoted.name}: could not be read: {promoted.unseen}"
        return
    if promoted.is_gone:
        yield f"Promoted model {promoted.name}: {no_model.not_there(promoted.name, promoted.giver)}"
        return
    hold = (
        "held"
        if promoted.is_held
        else f"not held, so {promoted.giver} may delete the model: raise `reconcile` by one and deploy"
    )
    yield f"Promoted model {promoted.name} of {promoted.giver}: {promoted.status}, {hold}"
    if promoted.bake:
        yield f"{_bake(promoted.bake)}, in {promoted.giver}"


def _serving(serving: ServingFacts) -> Iterator[str]:
    yield f"{serving.what} {serving.name}: {serving.status} for {_since(serving.age, serving.since)}"
    yield f"    {serving.cost}"
    moving = f", switching to {serving.moves_to}" if serving.moves_to else ""
    yield f"    serves: {serving.model}{moving}"
    if serving.bake:
        yield _bake(serving.bake)
    yield f"    modelId for applications: {serving.arn}"
    if serving.failure:
        yield f"    Bedrock's reason: {serving.failure}"


def _candidate(candidate: CandidateFacts) -> str:
    told = f"Candidate {candidate.name} of evaluation {candidate.evaluation}: {candidate.status} for"
    runs = {
        True: "the run under way deletes it",
        False: f"no run is under way that needs it; to delete it: {candidate.command}",
        None: "whether a run is under way, which deletes it, is not seen",
    }
    return f"{told} {in_words(candidate.age)}; {runs[candidate.is_in_use]}"


def _bake(found: str) -> str:
    return f"    bake of this model: {found}"


def _parameter(parameter: ParameterFacts, status: Status) -> str:
    if parameter.unseen:
        return f"Parameter {parameter.name}: could not be read: {parameter.unseen}"
    if parameter.value is None:
        return f"Parameter {parameter.name}: does not exist{_put_back(parameter, status)}"
    known = {its.arn: its.name for its in status.serving}
    named = known.get(parameter.value) or f"{parameter.value}, which is not listed above"
    return f"Parameter {parameter.name}: names {named}"


def _put_back(parameter: ParameterFacts, status: Status) -> str:
    """Return the command that makes the parameter again, where there is no doubt what it named."""
    model = parameter.name.split("/")[-2]
    found = [its for its in status.serving if is_name_of(its.name, model=model, environment=status.environment)]
    if len(found) != 1:
        return ""
    (serving,) = found
    return (
        "; applications cannot read what to invoke. To create it again: aws ssm put-parameter "
        f"--name {parameter.name} --type String --value {serving.arn} --region {status.place.region}"
    )


def _bills(items: Iterable[InventoryItem]) -> Iterator[str]:
    told = [f"    {item}" for item in items]
    yield "Billed now:" if told else "Billed now: nothing of this environment"
    yield from told


def _phases(training: TrainingFacts) -> str:
    return "  ".join(
        f"{phase.name} {MARKS[phase.status]}{f' {in_words(phase.lasted)}' if phase.lasted is not None else ''}"
        for phase in training.phases
        if phase.status in MARKS
    )


def _where(stack: StackFacts) -> str:
    return f", at {', '.join(stack.works_on)}" if stack.works_on else ""


def _since(span: timedelta, since: datetime | None) -> str:
    return f"{in_words(span)}, since {since:%Y-%m-%d %H:%M} UTC" if since else in_words(span)
