"""Random histories of two environments: `dev` trains, serves and retires; `prod` promotes, holds and goes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from settings.app import DEFAULT_APP
from settings.location import EnvironmentLocation
from tests.lifecycle.histories import History
from tests.lifecycle.persons import deploy_as_told
from tests.lifecycle.promotion_scenarios import BOUGHT, FIRST
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import Wanted
from tests.unit.tune.aws_stand_in import Lines
from tests.unit.tune.planning import Views
from tune.purge.find import Finder
from tune.purge.remove import Removal
from tune.terminal.environments import EnvironmentRef

_TAGS: Final = {contract.TAG_APP: DEFAULT_APP}
_ANOTHER: Final = contract.hold_tag("staging")
_EPOCHS: Final = ("1", "2", "3", "4")
_KEPT: Final = (None, 0, 0, 1, 2)
_TRIES: Final = 4


@dataclass
class PromotionHistory(History):
    """One history. `wrong` is what was seen to be wrong in between."""

    def __post_init__(self) -> None:
        self.wrong: list[str] = []
        self._is_by_hand = False
        super().__post_init__()
        self.given_wanted = [replace(self.wanted.given, tags=_TAGS)]
        self.asked_for += self.given_wanted
        self.account.lifecycle.calls.heard = self._hear

    def run(self) -> list[str]:
        """See `History`; what this project deleted although it was held is wrong besides."""
        # Without a promotion at the beginning few histories would come to anything that can harm one.
        beginning = (self._give, self._change_and_deploy, self._another_holds, self._give)
        for happening in beginning[: self.random.choice((0, 2, 3, 4))]:
            happening()
        return [*super().run(), *self.wrong]

    def _first(self) -> Wanted:
        return self.random.choice((FIRST, FIRST, BOUGHT))

    def _happenings(self) -> tuple[Callable[[], None], ...]:
        return (
            self._give, self._give, self._give, self._change_and_deploy, self._change_and_deploy,
            self._change_and_deploy, self._deploy, self._cancelled_deploy, self._trouble, self._trouble_at_the_giver,
            self._destroy, self._destroy_the_giver, self._purge, self._delete_by_hand, self._another_holds,
            self._time_passes,
        )  # fmt: skip

    def _hear(self, operation: str, params: Mapping[str, Any]) -> None:
        """Note that a held model is deleted, while nobody does so by hand."""
        if operation != "DeleteCustomModel" or self._is_by_hand:
            return
        tags = self.account.region.tags
        for model in self.account.region.models.values():
            is_it, of = params["modelIdentifier"] in (model.arn, model.name), contract.holders(tags[model.arn])
            if is_it and of:
                self.wrong.append(f"{model.name} was deleted, and {', '.join(of)} holds it")

    def _give(self) -> None:
        """Let `dev` train, and mostly serve, another model; and retire what its settings no longer keep."""
        epochs, first = self.random.choice(_EPOCHS), self.asked_for[0]
        given = first.given.but(hyper_parameters={"epochCount": epochs}, tags=_TAGS)
        if self.random.random() < 0.7:
            given = given.but(on_demand=True, keep_models=self.random.choice(_KEPT))
        self.given_wanted.append(given)
        self.asked_for.append(given)
        self.log.append(f"  dev: {self.account.deploy(given)} {self.account.reason}")

    def _change_and_deploy(self) -> None:
        """Promote one of the models that were asked for, sometimes to another way to serve; a revert is one too."""
        given = self.random.choice(self.given_wanted)
        self.wanted = self._promoted(given).but(**self._way_to_serve())
        self.asked_for.append(self.wanted)
        self._deploy()

    def _way_to_serve(self) -> dict[str, Any]:
        if self.random.random() < 0.7:
            return {"on_demand": self.wanted.on_demand, "model_units": self.wanted.model_units}
        on_demand = self.random.random() < 0.5
        return {"on_demand": on_demand, "model_units": None if on_demand else self.random.choice((1, 2))}

    def _promoted(self, given: Wanted) -> Wanted:
        return self.wanted.but(hyper_parameters=given.hyper_parameters, attempt=given.attempt)

    def _trouble_at_the_giver(self) -> None:
        deploy, self._deploy = self._deploy, self._give  # type: ignore[method-assign]
        self._trouble()
        self._deploy = deploy  # type: ignore[method-assign]

    def _destroy_the_giver(self) -> None:
        self.log.append(f"  dev: {self.account.destroy(self.given_wanted[0])}")

    def _purge(self) -> None:
        """Destroy `dev` and purge it, whatever the command would say before it asks."""
        self._destroy_the_giver()
        location = EnvironmentLocation(name="dev", account=ACCOUNT, region=self.account.lifecycle.region)
        of = EnvironmentRef(location=location, folder=Path("none"), app=DEFAULT_APP, models=("faq",), named="faq")
        clients = {"cloudformation": Views(self.account), "bedrock": self.account.lifecycle.client}

        def sleep(seconds: float) -> None:
            self.account.lifecycle.pass_time(timedelta(seconds=seconds))

        try:
            kept = Finder(clients.get, of).kept()
            self.log.append(f"  {Removal(clients.get, of, Lines(), sleep=sleep).run(kept)}")
        except ClientError as error:
            # A fault that is still there ends the command too, which may be run again.
            self.log.append(f"  {error}")

    def _delete_by_hand(self) -> None:
        """Delete a model as anybody can who may, held or not; the simulated Bedrock keeps what is served."""
        if not (models := self._models()):
            return
        name, self._is_by_hand = self.random.choice(models), True
        try:
            self.account.lifecycle.client.delete_custom_model(modelIdentifier=name)
        except ClientError as error:
            self.log.append(f"  {error}")
        self._is_by_hand = False

    def _another_holds(self) -> None:
        """Let an environment of which nothing else is known hold a model."""
        if models := self._models():
            name = self.random.choice(models)
            (arn,) = (model.arn for model in self.account.region.models.values() if model.name == name)
            self.account.region.tags[arn][_ANOTHER] = "2025-01-01T00:00:00Z"

    def _models(self) -> list[str]:
        """Return the names of the models of `dev`."""
        return sorted(model.name for model in self.account.region.models.values() if model.name not in self.given)

    def _deploys_again(self) -> bool:
        """Deploy what is wanted; where its model is gone, `dev` trains it again and `prod` promotes that one."""
        for _ in range(_TRIES):
            self.account.deploy(self.wanted)
            self._deployed(self.wanted)
            if deploy_as_told(self.account, self.wanted) is not None:
                served = self.account.served_model(self.wanted)
                self.wrong += [] if served == self.wanted.training_name else [f"{served} is served"]
                return True
            given = self.wanted.given.but(tags=_TAGS)
            stands = deploy_as_told(self.account, given, self._deployed)
            if stands is None:
                return False
            if stands.training_name not in self._models():
                # CloudFormation does not see that the model was deleted by hand: a plan tells it.
                stands = stands.but(attempt=stands.attempt + 1)
                self.account.deploy(stands)
                self._deployed(stands)
            self.wanted = self._promoted(stands)
            self.asked_for.append(self.wanted)
        return False

    def _destroy_all(self) -> list[str]:
        statuses, region = self.account.destroy(self.wanted), self.account.region
        served = {arn for one in region.serving() for arn in one.uses}
        self.wrong += [
            f"after destroy {model.name} is still held"
            for model in region.models.values()
            if contract.hold_tag("prod") in region.tags[model.arn] and model.arn not in served
        ]
        return [*statuses, *self.account.destroy(self.given_wanted[0])]
