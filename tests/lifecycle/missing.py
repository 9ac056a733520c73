"""Behaviours of the lifecycle that can be taken away, to see that the scenarios would miss them."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from bedrock_lifecycle.decisions.observed import Deployment
from bedrock_lifecycle.decisions.retirement import Family
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Failed, Settled
from bedrock_lifecycle.resources import custom_model_deployment, provisioned_throughput, retirement, stack_resources
from bedrock_lifecycle.resources.custom_model_deployment import CustomModelDeployment
from bedrock_lifecycle.resources.observed_serving import LeftStanding
from bedrock_lifecycle.resources.provisioned_throughput import ProvisionedThroughput
from bedrock_lifecycle.resources.serving import Serving
from bedrock_lifecycle.resources.serving_request import ServingRequest
from tests.support.direct_bedrock import DirectBedrock

KINDS: Final = (CustomModelDeployment, ProvisionedThroughput)
TakeAway = Callable[[pytest.MonkeyPatch], None]


def adopting(patch: pytest.MonkeyPatch) -> None:
    """What an earlier run began is found again neither by its name nor by its token: one of them is enough."""
    tokens = itertools.count()
    for module in (custom_model_deployment, provisioned_throughput):
        patch.setattr(module, "request_token", lambda _name: f"token-{next(tokens)}")
    for kind in KINDS:
        presence: Callable[..., Any] = kind.presence

        def blind(self: Any, asked: ServingRequest, presence: Callable[..., Any] = presence) -> Any:
            facts = presence(self, asked)
            return replace(facts, found=None) if facts.found and facts.found.status == "Creating" else facts

        patch.setattr(kind, "presence", blind)


def waiting_for_the_update(patch: pytest.MonkeyPatch) -> None:
    """A deployment counts as moved as soon as Bedrock was asked to."""
    patch.setattr(Deployment, "state", property(lambda self: self.status))
    patch.setattr(Deployment, "serving_arn", property(lambda self: self.update.model_arn if self.update else ""))


def clearing_up(patch: pytest.MonkeyPatch) -> None:
    """What an interrupted update left is nobody's."""
    patch.setattr(Serving, "leftovers", lambda _self, _asked: LeftStanding())


def leaving_the_other_kind(patch: pytest.MonkeyPatch) -> None:
    """What served is a leftover as soon as the other kind is created, and nobody asks who holds it."""
    asking_who_holds(patch)
    leftovers = Serving.leftovers

    def eager(self: Any, asked: ServingRequest) -> LeftStanding:
        others = self.others if asked.event == "Create" else ()
        served = [(kind, name, arn) for kind in others for name, arn in kind._listed()]
        return LeftStanding([*leftovers(self, asked).found, *served])

    patch.setattr(Serving, "leftovers", eager)


def leaving_what_was_retained(patch: pytest.MonkeyPatch) -> None:
    """What an earlier stack of the same name left is a leftover of this one."""
    patch.setattr(ServingRequest, "is_settled", property(lambda _self: True))
    patch.setattr(Serving, "retained", lambda _self, _asked: LeftStanding())


def being_denied(patch: pytest.MonkeyPatch) -> None:
    """The functions may change what is not their Foundation's; their policies keep it from any fault of theirs."""
    patch.setattr(DirectBedrock, "_may", lambda *_: True)


def keeping_models(patch: pytest.MonkeyPatch) -> None:
    """A deployment or a throughput takes its model with it, and the policies allow it."""
    being_denied(patch)
    taking_models_along(patch)


def taking_models_along(patch: pytest.MonkeyPatch) -> None:
    """A deployment or a throughput takes its model with it, as far as the policies allow it."""
    for kind in KINDS:
        delete: Callable[..., None] = kind._delete

        def with_model(self: Any, arn: str, delete: Callable[..., None] = delete) -> None:
            names = {its_arn: name for name, its_arn in self._listed()}
            served = self._find(names[arn])
            delete(self, arn)
            self._bedrock.client.delete_custom_model(modelIdentifier=served.model_arn)

        patch.setattr(kind, "_delete", with_model)


