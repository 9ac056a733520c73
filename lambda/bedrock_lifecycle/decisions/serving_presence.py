"""The rows for what shall serve a model, as far as they are the same however it is served."""

from collections.abc import Iterable

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import no_model
from bedrock_lifecycle.decisions.actions import Create, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.gate_verdict import remedy
from bedrock_lifecycle.decisions.observed import differ
from bedrock_lifecycle.decisions.serving import (
    Action,
    Kind,
    Presence,
    Present,
    hand_over,
    is_foreign,
    is_to_be_taken_back,
    is_unseen,
    is_without_owner,
    other_holder,
    region_option,
    state,
)
from bedrock_lifecycle.decisions.table import DecisionRow


def unavailable(kind: Kind) -> tuple[DecisionRow[Present, Action], ...]:
    """Return the rows for what cannot be provided (yet): it is another's, or there is no model to serve."""
    return (
        DecisionRow(
            f"{kind.row}-going",
            "Create, Update",
            f"a {kind.thing} that this resource deleted minutes ago, still listed",
            f"wait until it is gone, then {kind.make} it again; if it still exists after some minutes, it stays",
            "until it is gone",
            when=lambda facts: facts.is_going and facts.found is not None,
            then=lambda facts: Wait(f"{kind.noun} {facts.name} is being deleted and is still listed"),
        ),
        DecisionRow(
            f"{kind.row}-tags-unseen",
            "Create, Update",
            f"a {kind.thing} of this resource, its owner tag not seen",
            "wait: it is neither treated as another's nor forgotten",
            kind.standing,
            when=is_unseen,
            then=lambda facts: Wait(kind.unseen(facts)),
        ),
        DecisionRow(
            f"{kind.row}-foreign",
            "Create, Update",
            f"a {kind.thing} of this name without this stack's owner tag",
            "refuse, it is not changed",
            f"nobody, {kind.nothing_made}",
            when=lambda facts: is_foreign(facts) and not is_to_be_taken_back(facts),
            then=lambda facts: _refuse_foreign(kind, facts),
        ),
        DecisionRow(
            f"{kind.row}-held",
            "Create, Update",
            f"a {kind.thing} of this name that another resource of this stack holds",
            "refuse: if this resource adopted it, the other's delete would end it",
            kind.as_before,
            when=lambda facts: bool(other_holder(facts)),
            then=lambda facts: Refuse(
                f"{kind.noun} {facts.name} belongs to resource {other_holder(facts)} of this stack: keep that "
                "construct ID, or first deploy once without that resource"
            ),
        ),
        DecisionRow(
            f"{kind.row}-pending",
            "Create, Update",
            f"no {kind.thing} of this name, which another request {kind.made} minutes ago",
            f"wait until it is seen: nothing is {kind.made} twice",
            kind.standing,
            when=lambda facts: facts.is_pending and facts.found is None,
            then=lambda facts: Wait(f"{kind.noun} {facts.name} was {kind.made} a moment ago and is not seen yet"),
        ),
        DecisionRow(
            f"{kind.row}-retained",
            "Create",
            "something that serves, left by an earlier stack of this name, with the owner tag, and not in the ledger",
            "refuse, naming it: a create deletes nothing that was retained on purpose",
            f"as before, {kind.nothing_made}",
            when=lambda facts: bool(facts.retained),
            then=lambda facts: _refuse_retained(kind, facts),
        ),
        DecisionRow(
            f"{kind.row}-rollback-lost",
            "Update (rollback)",
            f"no {kind.thing} of this name: it was deleted outside CloudFormation",
            "done: a rollback creates nothing, and says what is lost",
            f"nobody, {kind.nothing_made}",
            when=lambda facts: facts.rolling_back and facts.found is None,
            then=lambda facts: Done(
                f"{kind.noun} {facts.name} no longer exists, and a rollback creates nothing: nothing serves until you "
                "raise `reconcile` by one and deploy"
            ),
        ),
        DecisionRow(
            f"{kind.row}-rollback-no-model",
            "Update (rollback)",
            f"{kind.in_service}, and the model of the rollback is gone",
            "done: the present model still serves",
            kind.as_before,
            when=lambda facts: facts.rolling_back and facts.model is None and _is_in_service(facts),
            then=lambda facts: Done(f"{facts.wanted_model} no longer exists; the current model continues to serve"),
        ),
        DecisionRow(
            f"{kind.row}-model-unseen",
            "Create, Update",
            "the training ended minutes ago, its model is not seen",
            "wait: a model may not be seen at the moment its training is Completed",
            kind.as_before,
            when=lambda facts: facts.model is None and facts.model_may_appear,
            then=lambda facts: Wait(f"{facts.wanted_model} is not seen yet"),
        ),
        DecisionRow(
            f"{kind.row}-no-model",
            "Create, Update",
            "the training has no model (yet), or no model has the ARN of `model_arn`",
            "refuse: deploy again when the training has finished, or correct the ARN",
            f"nobody, {kind.nothing_made}; the previous model still serves",
            when=lambda facts: facts.model is None,
            then=lambda facts: _no_model(kind, facts),
        ),
        DecisionRow(
            f"{kind.row}-other-base",
            "Create, Update",
            "the existing model was tuned from another base model",
            "refuse, naming both",
            f"nobody, {kind.nothing_made}",
            when=_is_of_another_base,
            then=lambda facts: Refuse(
                f"{facts.wanted_model} was tuned from {facts.model.base_model if facts.model else ''}, not from "
                f"{facts.base_model}: correct `serving.base_model`; {kind.nothing_made}"
            ),
        ),
        DecisionRow(
            f"{kind.row}-model-failed",
            "Create, Update",
            "the model is Failed",
            "refuse",
            f"nobody, {kind.nothing_made}",
            when=lambda facts: facts.model is not None and facts.model.status == "Failed",
            then=lambda facts: _failed_model(kind, facts),
        ),
        DecisionRow(
            f"{kind.row}-model-creating",
            "Create, Update",
            "the model is not Active yet",
            "wait",
            "as before",
            when=lambda facts: facts.model is not None and facts.model.status != "Active",
            then=lambda facts: Wait(f"{facts.wanted_model} is being created"),
        ),
    )


