"""The bake of a Serving stack: what would be asked, and how the bake before went."""

from collections.abc import Callable, Iterator
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import ProvisionedThroughputProperties
from bedrock_lifecycle.contract.serving_bake import ServingBakeProperties
from bedrock_lifecycle.decisions.serving_bake import Facts
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.serving_bake import cannot_be_asked, unread
from tune.account.templates import UNKNOWN, Template, of_type
from tune.plan import steps
from tune.plan.planned import Planned, StackDiff

KIND: Final = "bake"
IsStored = Callable[[str, str], bool]
"""Tells whether a bucket has an object of a key, or will have it by then."""


def lines(scene: StackDiff, bedrock: Bedrock, is_stored: IsStored) -> Iterator[Planned]:
    """Yield a line for each step of the stack's bake; none where nothing bakes."""
    for logical_id, resource in of_type(scene.wanted, contract.SERVING_BAKE).items():
        desired = ServingBakeProperties(scene.properties(resource)).complete()
        event = scene.event(logical_id)
        facts = Facts(
            event=event or "Update",
            name=f"model {desired.model}",
            is_bought_for_a_term=desired.commitment_duration is not None and not _stays(scene),
            questions=desired.questions,
            right=desired.right,
            watched=not desired.minutes,
            why_not=_why_not(desired, is_stored) if event else "",
        )
        yield scene.planned(
            event,
            # How the bake before went is no drift: nothing is asked without an event.
            steps.bake_steps(facts) if event else (),
            kind=KIND,
            logical_id=logical_id,
            name=desired.model,
            desired=_words(desired),
            observed=_seen(scene, logical_id, bedrock, desired),
        )


def _why_not(desired: ServingBakeProperties, is_stored: IsStored) -> str:
    """Return why the questions cannot be asked; nothing where they can, or only the deployed Foundation can tell."""
    bucket, _, key = (desired.questions_uri or "").removeprefix("s3://").partition("/")
    if not key or UNKNOWN in bucket or is_stored(bucket, key):
        return ""
    return cannot_be_asked(0, unread(desired, "does not exist"))


def _words(desired: ServingBakeProperties) -> str:
    asks = f"{desired.right} of {desired.questions} answers right" if desired.questions else ""
    watches = f"alarms {', '.join(desired.alarms)} for {desired.minutes} min" if desired.alarms else ""
    return "; ".join(filter(None, (asks, watches)))


def _seen(scene: StackDiff, logical_id: str, bedrock: Bedrock, desired: ServingBakeProperties) -> str:
    """Return how the bake before went: as the model's tag says, or for another environment's model the stack itself."""
    found = bedrock.model(desired.model)
    tags = bedrock.tags(found.arn) if found else {}
    if tags.get(contract.TAG_FOUNDATION) == scene.foundation:
        return tags.get(contract.TAG_BAKE) or "none"
    before = ServingBakeProperties(scene.old_properties(logical_id))
    has_passed = (
        scene.stack is not None
        and scene.stack.is_complete
        and ServingBakeProperties.model in before
        and before.model == desired.model
        # What may have been bought for a term was asked nothing.
        and before.commitment_duration is None
    )
    return contract.PASSED if has_passed else "none"


def _stays(scene: StackDiff) -> bool:
    """Tell whether what serves keeps its ARN."""
    if scene.stack is None or scene.stack.is_made_anew:
        return False
    return _names(scene, scene.wanted) == _names(scene, scene.deployed)


def _names(scene: StackDiff, template: Template) -> list[str]:
    bought = of_type(template, contract.PROVISIONED_THROUGHPUT).values()
    return [ProvisionedThroughputProperties(scene.properties(each)).serving_name for each in bought]
