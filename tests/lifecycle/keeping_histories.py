"""Random histories in which a policy of the template keeps what serves when it is replaced or removed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.resources import provisioned_throughput
from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.lifecycle.histories import History
from tests.lifecycle.retained_scenarios import serving_nothing
from tests.support.cloudformation import RETAINED
from tests.support.environment import SERVING, Wanted


@dataclass
class KeepingHistory(History):
    """One history. What CloudFormation keeps stays, and nothing else does."""

    def __post_init__(self) -> None:
        self.taken_up: set[str] = set()
        super().__post_init__()
        # With `Retain` a create that was cancelled leaves what it made, which is another question.
        self.account.cloudformation.keeps_creates = False

    def run(self) -> list[str]:
        """See `History`."""
        # What is replaced or removed once must be so again before it can be missed.
        for _ in range(self.random.randint(0, 6)):
            self.random.choice((self._change_and_deploy, self._change_and_deploy, self._serve_nothing))()
        return super().run()

    def _first(self) -> Wanted:
        return ON_DEMAND.but(on_demand=self.random.random() < 0.5, model_units=1, kept=RETAINED)

    def _happenings(self) -> tuple[Callable[[], None], ...]:
        return (
            self._deploy, self._change_and_deploy, self._change_and_deploy, self._change_and_deploy,
            self._cancelled_deploy, self._serve_nothing, self._trouble, self._time_passes, self._destroy,
        )  # fmt: skip

    def _way_to_serve(self) -> dict[str, Any]:
        return {**super()._way_to_serve(), "kept": self.random.choice((RETAINED, RETAINED, frozenset()))}

    def _deploy(self) -> None:
        # What a create takes up again by its name, a rollback deletes as what it has made.
        self.taken_up |= self._kept() & {self.wanted.serving_name}
        super()._deploy()

    def _gone(self) -> set[str]:
        return super()._gone() - self.taken_up

    def _serve_nothing(self) -> None:
        if self.account.cloudformation.stack(SERVING):
            self.log.append(f"  {serving_nothing(self.account)} {self.account.reason}")

    def _destroy(self) -> None:
        super()._destroy()
        self._deleted_by_hand()

    def _deploys_again(self) -> bool:
        if super()._deploys_again():
            return True
        # What stands of a stack that is gone is refused beside, until a person has deleted it.
        self._deleted_by_hand()
        return super()._deploys_again()

    def _deleted_by_hand(self) -> None:
        """Delete what was kept, as a person does who no longer wants it."""
        rate, self.rate, client = self.rate, 0.0, self.account.lifecycle.client
        for physical_id in sorted(self.account.cloudformation.kept):
            known = PhysicalId.parse(physical_id)
            name = known.name if known else ""
            try:
                if known and known.kind == provisioned_throughput.KIND:
                    client.delete_provisioned_model_throughput(provisionedModelId=name)
                elif known:
                    client.delete_custom_model_deployment(customModelDeploymentIdentifier=name)
                self.account.cloudformation.kept.remove(physical_id)
            except ClientError as error:
                self.log.append(f"  {error}")
        self.rate = rate
        # Until nothing of it is shown any more.
        self.account.lifecycle.pass_time(timedelta(minutes=15))
