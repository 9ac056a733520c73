"""Every assumption of the simulation, and its switch: the one place that reads the answers of the register."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, Literal

from sandbox.assumptions.answers import AssumptionAnswers
from sandbox.bedrock.catalogue.models import Recipe, Unwritten
from sandbox.bedrock.lasting_faults import (
    AuthorizationFault,
    DeletionFault,
    Kind,
    LastingFault,
    NotThereFault,
    OmissionFault,
    UnseenFault,
    Where,
)

# How long what was deleted is shown where an account says that it is: nobody has measured it.
SHOWN_SECONDS: Final = 60
_NOT_FOUND: Final = "ResourceNotFoundException"
_UNKNOWN: Final = {
    "unknown-job": "GetModelCustomizationJob",
    "unknown-model": "GetCustomModel",
    "unknown-throughput": "GetProvisionedModelThroughput",
    "unknown-deployment": "GetCustomModelDeployment",
    "unknown-foundation-model": "GetFoundationModel",
}
_LISTS: Final = {
    "ListModelCustomizationJobs": "modelCustomizationJobSummaries",
    "ListCustomModels": "modelSummaries",
    "ListProvisionedModelThroughputs": "provisionedModelSummaries",
    "ListCustomModelDeployments": "modelDeploymentSummaries",
    "ListFoundationModels": "modelSummaries",
}
_SEEN: Final[Mapping[str, tuple[Where, tuple[Kind, ...]]]] = {
    "seen-by-name": ("get", ("job", "throughput", "deployment")),
    "model-seen": ("get", ("model",)),
    "seen-in-lists": ("list", ("job", "model", "throughput", "deployment")),
    "seen-with-tags": ("tags", ("job", "model", "throughput", "deployment")),
}
_SHOWN_AS: Final[Mapping[str, Literal["", "Deleting"]]] = {"as-before": "", "Deleting": "Deleting"}
_MONTHS: Final = {"OneMonth": 1, "SixMonths": 6}


class Assumed:
    """What the simulation does where AWS does not say what it does.

    Args:
        given: Answers of an account by the id of their entry, see `sandbox.assumptions`. Default: those that hold.

    Raises:
        AnswersError: An id that is not in the register, or no answer to its entry.
    """

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        answers = AssumptionAnswers(given)
        is_ = answers.__getitem__
        self.lasting: Final[tuple[LastingFault, ...]] = tuple(_lasting(answers))
        """What lasts in this account; no clearing of faults ends it."""
        self.finds_by_name: Final = is_("found-by-name") == "found"
        self.without_access: Final = is_("access-field")
        self._records: Final = Unwritten(
            takes_other_keys=is_("record-other-key") == "accepted",
            takes_empty_texts=is_("record-empty-text") == "accepted",
            takes_any_schema_version=is_("record-schema-version") == "accepted",
            reserves_in_every_role=is_("record-reserved-role") == "refused",
            reserves_in_any_case=is_("record-reserved-case") == "refused",
        )
        self.tells_defaults: Final = is_("hyper-parameters-told") == "all"
        self.variants_told_as: Final = is_("variant-tunable")
        self.past_end_of_life: Final = is_("end-of-life-read")
        self.serves_past_end_of_life: Final = is_("end-of-life-serving") == "answers"
        self.legacy_error: Final = is_("legacy-create")
        self.resolves_short_ids: Final = is_("short-base-id") == "accepted"
        self.nova_2_validation: Final = is_("nova-2-validation")
        self.nova_2_reads_nova: Final = is_("nova-2-body") == "first-generation"
        self.taken_name_error: Final = is_("taken-name")
        self.honours_tokens: Final = is_("repeated-token") == "answered"
        self.failed_jobs_keep_names: Final = is_("failed-model-name") == "used-up"
        self.deleted_models_keep_names: Final = is_("deleted-model-name") == "used-up"
        self.customized_at_creation: Final = is_("customization-day") == "creation"
        self.asks_key_of_deployments: Final = is_("deployment-key") == "asked"
        self.tries_output_first: Final = is_("output-tried") == "first"
        self.bills_failed_trainings: Final = is_("failed-training-billed") == "billed"
        self.announces_creation: Final = is_("first-event") == "sent"
        self.serves_while_updating: Final = is_("deployment-update-serves") == "before"
        self.names_model_before: Final = is_("deployment-update-names") == "before"
        self.takes_other_base: Final = is_("deployment-other-base") == "accepted"
        self.second_update_error: Final = is_("deployment-second-update")
        self.updates_are_in_progress: Final = is_("deployment-update-quota") == "counted"
        self.bills_from_purchase: Final = is_("throughput-billed-from") == "purchase"
        self.fails_with_update: Final = is_("throughput-failed-update") == "Failed"
        self.renewal_binds: Final = is_("committed-after-term") == "refused"
        self.creating_throughput_delete: Final = _refusal(is_("throughput-delete-creating"))
        self.creating_deployment_delete: Final = _refusal(is_("deployment-delete-creating"))
        self.updating_deployment_delete: Final = _refusal(is_("deployment-delete-updating"))
        self.keeps_served_models: Final = is_("served-model-delete") == "refused"
        self.tuned_models_call_tools: Final = is_("tuned-tools") == "accepted"
        self.minute_slides: Final = is_("quota-minute") == "sliding"
        self.counts_throttled_requests: Final = is_("throttled-request") == "counted"
        self._month: Final = timedelta(days=int(is_("commitment-month")))

    def recipe(self, documented: Recipe) -> Recipe:
        """Return what a base model asks of a job, also of records of which no page says it."""
        return dataclasses.replace(documented, unwritten=self._records)

    def term(self, commitment: str | None) -> timedelta | None:
        """Return how long a commitment lasts, None without one."""
        return None if commitment is None else self._month * _MONTHS[commitment]


def _lasting(answers: AssumptionAnswers) -> Iterator[LastingFault]:
    unknown = {operation: answers[name] for name, operation in _UNKNOWN.items()}
    yield from (NotThereFault(operation, error) for operation, error in unknown.items() if error != _NOT_FOUND)
    for name, (where, kinds) in _SEEN.items():
        if seconds := int(answers[name]):
            yield from (UnseenFault(where, seconds, kind) for kind in kinds)
    if answers["empty-lists"] == "left-out":
        yield from (OmissionFault(operation, (name,), even_if_full=False) for operation, name in _LISTS.items())
    if answers["base-model-arn"] == "left-out":
        yield OmissionFault("GetCustomModel", ("baseModelArn",))
    if answers["authorization"] == "not-authorized":
        yield AuthorizationFault()
    shown, second_delete = answers["deletion-shown"], answers["second-delete"]
    if shown != "gone":
        yield DeletionFault(SHOWN_SECONDS, _SHOWN_AS[shown], second_delete)


def _refusal(answer: str) -> str | None:
    """Return the error with which something is refused, None where it is not."""
    return None if answer == "deleted" else answer