def gated(kind: Kind) -> tuple[DecisionRow[Present, Action], ...]:
    """Return the row for a model that is about to be made, bought or moved to, and has not passed its gate."""
    return (
        DecisionRow(
            f"{kind.row}-not-passed",
            "Create, Update",
            f"no {kind.thing} of this name, or one with another model; the model has not passed its gate, and that is "
            "not accepted",
            f"refuse before anything is {kind.made} or updated, whichever stack was deployed",
            f"{kind.as_before}; {kind.nothing_made}",
            when=lambda facts: facts.gate is not None and not facts.gate.is_open,
            then=lambda facts: _refuse_not_passed(kind, facts),
        ),
    )


def being_made(kind: Kind) -> tuple[DecisionRow[Present, Action], ...]:
    """Return the rows for what is to be made, is being made, or has failed."""
    return (
        DecisionRow(
            f"{kind.row}-create",
            "Create, Update",
            f"no {kind.thing} of this name",
            f"{kind.make} it, after the preflight",
            kind.standing,
            when=lambda facts: facts.found is None,
            then=lambda _facts: Create(),
        ),
        DecisionRow(
            f"{kind.row}-failed",
            "Create, Update",
            "Failed",
            f"fail with Bedrock's reason; what this request {kind.made} is deleted first",
            kind.failed,
            when=lambda facts: state(facts) == "Failed",
            then=lambda facts: Refuse(
                f"{kind.noun} {facts.name} failed: {_reason(facts)}; run the same deploy again, and destroy the "
                "Serving stack first if it still exists"
            ),
        ),
        DecisionRow(
            f"{kind.row}-busy",
            "Create, Update",
            "Creating or Updating",
            f"wait; after 52 minutes fail, and what this request {kind.made} is deleted first",
            kind.standing,
            when=lambda facts: not _is_in_service(facts),
            then=lambda facts: Wait(f"{kind.noun} {facts.name} is {state(facts)}"),
        ),
    )


