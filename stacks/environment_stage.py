"""One environment: the stacks of one settings file, in the order in which they deploy."""

from aws_cdk import Environment as CdkEnvironment
from aws_cdk import Stage, Tags
from constructs import Construct

from settings import Environment
from stacks.foundation_stack import FoundationStack
from stacks.organization import check_roles, permissions_boundary, prepare
from stacks.serving_stack import ServingStack
from stacks.training_stack import TrainingStack


class EnvironmentStage(Stage):
    """`cdk deploy '<environment>/*'` takes Foundation, Training where something is trained, Serving where served."""

    def __init__(self, scope: Construct, settings: Environment) -> None:
        organization = settings.organization
        super().__init__(
            scope,
            settings.environment,
            env=CdkEnvironment(account=settings.account, region=settings.region),
            permissions_boundary=permissions_boundary(organization),
        )
        prepare(self, organization)
        foundation = FoundationStack(
            self,
            "Foundation",
            termination_protection=True,
            settings=settings,
        )
        training = self._training(settings, foundation)
        if settings.serving:
            serving = ServingStack(
                self,
                "Serving",
                settings=settings,
                serving=settings.serving,
                model_owner=training.customization.owner if training else None,
                foundation=foundation,
            )
            if training:
                serving.add_stack_dependency(training)
        if organization.roles is not None:
            check_roles(self, organization.roles)
        for key, value in settings.tags.items():
            Tags.of(self).add(key, value)

    def _training(self, settings: Environment, foundation: FoundationStack) -> TrainingStack | None:
        if settings.training is None or settings.data is None:
            return None
        return TrainingStack(
            self,
            "Training",
            settings=settings,
            training=settings.training,
            data=settings.data,
            foundation=foundation,
        )
