"""One environment: its Foundation, and the stacks of its models in the order in which they deploy."""

import functools
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from aws_cdk import Environment as CdkEnvironment
from aws_cdk import Stack, Stage, Tags
from constructs import Construct

from bedrock_lifecycle import contract
from settings import Access, Environment, EnvironmentSettings, Model
from settings.stack_names import ACCESS, ACCESS_STAGE, StackKind, stack_id
from stacks.access_stack import AccessStack
from stacks.bootstrap import synthesizer
from stacks.evaluation_stack import EvaluationStack
from stacks.foundation_stack import FoundationStack
from stacks.organization import check_roles, permissions_boundary, prepare
from stacks.promotion_stack import PromotionStack
from stacks.serving_stack import ServingStack
from stacks.training_stack import TrainingStack


class EnvironmentStage(Stage):
    """Foundation, which follows from the environment alone, and for each model what trains and what serves it.

    `cdk deploy '<environment>/*'` takes them all, in the order in which they need each other.
    """

    def __init__(self, scope: Construct, settings: EnvironmentSettings) -> None:
        environment = settings.environment
        organization = environment.organization
        super().__init__(
            scope,
            environment.name,
            env=CdkEnvironment(account=environment.account, region=environment.region),
            permissions_boundary=permissions_boundary(organization),
        )
        models = [model.name for model in settings.models]
        prepare(self, organization, models)
        self.foundation = FoundationStack(
            self,
            stack_id("Foundation", ""),
            stack_name=environment.stack_name("Foundation"),
            termination_protection=True,
            synthesizer=synthesizer(environment.bootstrap),
            tags={**environment.tags, **_whose(environment)},
            settings=environment,
        )
        for model in settings.models:
            self._add(model)
        if organization.roles is not None:
            check_roles(self, organization.roles, models)
        for key, value in environment.tags.items():
            Tags.of(self).add(key, value)

    def _add(self, model: Model) -> None:
        training = self._training(model)
        promotion = self._promotion(model)
        first = training or promotion
        stacks: list[Stack] = [first] if first else []
        evaluation = self._evaluation(model, training)
        if evaluation:
            stacks.append(evaluation)
        if model.serving:
            serving = ServingStack(
                self,
                model.stack_id("Serving"),
                settings=model,
                serving=model.serving,
                model_owner=training.customization.owner if training else None,
                foundation=self.foundation.made,
                gate=evaluation.gate if evaluation else None,
                **_common(model, "Serving"),
            )
            stacks.append(serving)
        _in_order(model, stacks)
        stacks += [self._access(model, access) for access in model.access]
        for stack in stacks:
            for key, value in model.tags.items():
                Tags.of(stack).add(key, value)

    def _training(self, model: Model) -> TrainingStack | None:
        if model.training is None or model.data is None:
            return None
        return TrainingStack(
            self,
            model.stack_id("Training"),
            settings=model,
            training=model.training,
            data=model.data,
            foundation=self.foundation.made,
            **_common(model, "Training"),
        )

    def _evaluation(self, model: Model, training: TrainingStack | None) -> EvaluationStack | None:
        if model.evaluation is None or self.foundation.made.evaluations is None:
            return None
        return EvaluationStack(
            self,
            model.stack_id("Evaluation"),
            settings=model,
            evaluation=model.evaluation,
            foundation=self.foundation.made,
            evaluations=self.foundation.made.evaluations,
            test=training.customization.files.get("test") if training else None,
            **_common(model, "Evaluation"),
        )

    def _promotion(self, model: Model) -> PromotionStack | None:
        if model.promotion is None or model.serving is None:
            return None
        return PromotionStack(
            self,
            model.stack_id("Promotion"),
            settings=model,
            promotion=model.promotion,
            serving=model.serving,
            foundation=self.foundation.made,
            **_common(model, "Promotion"),
        )

    def _access(self, model: Model, access: Access) -> AccessStack:
        return AccessStack(
            self._access_stage,
            model.access_stack_id(access.account),
            settings=model,
            env=CdkEnvironment(account=access.account, region=model.environment.region),
            account=access.account,
            **_common(model, ACCESS),
        )

    @functools.cached_property
    def _access_stage(self) -> Stage:
        """A stage of its own, `<environment>-access`: what is in other accounts is no part of `<environment>/*`."""
        return Stage(self, ACCESS_STAGE)


def _whose(environment: Environment) -> dict[str, str]:
    return {contract.TAG_APP: environment.app, contract.TAG_ENVIRONMENT: environment.name}


def _common(model: Model, kind: StackKind) -> dict[str, Any]:
    """Return what every stack of a model is given: its name, whose it is, and how it is deployed."""
    return {
        "stack_name": model.stack_name(kind),
        "synthesizer": synthesizer(model.environment.bootstrap),
        "tags": {**model.all_tags, **_whose(model.environment), contract.TAG_MODEL: model.name},
    }


def _in_order(model: Model, stacks: Sequence[Stack]) -> None:
    """Have each stack of a model wait for all that deploy before it."""
    order = [model.stack_id(kind) for kind in model.stack_kinds]
    ordered = sorted(stacks, key=lambda each: order.index(each.node.id))
    for before, after in pairwise(ordered):
        after.add_stack_dependency(before)
