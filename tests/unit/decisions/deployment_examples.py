"""For each row of a custom model deployment's tables the facts that reach it, and what is then done."""

from datetime import timedelta
from typing import Any, Final

from bedrock_lifecycle.decisions import custom_model_deployment as table
from bedrock_lifecycle.decisions import no_model
from bedrock_lifecycle.decisions.actions import Create, Delete, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.observed import Deployment, Model, ModelUpdate
from tests.unit.decisions.examples import (
    ACTIVE,
    CREATING,
    FAILED,
    HELD,
    HELD_BY_OTHER,
    NOW,
    OURS,
    OWNER,
    THEIRS,
    Example,
    job,
    throughput,
)

GIVEN: Final = "arn:aws:bedrock:us-east-1:111122223333:custom-model/any/model"


def deployment(status: str = "Active", *, update: tuple[str, str] | None = None, **changes: Any) -> Deployment:
    values: dict[str, Any] = {
        "arn": "deployment",
        "name": "any-deployment",
        "status": status,
        "model_arn": "model",
        "update": ModelUpdate(*update) if update else None,
        "tags": OURS,
    }
    return Deployment(**(values | changes))


def presence(**changes: Any) -> table.DeploymentPresence:
    values: dict[str, Any] = {
        "name": "any-deployment",
        "owner": OWNER,
        "resource": "Resource",
        "training_name": "any-training",
        "base_model": "any.base-v1:0:8k",
        "model": ACTIVE,
        "found": deployment(),
        "tags": OURS,
    }
    return table.DeploymentPresence(**(values | changes))


def given(**changes: Any) -> table.DeploymentPresence:
    """Return the facts of a deployment whose model is given by its ARN."""
    return presence(training_name="", given_model=GIVEN, **changes)


def tuned_from(base_model: str, status: str = "Active") -> Model:
    return Model("model", status, base_model)


def absence(**changes: Any) -> table.DeploymentAbsence:
    values: dict[str, Any] = {
        "name": "any-deployment",
        "owner": OWNER,
        "resource": "Resource",
        "found": deployment(),
    }
    return table.DeploymentAbsence(**(values | changes))


COMMITTED: Final = throughput(commitment_ends=NOW + timedelta(days=30))

