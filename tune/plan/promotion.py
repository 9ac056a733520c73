"""The Promotion stack: another environment's model, and the holds on it and on those before it."""

from collections.abc import Iterator
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.decisions.promoted_model import Facts
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.promoted_model import facts_of
from tune.account.templates import of_type
from tune.plan import steps
from tune.plan.planned import Planned, StackDiff

KIND: Final = "promoted model"


def lines(scene: StackDiff, bedrock: Bedrock) -> Iterator[Planned]:
    """Yield the stack's line; none where nothing is promoted."""
    for logical_id, resource in of_type(scene.wanted, contract.PROMOTED_MODEL).items():
        desired = PromotedModelProperties(scene.properties(resource)).complete()
        event = scene.event(logical_id)
        facts = facts_of(bedrock, desired, event or "Update", now=scene.now, began=scene.now)
        yield scene.planned(
            event,
            steps.promotion_steps(facts, scene.now),
            kind=KIND,
            logical_id=logical_id,
            name=desired.training_name,
            desired=f"of {desired.trained_in}, held for {desired.environment}",
            observed=_seen(facts),
        )


def _seen(facts: Facts) -> str:
    if facts.model is None:
        return "none"
    # Where it was trained.
    bake = facts.tags.get(contract.TAG_BAKE)
    held = "held" if facts.is_held else "not held as the newest"
    return ", ".join((facts.model.status, held, *([f"bake: {bake}"] if bake else [])))
