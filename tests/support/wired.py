"""The lifecycle on a real botocore client of the simulated Bedrock, with what it asked for on record."""

from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from sandbox.bedrock import Settings
from tests.support.bedrock_client import ACCOUNT, REGION, client
from tests.support.cloudformation import Variant
from tests.support.environment import SERVING, TRAINING, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.quick import quick

# Short, because what is looked at is what is asked for, not how long it takes.
QUICK: Final = quick(timedelta(minutes=1), phase=timedelta(seconds=30))
WANTED: Final = Wanted(rungs=1, tags={"team": "any"})
STACK_ARNS: Final = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/"
TRAINING_OWNER: Final = STACK_ARNS + TRAINING
SERVING_OWNER: Final = STACK_ARNS + SERVING


class WiredAccount(Account):
    """An account whose lifecycle passes botocore's models, and the wire format of the service."""

    def __init__(self, settings: Settings = QUICK, region: str = REGION, variant: Variant | None = None) -> None:
        super().__init__(variant, settings=settings, region=region)
        self.lifecycle.client = client(self.lifecycle.simulated, "bedrock", region=region)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        events: Any = self.lifecycle.client.meta.events
        events.register("provide-client-params.bedrock.*", self._record)

    @cached_property
    def bedrock(self) -> Any:
        """What a person would use: not on record."""
        return client(self.lifecycle.simulated, "bedrock", region=self.lifecycle.region)

    def _record(self, params: dict[str, Any], model: Any, **_: object) -> None:
        self.asked.append((model.name, dict(params)))

    def requests(self, operation: str) -> list[dict[str, Any]]:
        """Return the parameters of every call of an operation by the lifecycle."""
        return [params for name, params in self.asked if name == operation]

    def changes(self) -> list[str]:
        """Return the operations of the lifecycle that change anything."""
        return [name for name, _ in self.asked if not name.startswith(("Get", "List"))]

    def train(self, wanted: Wanted) -> str:
        """Deploy the Training stack alone."""
        return self.deploy(wanted.but(model_units=None, on_demand=False))

    def serve(self, wanted: Wanted) -> str:
        """Deploy the Serving stack alone."""
        return self.cloudformation.deploy(SERVING, wanted.serving())

    def job(self, wanted: Wanted) -> dict[str, Any]:
        return dict(self.bedrock.get_model_customization_job(jobIdentifier=wanted.training_name))

    def throughput(self, wanted: Wanted) -> dict[str, Any]:
        return dict(self.bedrock.get_provisioned_model_throughput(provisionedModelId=wanted.throughput_name))

    def deployment(self, wanted: Wanted) -> dict[str, Any]:
        found = self.bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=wanted.deployment_name)
        return dict(found)

    def tags(self, arn: str) -> dict[str, str]:
        found = self.bedrock.list_tags_for_resource(resourceARN=arn)["tags"]
        return {tag["key"]: tag["value"] for tag in found}

    def models(self) -> list[str]:
        """Return the names of all custom models."""
        return sorted(each["modelName"] for each in self.bedrock.list_custom_models()["modelSummaries"])

    def make_job(self, wanted: Wanted, tags: dict[str, str], **changes: Any) -> None:
        """Create a job of this name by hand."""
        uri = self.lifecycle.put(f"train/{wanted.sha256}.jsonl", wanted.data)
        request: dict[str, Any] = {
            "jobName": wanted.training_name,
            "customModelName": wanted.training_name,
            "roleArn": wanted.role_arn,
            "baseModelIdentifier": wanted.base_model,
            "trainingDataConfig": {"s3Uri": uri},
            "outputDataConfig": {"s3Uri": f"s3://{BUCKET}/output/"},
            "hyperParameters": dict(wanted.hyper_parameters),
            "jobTags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        self.bedrock.create_model_customization_job(**(request | changes))


def hide_tags(account: WiredAccount) -> None:
    """Let the tags of everything not be seen, as right after a create."""
    events: Any = account.lifecycle.client.meta.events
    events.register("after-call.bedrock.ListTagsForResource", _without_tags, unique_id="hidden")


def show_tags(account: WiredAccount) -> None:
    """Let tags be seen again."""
    events: Any = account.lifecycle.client.meta.events
    events.unregister("after-call.bedrock.ListTagsForResource", unique_id="hidden")


def _without_tags(parsed: dict[str, Any], **_: object) -> None:
    parsed["tags"] = []