PRESENCE: Final = (
    Example(
        "deployment-tags-unseen",
        presence(found=deployment("Creating", tags={}), made_here=True),
        Wait,
        ("any-deployment", "tag"),
    ),
    Example(
        "deployment-tags-unseen",
        presence(found=deployment(tags={"theirs": "any"}), made_here=True, model=None),
        Wait,
        ("tag",),
    ),
    Example(
        "deployment-foreign",
        presence(found=deployment(tags=THEIRS)),
        Refuse,
        ("any-deployment", "name"),
    ),
    Example("deployment-foreign", presence(found=deployment(tags={}), model=None), Refuse, ("name",)),
    Example("deployment-foreign", presence(found=deployment(tags=THEIRS), made_here=True), Refuse, ("name",)),
    Example(
        "deployment-held",
        presence(found=deployment(tags=HELD_BY_OTHER)),
        Refuse,
        ("any-deployment", "Other", "construct", "without"),
    ),
    Example("deployment-held", presence(found=deployment(tags=HELD_BY_OTHER), model=None), Refuse, ("Other",)),
    Example("deployment-held", presence(found=deployment(tags=HELD), held_by="Other"), Refuse, ("Other",)),
    Example(
        "deployment-rollback-no-model",
        presence(model=None, rolling_back=True),
        Done,
        ("any-training",),
    ),
    Example(
        "deployment-rollback-lost",
        presence(found=None, rolling_back=True),
        Done,
        (
            "any-deployment",
            "reconcile",
            "deploy",
        ),
    ),
    Example("deployment-rollback-lost", presence(model=None, found=None, rolling_back=True), Done),
    Example("deployment-rollback-lost", presence(model=CREATING, found=None, rolling_back=True), Done),
    Example(
        "deployment-no-model",
        presence(model=None, found=deployment("Failed"), rolling_back=True, job=job("Completed")),
        Refuse,
        (no_model.deleted("any-training"),),
    ),
    Example(
        "deployment-no-model",
        presence(model=None, found=None),
        Refuse,
        ("any-training", "deploy", "Training"),
    ),
    Example(
        "deployment-no-model",
        presence(model=None, found=None, job=job(), job_ran="2 h"),
        Refuse,
        ("any-training", "2 h", "deploy"),
    ),
    Example(
        "deployment-no-model",
        presence(model=None, job=job("Failed")),
        Refuse,
        (no_model.ended("any-training", job("Failed")), "attempt"),
    ),
    Example(
        "deployment-no-model", presence(model=None, job=job("Completed")), Refuse, (no_model.deleted("any-training"),)
    ),
    Example(
        "deployment-no-model",
        given(model=None, found=None),
        Refuse,
        (GIVEN, "model_arn"),
    ),
    Example(
        "deployment-other-base",
        given(model=tuned_from("any.base-v2:0"), found=None),
        Refuse,
        (GIVEN, "any.base-v2:0", "any.base-v1:0:8k", "base_model"),
    ),
    Example(
        "deployment-other-base",
        given(model=tuned_from("any.base-v1:0:80k", "Failed")),
        Refuse,
        ("any.base-v1:0:80k", "base_model"),
    ),
    Example("deployment-other-base", given(model=tuned_from("any.base-v1:0:80k")), Refuse, ("any.base-v1:0:80k",)),
    # Bedrock may tell a base model with or without the length of its context.
    Example("deployment-create", given(model=tuned_from("any.base-v1:0"), found=None), Create),
    Example("deployment-create", given(model=tuned_from("any.base-v1:0:8k"), found=None), Create),
    Example("deployment-create", given(model=tuned_from("any.base-v1:0:8k:more"), found=None), Create),
    # What a training's model was tuned from, nobody has to say.
    Example("deployment-create", presence(model=tuned_from("any.base-v2:0"), found=None), Create),
    Example(
        "deployment-model-failed",
        presence(model=FAILED, found=None),
        Refuse,
        (no_model.not_made("any-training"), "attempt"),
    ),
    Example(
        "deployment-model-failed",
        given(model=tuned_from("any.base-v1:0", "Failed"), found=None),
        Refuse,
        (GIVEN, "Failed", "model_arn"),
    ),
    Example("deployment-model-creating", presence(model=CREATING, found=None), Wait, ("any-training",)),
    Example(
        "deployment-cuts-off-committed",
        presence(found=None, cut_off=COMMITTED),
        Refuse,
        ("any-throughput", "2024-12-15 12:00 UTC", "detach_when_committed = true"),
    ),
    # Made by an earlier try of this very request: that is taken back.
    Example(
        "deployment-cuts-off-committed",
        presence(cut_off=COMMITTED),
        Refuse,
        ("any-throughput", "detach_when_committed = true"),
    ),
    Example("deployment-create", presence(found=None), Create),
    Example(
        "deployment-failed",
        presence(found=deployment("Failed", failure_message="Bedrock's reason")),
        Refuse,
        ("any-deployment", "Bedrock's reason", "deploy"),
    ),
    Example("deployment-failed", presence(found=deployment("Failed")), Refuse, ("any-deployment", "deploy")),
    Example("deployment-busy", presence(found=deployment("Creating")), Wait, ("any-deployment", "Creating")),
    Example(
        "deployment-busy",
        presence(found=deployment(update=("other", "Updating"))),
        Wait,
        ("any-deployment", "Updating"),
    ),
    Example("deployment-busy", presence(found=deployment(update=("model", "Updating"))), Wait, ("Updating",)),
    Example(
        "deployment-update-failed",
        presence(model=Model("other", "Active"), found=deployment(update=("other", "UpdateFailed")), asked=True),
        Refuse,
        (
            "any-deployment",
            "any-training",
            "deploy",
        ),
    ),
    # Whichever model Bedrock names first then.
    Example(
        "deployment-update-failed",
        presence(
            found=deployment(update=("model", "UpdateFailed"), failure_message="Bedrock's reason"),
            asked=True,
        ),
        Refuse,
        ("Bedrock's reason",),
    ),
    # It failed for an earlier request: this one tries again.
    Example(
        "deployment-swap",
        presence(model=Model("other", "Active"), found=deployment(update=("other", "UpdateFailed"))),
        Swap,
    ),
    Example("deployment-swap", presence(found=deployment(update=("model", "UpdateFailed"))), Swap),
    Example("deployment-swap", presence(model=Model("other", "Active")), Swap),
    Example("deployment-swap", presence(model=Model("other", "Active"), rolling_back=True), Swap),
    Example("deployment-swap", presence(found=deployment(update=("other", "UpdateCompleted"))), Swap),
    Example("deployment-retag", presence(tags={**OURS, "team": "any"}), Retag),
    Example("deployment-retag", presence(found=deployment(tags=OURS), tags=HELD), Retag),
    Example(
        "deployment-retag",
        presence(found=deployment(tags={**OURS, "team": "any"}), tags_gone=frozenset({"team", "never there"})),
        Retag,
    ),
    Example("deployment-done", presence(), Done),
    # What a completed update has put into service counts, whichever model Bedrock names first.
    Example(
        "deployment-done",
        presence(found=deployment(model_arn="before", update=("model", "UpdateCompleted"))),
        Done,
    ),
    # A rollback after an update that failed: the model before has never stopped serving.
    Example("deployment-done", presence(found=deployment(update=("other", "UpdateFailed")), asked=True), Done),
    Example("deployment-done", presence(found=deployment(tags={**OURS, "theirs": "any"})), Done),
    Example("deployment-done", presence(tags_gone=frozenset({"team"})), Done),
    Example("deployment-done", given(model=tuned_from("any.base-v1:0")), Done),
)

