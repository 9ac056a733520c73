"""For each row of each decision table the facts that reach it, and what is then done."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import (
    custom_model_deployment,
    evaluation,
    evaluation_await,
    model_customization,
    no_model,
    promoted_model,
    provisioned_throughput,
    quality_gate,
    serving_bake,
    training_await,
)
from bedrock_lifecycle.decisions.actions import (
    Adopt,
    Ask,
    Create,
    Delete,
    Done,
    Hold,
    Pass,
    Refuse,
    Release,
    Retag,
    Stop,
    Swap,
    Wait,
)
from bedrock_lifecycle.decisions.observed import Model
from bedrock_lifecycle.decisions.table import DecisionRow
from tests.unit.decisions import (
    bake_examples,
    deployment_examples,
    evaluation_examples,
    promotion_examples,
    unseen_examples,
)
from tests.unit.decisions.examples import (
    ACTIVE,
    CREATING,
    FAILED,
    HELD,
    HELD_BY_OTHER,
    NOW,
    OTHER,
    OURS,
    OWNER,
    THEIRS,
    Example,
    job,
    throughput,
)


def customization(event: Any = "Create", **changes: Any) -> model_customization.Facts:
    values: dict[str, Any] = {
        "event": event,
        "name": "any-training",
        "owner": OWNER,
        "job": job(),
        "role_arn": "role",
        "kms_key_arn": "key",
        "training_data_uri": "s3://data",
        "tags": OURS,
    }
    return model_customization.Facts(**(values | changes))


def rung(event: Any = "Create", **changes: Any) -> training_await.Facts:
    return training_await.Facts(
        **{"event": event, "name": "any-training", "job": job(), "ran": "2 h 10 min", **changes}
    )


def presence(**changes: Any) -> provisioned_throughput.ThroughputPresence:
    values: dict[str, Any] = {
        "name": "any-throughput",
        "owner": OWNER,
        "resource": "Resource",
        "training_name": "any-training",
        "model": ACTIVE,
        "found": throughput(),
        "now": NOW,
        "tags": OURS,
    }
    return provisioned_throughput.ThroughputPresence(**(values | changes))


def absence(**changes: Any) -> provisioned_throughput.ThroughputAbsence:
    return provisioned_throughput.ThroughputAbsence(
        **{
            "name": "any-throughput",
            "owner": OWNER,
            "resource": "Resource",
            "found": throughput(),
            "now": NOW,
            **changes,
        }
    )


COMMITTED: Final = throughput(commitment_ends=NOW + timedelta(days=30))
LAPSED: Final = throughput(commitment_ends=NOW)

CUSTOMIZATION: Final = (
    Example("customization-delete-foreign", customization("Delete", job=None), Done),
    Example("customization-delete-foreign", customization("Delete", job=job(tags={})), Done),
    Example(
        "customization-delete-foreign",
        customization("Delete", job=job(tags=THEIRS), stack_goes_for_good=True),
        Done,
    ),
    Example("customization-delete-stop", customization("Delete", stack_goes_for_good=True), Stop),
    Example("customization-delete-stopping", customization("Delete", job=job("Stopping")), Wait, ("any-training",)),
    Example("customization-delete-keep", customization("Delete"), Done, ("any-training",)),
    Example(
        "customization-delete-keep",
        customization("Delete", stack_goes_for_good=True, stop_on_delete=False),
        Done,
        ("any-training",),
    ),
    Example(
        "customization-delete-keep",
        customization("Delete", job=job("Completed"), stack_goes_for_good=True),
        Done,
        ("any-training",),
    ),
    Example("customization-rollback", customization("Update", rolling_back=True, job=None), Done),
    Example("customization-rollback", customization("Update", rolling_back=True, job=job("Failed")), Done),
    Example("customization-create", customization(job=None), Create),
    Example("customization-create", customization("Update", job=None), Create),
    Example(
        "customization-tags-unseen",
        customization(job=job(tags={}), job_is_fresh=True),
        Wait,
        ("any-training", "tags"),
    ),
    Example(
        "customization-tags-unseen", customization("Update", job=job(tags={"team": "any"}), job_is_fresh=True), Wait
    ),
    # A fresh job whose owner is seen is judged at once.
    Example("customization-adopt", customization(job_is_fresh=True), Done),
    Example(
        "customization-other-stack",
        customization(job=job(tags=THEIRS, role_arn="their-role"), job_is_fresh=True),
        Refuse,
        (OTHER,),
    ),
    Example(
        "customization-unknown",
        customization(job=job(tags={"team": "any"})),
        Refuse,
        ("any-training", "name", "attempt"),
    ),
    Example(
        "customization-other-stack",
        customization(job=job(tags=THEIRS, role_arn="their-role")),
        Refuse,
        (OTHER, "their-role", "role", "name"),
    ),
    Example(
        "customization-other-stack",
        customization(job=job(tags=THEIRS, kms_key_arn=None)),
        Refuse,
        (OTHER, "None", "key", "name"),
    ),
    Example(
        "customization-other-stack",
        customization(job=job(tags=THEIRS, training_data_uri="s3://theirs")),
        Refuse,
        (OTHER, "s3://theirs", "s3://data", "name"),
    ),
    *(
        Example(
            "customization-ended",
            customization(job=job(status, failure_message="Bedrock's reason")),
            Refuse,
            ("any-training", "Bedrock's reason", "attempt"),
        )
        for status in ("Failed", "Stopping", "Stopped")
    ),
    Example(
        "customization-model-deleted",
        customization(job=job("Completed")),
        Refuse,
        (no_model.deleted("any-training"), "attempt"),
    ),
    Example("customization-retag", customization("Update", tags={**OURS, "team": "any"}), Retag),
    Example("customization-retag", customization("Update", tags={**OURS, contract.TAG_ENVIRONMENT: "prod"}), Retag),
    Example(
        "customization-retag",
        customization("Update", job=job(tags={**OURS, "team": "any"}), tags_gone=frozenset({"team"})),
        Retag,
    ),
    # The job has its tags, its model not: the retag that broke off between the two is taken up again.
    Example(
        "customization-retag",
        customization(
            job=job("Completed", tags={**OURS, "team": "any"}),
            model=ACTIVE,
            tags={**OURS, "team": "any"},
            model_tags=OURS,
        ),
        Retag,
    ),
    Example(
        "customization-retag",
        customization(
            "Update",
            job=job("Completed"),
            model=ACTIVE,
            model_tags={**OURS, "team": "any"},
            tags_gone=frozenset({"team"}),
        ),
        Retag,
    ),
    # Tags that somebody else added are theirs.
    Example("customization-adopt", customization(job=job(tags={**OURS, "theirs": "any"})), Done),
    Example(
        "customization-adopt",
        customization(job=job("Completed"), model=ACTIVE, model_tags={**OURS, "theirs": "any"}),
        Done,
    ),
    Example("customization-adopt", customization(), Done),
    Example("customization-adopt", customization("Update", job=job("Completed"), model=ACTIVE), Done),
    # Our own job is not judged again: a rotated key or a new role blocks nothing.
    Example("customization-adopt", customization(role_arn="new-role", kms_key_arn="new-key"), Done),
    Example("customization-adopt", customization(job=job(tags=THEIRS)), Done),
)

AWAIT: Final = (
    Example("await-delete", rung("Delete", job=None), Done),
    Example("await-delete", rung("Delete"), Done),
    Example(
        "await-rollback", rung("Update", rolling_back=True, job=job("Failed")), Done, (training_await.NOT_LOOKED_AT,)
    ),
    Example("await-rollback", rung("Update", rolling_back=True), Done, (training_await.NOT_LOOKED_AT,)),
    Example(
        "await-no-job",
        rung(job=None),
        Refuse,
        ("any-training", "deploy"),
    ),
    *(
        Example(
            "await-ended",
            rung(job=job(status, failure_message="Bedrock's reason")),
            Refuse,
            ("any-training", "Bedrock's reason", "attempt"),
        )
        for status in ("Failed", "Stopping", "Stopped")
    ),
    Example("await-model-deleted", rung(job=job("Completed")), Refuse, (no_model.deleted("any-training"), "attempt")),
    Example(
        "await-model-failed",
        rung(job=job("Completed"), model=Model("model", "Failed")),
        Refuse,
        ("any-training", "attempt"),
    ),
    Example("await-ready", rung(job=job("Completed"), model=ACTIVE), Done, (training_await.READY,)),
    Example(
        "await-ready",
        rung(job=job("Completed"), model=ACTIVE, overdue=True, last_rung=True),
        Done,
        (training_await.READY,),
    ),
    Example("await-wait", rung(), Wait, ("any-training", "2 h 10 min")),
    Example("await-wait", rung(last_rung=True), Wait, ("any-training", "2 h 10 min")),
    Example("await-wait", rung(job=job("Completed"), model=CREATING), Wait, ("any-training",)),
    Example(
        "await-last",
        rung(overdue=True, last_rung=True),
        Refuse,
        ("any-training", "2 h 10 min", "deploy", "max_training_hours"),
    ),
    Example("await-hand-on", rung(overdue=True), Done, (training_await.STILL_RUNNING,)),
    Example(
        "await-hand-on", rung(overdue=True, job=job("Completed"), model=CREATING), Done, (training_await.STILL_RUNNING,)
    ),
)

LET_GO: Final = {contract.TAG_LET_GO: OWNER, contract.TAG_RESOURCE: "Resource"}

PRESENCE: Final = (
    Example("throughput-take-back", presence(found=throughput(tags=LET_GO)), Adopt),
    # The ledger knows that it was made here, and nothing is waited for.
    Example("throughput-take-back", presence(found=throughput(tags=LET_GO), made_here=True), Adopt),
    # What is refused is refused before it is taken back.
    Example("throughput-no-model", presence(found=throughput(tags=LET_GO), model=None, job=job("Failed")), Refuse),
    Example("throughput-model-creating", presence(found=throughput(tags=LET_GO), model=CREATING), Wait),
    # An earlier try gave it its owner tag again.
    Example("throughput-done", presence(found=throughput(tags={**LET_GO, **OURS})), Done),
    Example(
        "throughput-retag",
        presence(found=throughput(tags={**LET_GO, **OURS}), tags_gone=frozenset({contract.TAG_LET_GO})),
        Retag,
    ),
    *(
        Example(
            "throughput-let-go-by-another",
            presence(found=throughput(tags={**LET_GO, **other}), made_here=made_here),
            Refuse,
            (
                "any-throughput",
                "name",
                "aws bedrock tag-resource --resource-arn throughput --tags",
                f"key=bedrock-tuning:owner,value={OWNER} key=bedrock-tuning:resource,value=Resource",
            ),
        )
        for other in ({contract.TAG_LET_GO: OTHER}, {contract.TAG_RESOURCE: "Other"})
        for made_here in (False, True)
    ),
    Example(
        "throughput-foreign",
        presence(found=throughput(tags=THEIRS)),
        Refuse,
        ("any-throughput", "name"),
    ),
    Example("throughput-foreign", presence(found=throughput(tags={}), model=None), Refuse, ("name",)),
    # Another's owner tag is seen: no waiting, though a request of ours set out to make one of this name.
    Example("throughput-foreign", presence(found=throughput(tags=THEIRS), made_here=True), Refuse, ("name",)),
    Example(
        "throughput-tags-unseen",
        presence(found=throughput("Creating", tags={}), made_here=True),
        Wait,
        ("any-throughput", "tag"),
    ),
    Example(
        "throughput-tags-unseen",
        presence(found=throughput(tags={"theirs": "any"}), made_here=True, model=None),
        Wait,
        ("tag",),
    ),
    Example(
        "throughput-held",
        presence(found=throughput(tags=HELD_BY_OTHER)),
        Refuse,
        ("any-throughput", "Other", "construct", "without"),
    ),
    Example("throughput-held", presence(found=throughput(tags=HELD_BY_OTHER), model=None), Refuse, ("Other",)),
    Example("throughput-held", presence(found=throughput(tags=HELD), held_by="Other"), Refuse, ("Other",)),
    Example(
        "throughput-rollback-no-model",
        presence(model=None, rolling_back=True),
        Done,
        ("any-training",),
    ),
    Example("throughput-rollback-no-model", presence(model=None, rolling_back=True, job=job("Completed")), Done),
    Example(
        "throughput-rollback-lost",
        presence(found=None, rolling_back=True),
        Done,
        (
            "any-throughput",
            "reconcile",
            "deploy",
        ),
    ),
    Example("throughput-rollback-lost", presence(model=None, found=None, rolling_back=True), Done),
    Example("throughput-rollback-lost", presence(model=FAILED, found=None, rolling_back=True), Done),
    Example("throughput-rollback-lost", presence(found=None, rolling_back=True, replaced=COMMITTED), Done),
    Example(
        "throughput-no-model",
        presence(model=None, found=throughput("Failed"), rolling_back=True, job=job("Completed")),
        Refuse,
        (no_model.deleted("any-training"),),
    ),
    Example("throughput-swap", presence(model=Model("other", "Active"), rolling_back=True), Swap),
    Example(
        "throughput-model-failed",
        presence(model=FAILED, found=None),
        Refuse,
        (no_model.not_made("any-training"), "attempt"),
    ),
    Example("throughput-model-failed", presence(model=Model("other", "Failed")), Refuse, ("any-training",)),
    Example(
        "throughput-no-model",
        presence(model=None, found=None),
        Refuse,
        ("any-training", "deploy", "Training"),
    ),
    Example(
        "throughput-no-model",
        presence(model=None, found=None, job=job(), job_ran="2 h"),
        Refuse,
        ("any-training", "2 h", "deploy"),
    ),
    Example(
        "throughput-no-model",
        presence(model=None, job=job("Failed")),
        Refuse,
        (no_model.ended("any-training", job("Failed")), "attempt"),
    ),
    Example(
        "throughput-no-model", presence(model=None, job=job("Completed")), Refuse, (no_model.deleted("any-training"),)
    ),
    Example("throughput-model-creating", presence(model=CREATING, found=None), Wait, ("any-training",)),
    Example(
        "throughput-replaces-committed",
        presence(found=None, replaced=COMMITTED),
        Refuse,
        ("any-throughput", "2024-12-15 12:00 UTC"),
    ),
    Example(
        "throughput-other-base",
        presence(given_model="any-arn", base_model="any", model=Model("model", "Active", "other"), found=None),
        Refuse,
        ("any-arn", "other", "any", "base_model"),
    ),
    *(
        Example(
            "throughput-not-baked",
            presence(found=None, bake=bake),
            Refuse,
            ("any-throughput", "any-training", contract.TAG_BAKE, bake or "none", "commitment_duration"),
        )
        for bake in ("", contract.FAILED)
    ),
    Example(
        "throughput-not-baked",
        presence(found=None, bake=provisioned_throughput.BAKED_ELSEWHERE),
        Refuse,
        ("any-throughput", "any-training", "another environment", "commitment_duration"),
    ),
    Example("throughput-replaces-committed", presence(found=None, replaced=COMMITTED, bake=""), Refuse),
    Example("throughput-done", presence(bake=""), Done),
    Example("throughput-create", presence(found=None), Create),
    Example("throughput-create", presence(found=None, replaced=LAPSED), Create),
    Example(
        "throughput-failed",
        presence(found=throughput("Failed", failure_message="Bedrock's reason")),
        Refuse,
        ("any-throughput", "Bedrock's reason"),
    ),
    Example("throughput-failed", presence(found=throughput("Failed")), Refuse, ("any-throughput", "deploy")),
    Example("throughput-busy", presence(found=throughput("Creating")), Wait, ("any-throughput", "Creating")),
    Example(
        "throughput-busy",
        presence(found=throughput("Updating", desired_model_arn="other")),
        Wait,
        ("any-throughput", "Updating"),
    ),
    Example("throughput-swap", presence(model=Model("other", "Active")), Swap),
    Example(
        "throughput-swapping",
        presence(found=throughput(model_arn="before")),
        Wait,
        ("any-throughput",),
    ),
    Example("throughput-retag", presence(tags={**OURS, "team": "any"}), Retag),
    Example("throughput-retag", presence(found=throughput(tags=OURS), tags=HELD), Retag),
    Example(
        "throughput-retag",
        presence(found=throughput(tags={**OURS, "team": "any"}), tags_gone=frozenset({"team", "never there"})),
        Retag,
    ),
    Example("throughput-done", presence(), Done),
    Example("throughput-done", presence(found=COMMITTED), Done),
    Example("throughput-done", presence(found=throughput(tags=HELD), made_here=True), Done),
    # Tags that somebody else added are theirs, and what is gone already is not taken away again.
    Example("throughput-done", presence(found=throughput(tags={**OURS, "theirs": "any"})), Done),
    Example("throughput-done", presence(tags_gone=frozenset({"team"})), Done),
)

ABSENCE: Final = (
    Example("throughput-gone", absence(found=None), Done, ("any-throughput",)),
    Example("throughput-gone", absence(found=None, refused=True), Done, ("any-throughput",)),
    Example("throughput-gone", absence(found=None, made_here=True), Done, ("any-throughput",)),
    Example(
        "throughput-delete-tags-unseen",
        absence(found=throughput("Creating", tags={}), made_here=True),
        Wait,
        ("any-throughput", "tag"),
    ),
    Example(
        "throughput-delete-tags-unseen",
        absence(found=throughput(tags={contract.TAG_RESOURCE: "Other"}), made_here=True),
        Wait,
        ("tag",),
    ),
    Example(
        "throughput-taken-over",
        absence(found=throughput(tags=HELD_BY_OTHER)),
        Done,
        ("any-throughput", "Other"),
    ),
    Example(
        "throughput-taken-over",
        absence(found=throughput("Updating", tags=HELD_BY_OTHER), made_here=True),
        Done,
        ("Other",),
    ),
    Example(
        "throughput-taken-over", absence(found=throughput(tags=HELD), held_by="Other", made_here=True), Done, ("Other",)
    ),
    Example(
        "throughput-as-found",
        absence(found=throughput(tags=HELD), is_as_found=True),
        Done,
        ("any-throughput",),
    ),
    Example("throughput-as-found", absence(found=throughput("Failed", tags=HELD), is_as_found=True), Done),
    Example("throughput-delete-foreign", absence(found=throughput(tags=THEIRS), is_as_found=True), Done),
    Example("throughput-delete-foreign", absence(found=throughput(tags={})), Done, ("any-throughput",)),
    # It was let go: it is left alone at once, though it was made here.
    Example(
        "throughput-delete-foreign",
        absence(found=throughput(tags=LET_GO), made_here=True),
        Done,
        ("any-throughput",),
    ),
    Example(
        "throughput-delete-foreign",
        absence(found=throughput(tags=THEIRS), made_here=True),
        Done,
        ("any-throughput",),
    ),
    Example("throughput-delete-foreign", absence(found=throughput(tags=THEIRS)), Done, ("any-throughput",)),
    Example(
        "throughput-detach",
        absence(found=COMMITTED, refused=True, detach=True),
        Done,
        ("any-throughput", "2024-12-15 12:00 UTC"),
    ),
    Example(
        "throughput-committed",
        absence(found=COMMITTED, refused=True),
        Refuse,
        ("any-throughput", "2024-12-15 12:00 UTC", "detach_when_committed = true"),
    ),
    Example("throughput-delete-busy", absence(found=throughput("Updating")), Wait, ("any-throughput", "Updating")),
    Example("throughput-delete-busy", absence(refused=True), Wait, ("any-throughput", "InService")),
    Example(
        "throughput-delete-busy",
        absence(found=LAPSED, refused=True, detach=True),
        Wait,
        ("any-throughput", "InService"),
    ),
    Example("throughput-delete", absence(), Delete),
    Example("throughput-delete", absence(found=throughput(tags=HELD), made_here=True), Delete),
    Example("throughput-delete", absence(found=throughput("Creating")), Delete),
    Example("throughput-delete", absence(found=throughput("Failed")), Delete),
    # Bedrock is asked before a commitment is believed.
    Example("throughput-delete", absence(found=COMMITTED), Delete),
    Example("throughput-delete", absence(found=COMMITTED, detach=True), Delete),
)

Rows = Sequence[DecisionRow[Any, Any]]
TABLES: Final[Mapping[str, tuple[Rows, Sequence[Example]]]] = {
    "model-customization": (
        model_customization.ROWS,
        (*CUSTOMIZATION, *unseen_examples.of_customization(customization)),
    ),
    "promoted-model": (promoted_model.ROWS, promotion_examples.PROMOTION),
    "serving-bake": (serving_bake.ROWS, bake_examples.BAKE),
    "evaluation": (evaluation.ROWS, evaluation_examples.EVALUATION),
    "evaluation-await": (evaluation_await.ROWS, evaluation_examples.AWAIT),
    "quality-gate": (quality_gate.ROWS, evaluation_examples.GATE),
    "training-await": (training_await.ROWS, (*AWAIT, *unseen_examples.of_await(rung))),
    "throughput-presence": (
        provisioned_throughput.PRESENCE,
        (
            *PRESENCE,
            *unseen_examples.of_presence("throughput", presence, "any-throughput", "nothing was bought"),
            *evaluation_examples.of_presence("throughput", presence),
            Example(
                "throughput-not-passed",
                presence(found=throughput(tags=LET_GO), gate=evaluation_examples.NOT_PASSED),
                Refuse,
            ),
        ),
    ),
    "throughput-absence": (
        provisioned_throughput.ABSENCE,
        (*ABSENCE, *unseen_examples.of_absence("throughput", absence, "any-throughput", throughput("Deleting"))),
    ),
    "deployment-presence": (
        custom_model_deployment.PRESENCE,
        (
            *deployment_examples.PRESENCE,
            *unseen_examples.of_presence(
                "deployment", deployment_examples.presence, "any-deployment", "nothing was created"
            ),
            *evaluation_examples.of_presence("deployment", deployment_examples.presence),
        ),
    ),
    "deployment-absence": (
        custom_model_deployment.ABSENCE,
        (
            *deployment_examples.ABSENCE,
            *unseen_examples.of_absence(
                "deployment",
                deployment_examples.absence,
                "any-deployment",
                deployment_examples.deployment("Deleting"),
            ),
        ),
    ),
}

# One of each action, to put in the place of another.
SAMPLES: Final[Mapping[type, Callable[[], Any]]] = {
    Create: Create,
    Swap: Swap,
    Stop: Stop,
    Delete: Delete,
    Retag: Retag,
    Adopt: Adopt,
    Ask: Ask,
    Hold: Hold,
    Release: Release,
    Wait: lambda: Wait("mutant"),
    Done: lambda: Done("mutant"),
    Pass: lambda: Pass("mutant"),
    Refuse: lambda: Refuse("mutant"),
}
