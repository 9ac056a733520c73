"""Provisioned Throughput as a resource: bought on request, moved to the next model in place, gone when deleted."""

from typing import Any, Literal, Unpack, get_args, overload

from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import PROVISIONED_MODEL_ARN, ProvisionedThroughputProperties
from bedrock_tuning.serving.served_model import (
    ServedModel,
    ServedModelParameters,
    ServingOptions,
    TrainedModel,
    parameters_of,
)
from bedrock_tuning.spending.words import Spending, throughput_spending

CommitmentDuration = Literal["OneMonth", "SixMonths"]


class ProvisionedThroughput(ServedModel):
    """Serves a custom model. **Each model unit is billed by the hour from creation until deletion.**

    Another training run of the same base model is an update in place: the ARN stays, and a model serves at every
    moment. Another number of model units or another commitment is another throughput: it is created before the old one
    is deleted, so the account's quota must allow both.

    Args:
        model_units: How many model units to buy, at least 1. No default, because each one is billed by the hour. The
            account's quota is 0 until AWS raises it.
        commitment_duration: `OneMonth` or `SixMonths`. Default: no commitment; it can be deleted at any time.
        acknowledge_commitment: Must repeat `commitment_duration`: a committed throughput cannot be deleted and is
            billed until its term ends, and it renews automatically.
        detach_when_committed: Whether a delete within its commitment leaves it running and billed, for you to delete
            after the term. Default: False; such a delete fails and says when the term ends.
        commit_baked_only: Whether a commitment is bought only for a model that has passed a bake, see `ServingBake`;
            otherwise the deployment is refused before anything is bought. Default: False.

    The other parameters and the attributes are those of `ServedModel`.

    Raises:
        ValueError: For values out of bounds, a base model without this serving mode, or a commitment that is not
            acknowledged.
    """

    @overload
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model_units: int,
        commitment_duration: CommitmentDuration | None = None,
        acknowledge_commitment: CommitmentDuration | None = None,
        detach_when_committed: bool = False,
        commit_baked_only: bool = False,
        model: TrainedModel,
        **served: Unpack[ServingOptions],
    ) -> None: ...

    @overload
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model_units: int,
        commitment_duration: CommitmentDuration | None = None,
        acknowledge_commitment: CommitmentDuration | None = None,
        detach_when_committed: bool = False,
        commit_baked_only: bool = False,
        **served: Unpack[ServedModelParameters],
    ) -> None: ...

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model_units: int,
        commitment_duration: CommitmentDuration | None = None,
        acknowledge_commitment: CommitmentDuration | None = None,
        detach_when_committed: bool = False,
        commit_baked_only: bool = False,
        model: TrainedModel | None = None,
        **served: Any,
    ) -> None:
        _check_purchase(model_units, commitment_duration, acknowledge_commitment)

        def spending(name: str, environment: str, base_model: str) -> Spending:
            return throughput_spending(
                name=contract.throughput_name(
                    name=name,
                    environment=environment,
                    base_model=base_model,
                    model_units=model_units,
                    commitment_duration=commitment_duration,
                ),
                model_units=model_units,
                commitment_duration=commitment_duration,
                detach_when_committed=detach_when_committed,
            )

        super().__init__(
            scope,
            construct_id,
            mode=contract.PROVISIONED_THROUGHPUT_MODE,
            resource_type=contract.PROVISIONED_THROUGHPUT,
            resource_id="Purchase",
            attribute=PROVISIONED_MODEL_ARN,
            own_properties=ProvisionedThroughputProperties.write_own(
                model_units=model_units,
                commitment_duration=commitment_duration,
                acknowledge_commitment=acknowledge_commitment,
                detach_when_committed=detach_when_committed,
                commit_baked_only=commit_baked_only,
            ),
            own_spending=spending,
            commitment_duration=commitment_duration,
            commit_baked_only=commit_baked_only,
            **parameters_of(model, served),
        )


def _check_purchase(
    model_units: int,
    commitment_duration: CommitmentDuration | None,
    acknowledge_commitment: CommitmentDuration | None,
) -> None:
    if model_units < 1:
        raise ValueError(f"`model_units` must be 1 or more, within the account's quota (got {model_units})")
    if commitment_duration is not None and commitment_duration not in get_args(CommitmentDuration):
        raise ValueError(f"`commitment_duration` must be OneMonth, SixMonths or None (got {commitment_duration!r})")
    if acknowledge_commitment != commitment_duration:
        raise ValueError(
            f"`acknowledge_commitment` must repeat `commitment_duration`, {commitment_duration!r} "
            f"(got {acknowledge_commitment!r}): a commitment is billed until its term ends and cannot be canceled"
        )