ABSENCE: Final = (
    Example("deployment-gone", absence(found=None), Done, ("any-deployment",)),
    Example("deployment-gone", absence(found=None, refused=True), Done, ("any-deployment",)),
    Example("deployment-gone", absence(found=None, made_here=True), Done, ("any-deployment",)),
    Example(
        "deployment-delete-tags-unseen",
        absence(found=deployment("Creating", tags={}), made_here=True),
        Wait,
        ("any-deployment", "tag"),
    ),
    Example(
        "deployment-taken-over",
        absence(found=deployment(tags=HELD_BY_OTHER)),
        Done,
        ("any-deployment", "Other"),
    ),
    Example("deployment-taken-over", absence(found=deployment(tags=HELD_BY_OTHER), made_here=True), Done, ("Other",)),
    Example("deployment-taken-over", absence(found=deployment(tags=HELD), held_by="Other"), Done, ("Other",)),
    Example(
        "deployment-as-found",
        absence(found=deployment(tags=HELD), is_as_found=True),
        Done,
        ("any-deployment",),
    ),
    Example("deployment-as-found", absence(found=deployment("Failed", tags=HELD), is_as_found=True), Done),
    Example("deployment-delete-foreign", absence(found=deployment(tags=THEIRS), is_as_found=True), Done),
    Example("deployment-delete-foreign", absence(found=deployment(tags={})), Done, ("any-deployment",)),
    Example(
        "deployment-delete-foreign",
        absence(found=deployment(tags=THEIRS), made_here=True),
        Done,
        ("any-deployment",),
    ),
    Example(
        "deployment-delete-busy",
        absence(found=deployment(update=("other", "Updating")), refused=True),
        Wait,
        ("any-deployment", "Updating"),
    ),
    # Whether Bedrock refuses that is not established.
    Example("deployment-delete", absence(found=deployment(update=("other", "Updating"))), Delete),
    Example("deployment-delete-busy", absence(refused=True), Wait, ("any-deployment", "Active")),
    Example("deployment-delete", absence(), Delete),
    Example("deployment-delete", absence(found=deployment(tags=HELD), made_here=True), Delete),
    Example("deployment-delete", absence(found=deployment("Creating")), Delete),
    Example("deployment-delete", absence(found=deployment("Failed")), Delete),
    Example("deployment-delete", absence(found=deployment(update=("other", "UpdateFailed"))), Delete),
)