def swapped(kind: Kind) -> tuple[DecisionRow[Present, Action], ...]:
    """Return the row for what serves another model."""
    return (
        DecisionRow(
            f"{kind.row}-swap",
            "Create, Update",
            f"{kind.in_service} with another model",
            "update it in place",
            kind.as_before,
            when=lambda facts: facts.found is not None and facts.found.shall_move_to(_arn(facts)),
            then=lambda _facts: Swap(),
        ),
    )


def in_service(kind: Kind) -> tuple[DecisionRow[Present, Action], ...]:
    """Return the rows for what serves the model that is wanted."""
    return (
        DecisionRow(
            f"{kind.row}-retag",
            "Create, Update",
            f"{kind.in_service} with the desired model, its tags differ",
            "tag it",
            kind.as_before,
            when=lambda facts: facts.found is not None and differ(facts.found.tags, facts.tags, facts.tags_gone),
            then=lambda _facts: Retag(),
        ),
        DecisionRow(
            f"{kind.row}-done",
            "Create, Update",
            f"{kind.in_service} with the desired model",
            "done; then models beyond `keep_models` are retired",
            kind.standing,
            when=lambda _facts: True,
            then=lambda _facts: Done("in service"),
        ),
    )


def _is_in_service(facts: Presence) -> bool:
    return facts.found is not None and facts.found.is_in_service


def _arn(facts: Presence) -> str:
    return facts.model.arn if facts.model else ""


def _reason(facts: Presence) -> str:
    return (facts.found.failure_message if facts.found else "") or "Bedrock gives no reason"


def _refuse_not_passed(kind: Kind, facts: Presence) -> Refuse:
    serves = "" if facts.found is None else "; the previous model continues to serve"
    return Refuse(
        f"{facts.wanted_model} has not passed its gate: {facts.gate}{remedy(facts.gate) if facts.gate else ''}"
        f"{serves}; {kind.nothing_made}"
    )


def _refuse_foreign(kind: Kind, facts: Presence) -> Refuse:
    told = (
        f"a {kind.noun} named {facts.name} already exists and was not created by this stack, so it was left unchanged: "
        "choose another `name` or `environment`"
    )
    if is_without_owner(facts):
        return Refuse(f"{told}; if somebody removed its owner tag, run `{hand_over(facts)}`")
    return Refuse(told)


def _refuse_retained(kind: Kind, facts: Presence) -> Refuse:
    return Refuse(
        f"{_joined(its.what for its in facts.retained)} of an earlier stack of this name still exists: to adopt it, "
        f"give {kind.noun} {facts.name} the same settings; or delete it "
        f"({_joined(its.delete for its in facts.retained)}), or remove its owner tag "
        f"({_joined(_untag(its.arn) for its in facts.retained)}); then deploy again; {kind.nothing_made}"
    )


def _untag(arn: str) -> str:
    return f"aws bedrock untag-resource --resource-arn {arn} --tag-keys {contract.TAG_OWNER}{region_option(arn)}"


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(texts)


def _is_of_another_base(facts: Presence) -> bool:
    return bool(facts.given_model) and facts.model is not None and not facts.model.may_be_tuned_from(facts.base_model)


def _no_model(kind: Kind, facts: Presence) -> Refuse:
    if facts.given_model:
        return Refuse(
            f"{facts.wanted_model} does not exist in this account and Region: correct `serving.model_arn`; "
            f"{kind.nothing_made}"
        )
    why = no_model.why(facts.training_name, giver=facts.giver, job=facts.job, ran=facts.job_ran, late=facts.job_is_late)
    return Refuse(f"{why}; {kind.nothing_made}")


def _failed_model(kind: Kind, facts: Presence) -> Refuse:
    if facts.given_model:
        return Refuse(f"{facts.wanted_model} is Failed: correct `serving.model_arn`; {kind.nothing_made}")
    return Refuse(no_model.not_made(facts.training_name))
