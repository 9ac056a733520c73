"""The tables of a profile beside its lifecycle: customizations, serving, invocation, the account's limits."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from bedrock_tuning.base_models.data_limits import DataLimits
from bedrock_tuning.base_models.fields import Frozen, QuotaCode, Source
from bedrock_tuning.base_models.hyper_parameter import HyperParameter


class HyperParameters(Frozen):
    """The hyper-parameters that a base model takes.

    `documented` (default true) says whether a page lists them: then `known` holds them all, by name, and any
    other is refused. When it is false, `known` is empty and every hyper-parameter is passed through. `seen` are names
    that no page lists for the model, and that jobs of it which completed have taken: they are passed through as well.
    """

    documented: bool = True
    known: Mapping[str, HyperParameter] = Field(default_factory=dict)
    seen: tuple[str, ...] = ()
    source: Source

    @model_validator(mode="after")
    def _check_known(self) -> Self:
        if self.documented != bool(self.known):
            raise ValueError("hyper_parameters.known must be set if, and only if, documented is true")
        if both := sorted(self.known.keys() & set(self.seen)):
            raise ValueError(f"hyper_parameters.seen must only have names that no page lists; {both[0]} is in known")
        return self


# As botocore 1.43.106 has customizationType, without the models that are imported.
CustomizationType = Literal["FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION", "REINFORCEMENT_FINE_TUNING"]


class Customization(Frozen):
    """What one way of customizing a base model takes."""

    data: DataLimits
    hyper_parameters: HyperParameters


class ProvisionedThroughputServing(Frozen):
    """Service Quotas codes of model units: those of one Provisioned Throughput, those without commitment.

    `no_commitment_adjustable` (default true) is false where Service Quotas cannot raise the latter. `regions`: where a
    page lists it for the model; absent: not documented.
    """

    regions: tuple[str, ...] | None = None

    model_units_quota_code: QuotaCode | None = None
    no_commitment_model_units_quota_code: QuotaCode
    no_commitment_adjustable: bool = True
    source: Source


class OnDemandServing(Frozen):
    """Custom model deployments, which are paid by the token.

    Service Quotas codes of how many there may be and how many may be in progress. `customized_from`: a model that was
    customized before that day cannot be deployed. `regions`: where it can be deployed; absent: not documented. The
    throughput of a deployment is in requests and tokens a minute, and in tokens a day.
    """

    regions: tuple[str, ...] | None = None
    deployments_quota_code: QuotaCode
    deployments_in_progress_quota_code: QuotaCode | None = None
    customized_from: dt.date | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None
    source: Source


class ServingModes(Frozen):
    """How a model tuned from this base can be served; a mode whose table is absent is not documented."""

    provisioned_throughput: ProvisionedThroughputServing | None = None
    on_demand: OnDemandServing | None = None


class Invocation(Frozen):
    """How the tuned model is asked.

    `format` is that of InvokeModel's body, and `version` what the body has to name (if it has to); `converse` as a
    format: only the Converse operation is documented. `converse` says what Converse can do: `chat`;
    `chat_without_system`, without system prompts; `one_message`, a single user message and no system prompt. Absent:
    not documented.
    """

    format: Literal["anthropic_messages", "nova_messages", "llama_prompt", "titan_text", "cohere_prompt", "converse"]
    version: str | None = None
    converse: Literal["chat", "chat_without_system", "one_message"] | None = None
    source: Source


class AccountLimits(Frozen):
    """Limits of an account in a Region that a training run meets, whatever its base model.

    `custom_models_quota_code` is adjustable; `scheduled_customization_jobs`, the number of jobs that may wait or run at
    once, is not.
    """

    custom_models_quota_code: QuotaCode
    scheduled_customization_jobs: int | None = None
    scheduled_customization_jobs_quota_code: QuotaCode | None = None
    source: Source
