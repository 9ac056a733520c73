"""Drives `Custom::BedrockPromotedModel`: looks at another environment's model, and sets or takes away its own hold."""

from datetime import datetime
from typing import Any, Final, assert_never

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.contract.promoted_model import MODEL_ARN, MODEL_NAME, PromotedModelProperties
from bedrock_lifecycle.decisions import promoted_model as table
from bedrock_lifecycle.decisions.actions import Done, Hold, Refuse, Release, Wait
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.clock import SEEN_WITHIN
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.preflight.desired import DesiredPromotion
from bedrock_lifecycle.preflight.facts import TargetLocation
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.reading import Patience
from bedrock_lifecycle.resources.attempts import elapsed, model_may_appear
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list

KIND: Final = "promoted-model"


def physical_id(request: Request) -> PhysicalId:
    # Constant: another model is no replacement, whose cleanup would release what a rollback goes back to.
    properties = PromotedModelProperties(request.properties)
    return PhysicalId(KIND, f"{properties.name}-{properties.environment}")


class PromotedModel:
    """One model of another environment, and the hold on it and on those before it."""

    def __init__(self, bedrock: Bedrock, preflight: Preflight) -> None:
        self._bedrock = bedrock
        self._preflight = preflight

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        desired = PromotedModelProperties(turn.request.properties)
        event = turn.request.request_type
        if event == "Delete":
            facts = table.Facts(event=event, name=desired.training_name, held=_held(self._bedrock, desired, event))
        else:
            facts = facts_of(
                self._bedrock,
                desired.complete(),
                event,
                now=turn.now,
                began=turn.entry.began,
                is_young=turn.waited < SEEN_WITHIN,
                rolling_back=turn.is_rollback,
            )
        decision = decide(table.ROWS, facts)
        match decision:
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Hold():
                return self._hold(turn, desired, facts.model.arn if facts.model else "")
            case Release():
                for each in facts.released:
                    self._bedrock.retag(each.arn, {}, [contract.hold_tag(desired.environment)])
                return _settled(facts)
            case Done(detail):
                return _settled(facts, detail)
        assert_never(decision)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a promotion creates nothing")

    def _hold(self, turn: Turn, desired: PromotedModelProperties, arn: str) -> Outcome:
        patience = Patience(fresh=turn.is_fresh, again=turn.looks() == 0)
        asked, place = DesiredPromotion.read(desired), TargetLocation.of(turn.request.stack_id)
        looked = self._preflight.promotion(asked, place, turn.now, patience)
        if looked.problems:
            return Failed(f"{looked.refusal()}; nothing was changed")
        # Of the request, so that a repeated turn writes the same.
        hold = {contract.hold_tag(desired.environment): table.since(turn.entry.began)}
        self._bedrock.client.tag_resource(resourceARN=arn, tags=as_list(hold))
        return Waiting(f"custom model {desired.training_name} is held {looked.remark()}".rstrip())


def facts_of(
    bedrock: Bedrock,
    desired: PromotedModelProperties,
    event: RequestType,
    *,
    now: datetime,
    began: datetime,
    is_young: bool = False,
    rolling_back: bool = False,
    asks_for_holds: bool = True,
) -> table.Facts:
    """Return what decides about a promotion that begins or goes on.

    is_young: Whether tags may not be seen yet.
    asks_for_holds: Whether what this environment holds already matters.
    """
    name = desired.training_name
    model = bedrock.model(name)
    job = bedrock.job(name) if model is None else None
    return table.Facts(
        event=event,
        name=name,
        model_name=desired.name,
        giver=desired.trained_in,
        foundation=desired.giver_foundation,
        training_id=desired.training_id,
        base_model=desired.base_model,
        train_key=contract.data_key("train", desired.train_sha256),
        key_arn=desired.custom_model_kms_key_arn or "",
        model=model,
        tags=bedrock.tags(model.arn) if model and not rolling_back else {},
        tags_may_appear=is_young,
        job=job,
        job_ran=elapsed(job, now) if job else "",
        job_is_late=job is not None and job.is_late(now),
        model_may_appear=job is not None and model_may_appear(job, now, began),
        rolling_back=rolling_back,
        # A rollback reads nothing that it does not need: it must not fail.
        held=_held(bedrock, desired, event) if asks_for_holds and not rolling_back else (),
    )


def _held(bedrock: Bedrock, desired: PromotedModelProperties, event: RequestType) -> tuple[table.Held, ...]:
    """Return what this environment holds of the model, whichever environments gave it."""

    def matters(name: str) -> bool:
        # What the giver serves it does not delete, and whoever else was given the model holds it too.
        return not contract.is_elsewhere(name, model=desired.name, environment=desired.environment)

    key = contract.hold_tag(desired.environment)
    found: list[tuple[str, str, str]] = []
    for summary in bedrock.models_named(f"{desired.name}-"):
        arn, name = summary["modelArn"], summary["modelName"]
        tags = _tags_if_allowed(bedrock, arn)
        # Names of another model may begin as this one's do.
        if key in tags and tags.get(contract.TAG_MODEL) == desired.name:
            found.append((arn, name, tags[key]))
    # What serves matters where something may be released.
    may_release = event == "Delete" or len(found) > 1 + contract.HELD_BEFORE
    served = bedrock.models_in_service(counts=matters) if found and may_release else set()
    return tuple(table.Held(arn=arn, name=name, since=since, serves=arn in served) for arn, name, since in found)


def _tags_if_allowed(bedrock: Bedrock, arn: str) -> dict[str, str]:
    """Return the tags of a model; none when they may not be read, which is usual for another team's."""
    try:
        return bedrock.tags(arn)
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        return {}


def _settled(facts: table.Facts, detail: str = "") -> Settled:
    attributes: dict[str, Any] = {MODEL_ARN: facts.model.arn, MODEL_NAME: facts.name} if facts.model else {}
    return Settled(attributes, detail)
