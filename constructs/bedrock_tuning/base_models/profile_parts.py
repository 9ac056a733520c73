"""The tables of a profile beside its data limits: lifecycle, hyper-parameters, serving, invocation."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from bedrock_tuning.base_models.frozen import Frozen
from bedrock_tuning.base_models.hyper_parameter import HyperParameter


class LifecycleEvent(Frozen):
    """A date in a base model's life, as AWS published it; GetFoundationModel is to be believed over it."""

    event: Literal["legacy", "public_extended_access", "end_of_life", "end_of_life_not_before"]
    date: dt.date
    source: str


class HyperParameters(Frozen):
    """The hyper-parameters that a base model takes.

    `documented` (default true) says whether a page lists them: then `known` holds them all, by name, and any
    other is refused. When it is false, `known` is empty and every hyper-parameter is passed through.
    """

    documented: bool = True
    known: Mapping[str, HyperParameter] = Field(default_factory=dict)
    source: str

    @model_validator(mode="after")
    def _check_known(self) -> Self:
        if self.documented != bool(self.known):
            raise ValueError("hyper_parameters.known must be given exactly when documented is true")
        return self


class ProvisionedThroughputServing(Frozen):
    """Service Quotas codes of model units: those of one Provisioned Throughput, those without commitment."""

    model_units_quota_code: str | None = None
    no_commitment_model_units_quota_code: str
    source: str


class OnDemandServing(Frozen):
    """Service Quotas code of the number of on-demand deployments of custom models."""

    deployments_quota_code: str
    source: str


class Serving(Frozen):
    """How a model tuned from this base can be served; a mode whose table is absent is not offered."""

    provisioned_throughput: ProvisionedThroughputServing | None = None
    on_demand: OnDemandServing | None = None


class Invocation(Frozen):
    """The body of InvokeModel: its format, and the version that the body has to name (if it has to)."""

    format: Literal["anthropic_messages", "nova_messages", "converse"]
    version: str | None = None
    source: str
