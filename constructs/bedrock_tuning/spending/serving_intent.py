"""How the model of a training run will be served, so that what is missing for it shows before it is paid."""

from dataclasses import dataclass
from typing import assert_never

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model_customization import ServingProperties
from bedrock_tuning.base_models import BaseModelProfile, ServingMode


@dataclass(frozen=True, kw_only=True)
class ServingIntent:
    """How the model will be served. Changing it neither changes nor starts a training run.

    Args:
        mode: `provisioned_throughput` or `on_demand`.
        model_units: How many model units will be bought; required for `provisioned_throughput`, otherwise None.
        commitment_duration: `OneMonth` or `SixMonths`. Default: no commitment.

    Raises:
        ValueError: For a purchase without model units, or model units without a purchase.
    """

    mode: ServingMode
    model_units: int | None = None
    commitment_duration: str | None = None

    def __post_init__(self) -> None:
        if (self.mode == "provisioned_throughput") != (self.model_units is not None):
            needed = "a whole number" if self.model_units is None else "None"
            raise ValueError(f"`model_units` must be {needed} for {self.mode} (got {self.model_units}); correct one")

    def to_property(self) -> dict[str, str]:
        """Return it as the custom resource's property `Serving`."""
        return ServingProperties.write(
            mode=self.mode, model_units=self.model_units, commitment_duration=self.commitment_duration
        )


def quotas_for_training(
    base_model: BaseModelProfile, serving: ServingIntent | None, customization_type: str
) -> dict[str, str]:
    """Return the codes of the quotas that a training run meets, and its serving after it."""
    account = base_model.account
    own = {
        contract.JOBS_QUOTA: account.scheduled_customization_jobs_quota_code,
        contract.MODELS_QUOTA: account.custom_models_quota_code,
        contract.RECORDS_QUOTA: base_model.customization(customization_type).data.records.sum_quota_code,
    }
    return {**_given(own), **(quotas_for_serving(base_model, serving.mode) if serving else {})}


def quotas_for_serving(base_model: BaseModelProfile, mode: ServingMode) -> dict[str, str]:
    """Return the codes of the quotas that serving meets; a mode that the base model does not offer meets none."""
    purchase, deployment = base_model.serving.provisioned_throughput, base_model.serving.on_demand
    match mode:
        case "provisioned_throughput":
            codes = (
                {
                    contract.UNITS_QUOTA: purchase.model_units_quota_code,
                    contract.UNCOMMITTED_UNITS_QUOTA: purchase.no_commitment_model_units_quota_code,
                }
                if purchase
                else {}
            )
        case "on_demand":
            codes = {contract.DEPLOYMENTS_QUOTA: deployment.deployments_quota_code} if deployment else {}
        case _:
            assert_never(mode)
    return _given(codes)


def _given(codes: dict[str, str | None]) -> dict[str, str]:
    return {name: code for name, code in sorted(codes.items()) if code is not None}
