"""What a deploy does to one model: to its stacks in the order in which they deploy, in whatever world is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from bedrock_lifecycle.resources.bedrock import Bedrock
from tune.account.bedrock_resources import Observed
from tune.plan import bake, evaluation, promotion, training
from tune.plan.evaluation import StoreOf
from tune.plan.planned import Planned, StackDiff, not_reached
from tune.plan.serving import ServingPlan
from tune.plan.training import SizeOf


@dataclass(frozen=True)
class ModelDiff:
    """The stacks of one model: what they were made from, and shall be made from."""

    training: StackDiff
    serving: StackDiff
    promotion: StackDiff | None = None
    """What is there instead of a training, where another environment gives the model."""
    evaluation: StackDiff | None = None


def lines(of: ModelDiff, bedrock: Bedrock, observed: Observed, size_of: SizeOf, store_of: StoreOf) -> Iterator[Planned]:
    """Yield what a deploy does to each resource of a model; nothing of a stack that is not wanted."""
    outlook = training.plan(of.training, bedrock, size_of) if of.training.is_wanted else training.TrainingPlan()
    before = [*outlook.lines, *(promotion.lines(of.promotion, bedrock) if of.promotion else ())]
    yield from before
    fails = any(line.fails for line in before)
    asked = evaluation.PlannedEvaluation()
    if of.evaluation and of.evaluation.is_wanted:
        asked = evaluation.plan(of.evaluation, bedrock, store_of, job=outlook.job, waits=outlook.waits)
    # Data that the Training stack copies or checks is in the bucket before anything serves.
    copied = {line.name for line in outlook.lines if line.kind == training.DATA_FILE}
    serves: list[Planned] = []
    if of.serving.is_wanted:
        serves = [
            *ServingPlan(of.serving, bedrock, observed, asked).lines(job=outlook.job, waits=outlook.waits),
            # The last of its stack.
            *bake.lines(of.serving, bedrock, lambda bucket, key: key in copied or size_of(bucket, key) is not None),
        ]
    for line in (*serves, *asked.lines) if asked.asks_what_serves else (*asked.lines, *serves):
        yield not_reached(line) if fails else line
        fails = fails or line.fails
