"""What a deploy does to one model: its Training stack, then its Serving stack, in whatever world is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from bedrock_lifecycle.resources.bedrock import Bedrock
from tune.account.bedrock_resources import Observed
from tune.plan import training
from tune.plan.planned import Planned, StackDiff, not_reached
from tune.plan.serving import ServingPlan
from tune.plan.training import SizeOf


@dataclass(frozen=True)
class ModelDiff:
    """The stacks of one model: what they were made from, and shall be made from."""

    training: StackDiff
    serving: StackDiff


def lines(of: ModelDiff, bedrock: Bedrock, observed: Observed, size_of: SizeOf) -> Iterator[Planned]:
    """Yield what a deploy does to each resource of a model; nothing of a stack that is not wanted."""
    outlook = training.plan(of.training, bedrock, size_of) if of.training.is_wanted else training.TrainingPlan()
    yield from outlook.lines
    if of.serving.is_wanted:
        for line in ServingPlan(of.serving, bedrock, observed).lines(job=outlook.job, waits=outlook.waits):
            yield not_reached(line) if outlook.fails else line