def knowing_its_own_models(patch: pytest.MonkeyPatch) -> None:
    """Any model that does not serve is retired, and the policies allow it."""
    being_denied(patch)
    retiring_every_model(patch)


def retiring_every_model(patch: pytest.MonkeyPatch) -> None:
    """Any model that does not serve is retired, as far as the policies allow it."""

    def all_of_them(models: Any, _family: Any, **_: Any) -> list[Any]:
        return [model for model in models if not model.serves]

    patch.setattr(retirement, "to_retire", all_of_them)
    patch.setattr(Family, "prefix", "")


def looking_under_the_name(patch: pytest.MonkeyPatch) -> None:
    """A delete with an id that CloudFormation made up deletes nothing."""

    def only_by_id(self: Any, asked: ServingRequest) -> str:
        return str(asked.physical_id).rpartition("/")[2] if asked.physical_id else self.name_of(asked.properties)

    patch.setattr(Serving, "_held", only_by_id)


def keeping_what_was_replaced(patch: pytest.MonkeyPatch) -> None:
    """What is replaced is not marked as kept by a policy."""
    patch.setattr(Serving, "_keep_replaced", lambda *_: None)


def keeping_what_was_removed(patch: pytest.MonkeyPatch) -> None:
    """What a policy kept when it was removed is marked by no later create."""
    patch.setattr(Serving, "_keep_removed", lambda *_: None)


def letting_go(patch: pytest.MonkeyPatch) -> None:
    """What is detached inside its term keeps its owner tag."""
    patch.setattr(ProvisionedThroughput, "_let_go", lambda *_: None)


def asking_who_holds(patch: pytest.MonkeyPatch) -> None:
    """What carries the tags of a resource is held by no other one."""
    patch.setattr(stack_resources, "holder", lambda *_, **__: "")


def trying_again(patch: pytest.MonkeyPatch) -> None:
    """Every error of a service is definite."""
    patch.setattr(aws_errors, "interpret", lambda error, **_: Failed(str(error)))


def deleting(patch: pytest.MonkeyPatch) -> None:
    """A delete is answered without one."""
    patch.setattr(Serving, "_remove", lambda _self, *_, **__: Settled())


# Which scenarios miss a behaviour. One that the matrix does not miss is defended twice, and has tests of its own.
MISSED_BY: Final[Mapping[TakeAway, tuple[str, ...]]] = {
    adopting: (
        "create",
        "duplicate delivery",
        "on demand: create",
        "on demand: cancelled create",
        "on demand: duplicate delivery",
        "given model: create",
        "switch: deployment fails",
    ),
    waiting_for_the_update: (
        "on demand: retrain and swap",
        "on demand: failed swap",
        "on demand: cancelled swap",
        "on demand: swap and retire",
        "given model: swap and back",
    ),
    clearing_up: ("cancelled replacement", "on demand: cancelled replace"),
    leaving_the_other_kind: (
        "switch: to throughput",
        "switch: to on demand",
        "switch: there and back",
        "switch: with a retraining",
        "switch: duplicate delivery",
        "switch: purchase fails",
        "switch: deployment fails",
        "switch: to throughput, cancelled",
        "switch: to on demand, cancelled",
        "switch: to throughput, taken back",
        "switch: to on demand, taken back",
        "switch: of a given model",
        "switch: the other kind retained",
    ),
    leaving_what_was_retained: (
        "retained, other units",
        "retained, beyond the quota",
    ),
    keeping_models: ("on demand: destroy and redeploy", "given model: create", "given model: delete"),
    knowing_its_own_models: ("given model: swap and back",),
    looking_under_the_name: ("switch: to throughput, cancelled", "switch: to on demand, cancelled"),
    keeping_what_was_replaced: ("replace and keep",),
    keeping_what_was_removed: ("kept: a successor, then another way", "kept: a successor, then nothing"),
    letting_go: ("bake: bought for a term, taken back", "bake: delete within a term"),
    asking_who_holds: ("renamed", "on demand: renamed"),
    trying_again: (
        "on demand: replace",
        "on demand: replace, taken back",
        "switch: to throughput",
        "switch: to on demand, taken back",
    ),
    deleting: ("on demand: delete", "given model: delete", "switch: to on demand"),
}
