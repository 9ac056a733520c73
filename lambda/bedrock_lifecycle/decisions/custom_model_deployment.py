"""What happens to a custom model deployment: made once, moved in place, deleted only when it is ours.

It is paid by the tokens that pass through it and not by the hour, but it holds its model and one of the account's
deployments (quota L-1EF80F3E), so nothing of it may be left behind either.
"""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.decisions import provisioned_throughput, serving, serving_absence, serving_presence
from bedrock_lifecycle.decisions.actions import Refuse
from bedrock_lifecycle.decisions.observed import Deployment, Throughput
from bedrock_lifecycle.decisions.serving import Action, Kind
from bedrock_lifecycle.decisions.table import DecisionRow

KIND: Final = Kind(
    row="deployment",
    noun="custom model deployment",
    thing="deployment",
    in_service="Active",
    make="create",
    made="created",
    standing="nobody by the hour: the tokens of each invocation",
    as_before="as before: the tokens of each invocation",
    delete_command="aws bedrock delete-custom-model-deployment --custom-model-deployment-identifier",
    failed="nobody: it answers no invocation",
)


@dataclass(frozen=True, kw_only=True)
class DeploymentPresence(serving.Presence):
    """A deployment that shall exist.

    `asked` tells whether this request has asked for the wanted model already; `cut_off` is a committed throughput of
    this resource that its stack would forget when the deployment takes its place.
    """

    found: Deployment | None = None
    asked: bool = False
    cut_off: Throughput | None = None


@dataclass(frozen=True, kw_only=True)
class DeploymentAbsence(serving.Absence):
    """A deployment that shall not exist."""

    found: Deployment | None


def _move_failed(facts: DeploymentPresence) -> bool:
    return facts.found is not None and facts.model is not None and facts.found.failed_to_move_to(facts.model.arn)


PRESENCE: Final[tuple[DecisionRow[DeploymentPresence, Action], ...]] = (
    *serving_presence.unavailable(KIND),
    *serving_presence.gated(KIND),
    DecisionRow(
        "deployment-cuts-off-committed",
        "Create",
        "it replaces a throughput within its commitment, without `detach_when_committed`",
        "refuse before anything is created",
        "the committed one, until its term ends",
        when=lambda facts: facts.cut_off is not None,
        then=lambda facts: Refuse(
            f"{provisioned_throughput.commitment(facts.cut_off)}; nothing was created; to serve on demand and detach "
            "the throughput from its stack, deploy once with "
            "`serving.provisioned_throughput.detach_when_committed = true`"
        ),
    ),
    *serving_presence.being_made(KIND),
    DecisionRow(
        "deployment-update-failed",
        "Create, Update",
        "Active, and the update of this request failed",
        "refuse: the previous model still serves",
        KIND.as_before,
        when=lambda facts: facts.asked and _move_failed(facts),
        then=lambda facts: Refuse(
            f"Bedrock could not move custom model deployment {facts.name} to {facts.wanted_model}: "
            f"{(facts.found.failure_message if facts.found else '') or 'it gives no reason'}; the previous model "
            "continues to serve: run the same deploy again"
        ),
    ),
    *serving_presence.swapped(KIND),
    *serving_presence.in_service(KIND),
)

# Whether one can be deleted while it is updated is not established, so Bedrock is asked.
ABSENCE: Final[tuple[DecisionRow[DeploymentAbsence, Action], ...]] = (
    *serving_absence.left_alone(KIND),
    *serving_absence.deleted(KIND),
)
