"""From what AWS has answered to the answer of an entry: pure functions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tune.probe.reads import Refused, Reply, Told, Unanswered

FINE_TUNING: Final = "FINE_TUNING"
_AVAILABLE: Final = "AVAILABLE"

Verdict = str | Unanswered


def error_of(reply: Reply) -> Verdict:
    """The error with which something that is not there is told."""
    if isinstance(reply, Told):
        return Unanswered("what nobody should have exists: ask again")
    return reply.code if isinstance(reply, Refused) else reply


def found_by_name(looks: Sequence[Reply]) -> Verdict:
    """Whether things that are listed are found by their names; a look is what became of one."""
    if any(isinstance(each, Refused) for each in looks):
        return "not-found"
    if any(isinstance(each, Told) for each in looks):
        return "found"
    return _first_reason(looks, "the account has no job, model, throughput or deployment in this Region")


def empty_lists(replies: Mapping[str, Reply]) -> Verdict:
    """Whether a list with nothing in it is there, by the member that has it."""
    told = {member: each.members for member, each in replies.items() if isinstance(each, Told)}
    if any(member not in members for member, members in told.items()):
        return "left-out"
    return "told" if told else _first_reason(replies.values(), "no list was answered")


def base_model_arn(models: Sequence[Reply]) -> Verdict:
    """Whether models tell their base model."""
    told = [each.members for each in models if isinstance(each, Told)]
    if not told:
        return _first_reason(models, "the account has no custom model in this Region")
    return "told" if all("baseModelArn" in members for members in told) else "left-out"


def authorization(replies: Sequence[Reply]) -> Verdict:
    """Whether the authorization alone says no of a base model of which all else is available."""
    usable = [each.members for each in replies if isinstance(each, Told) and _is_usable(each.members)]
    if not usable:
        return _first_reason(replies, "the account has access to no base model that can be tuned in this Region")
    denied = any(each["authorizationStatus"] != "AUTHORIZED" for each in usable)
    return "not-authorized" if denied else "authorized"


def variant_tunable(variants: Mapping[str, Reply], whole: Mapping[str, Reply]) -> Verdict:
    """Whether Active base models are told as tunable by the ids with which they are tuned.

    `whole` has the same models, by the same keys, as their ids without a context length tell them.
    """
    told = [_details(each) for each in variants.values() if isinstance(each, Told)]
    active = [each for each in told if _status(each) == "ACTIVE"]
    if active:
        is_listed = all(FINE_TUNING in each.get("customizationsSupported", ()) for each in active)
        return "listed" if is_listed else "not-listed"
    for name, reply in variants.items():
        known = whole.get(name)
        if isinstance(reply, Refused) and isinstance(known, Told) and _status(_details(known)) == "ACTIVE":
            return "not-found"
    return _first_reason(variants.values(), "no base model that can be tuned in this Region is Active")


def end_of_life_read(replies: Sequence[Reply], now: datetime) -> Verdict:
    """How models are told of which the life is known to be over."""
    for reply in replies:
        if isinstance(reply, Refused):
            return reply.code
        if isinstance(reply, Told):
            end = _details(reply).get("modelLifecycle", {}).get("endOfLifeTime")
            if end is None or end > now:
                return Unanswered("Bedrock reports another end of life than the profile: run `tune preflight`")
            return "told"
    return _first_reason(replies, "no base model of a profile has reached its end of life in this Region")


def quota_endpoint(reply: Reply) -> Verdict:
    """Whether a service has an interface endpoint."""
    if isinstance(reply, Refused):
        wrong_name = reply.code == "InvalidServiceName"
        return "not-there" if wrong_name else Unanswered(f"DescribeVpcEndpointServices answered with {reply.code}")
    if isinstance(reply, Told):
        is_told = bool(reply.members.get("ServiceNames"))
        return (
            "there"
            if is_told
            else Unanswered("DescribeVpcEndpointServices answered with neither a service nor an error")
        )
    return reply


def _is_usable(members: Mapping[str, Any]) -> bool:
    agreement = members.get("agreementAvailability", {}).get("status")
    return (agreement, members.get("entitlementAvailability"), members.get("regionAvailability")) == (_AVAILABLE,) * 3


def _details(reply: Told) -> Mapping[str, Any]:
    details: Mapping[str, Any] = reply.members.get("modelDetails", {})
    return details


def _status(details: Mapping[str, Any]) -> str:
    return str(details.get("modelLifecycle", {}).get("status", ""))


def _first_reason(replies: Any, otherwise: str) -> Unanswered:
    return next((each for each in replies if isinstance(each, Unanswered)), Unanswered(otherwise))
