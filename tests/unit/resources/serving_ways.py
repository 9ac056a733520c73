"""The two ways to serve a model, as far as the tests of both have to tell them apart."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Resource
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list
from bedrock_lifecycle.resources.registry import serving_resources
from sandbox.bedrock import ApiFault, DeploymentFault, ThroughputFault
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import NOVA, NOVA_RECORDS, SERVING, Wanted
from tests.support.events import any_event, deployment_properties, throughput_properties
from tests.support.lifecycle import FOUNDATION
from tests.support.turns import Turns
from tests.support.wired import QUICK, WANTED, WiredAccount


@dataclass(frozen=True)
class Way:
    """What is wanted, its resource in the template, and the names that the API has for it."""

    wanted: Wanted
    resource_type: str
    construct_id: str
    physical_id_kind: str
    api: str
    name_key: str
    identifier_key: str
    fault: type[DeploymentFault | ThroughputFault]

    @property
    def tags(self) -> dict[str, str]:
        """All tags of what serves."""
        return {
            "team": "any",
            contract.TAG_OWNER: stack_arn(self.wanted, SERVING),
            contract.TAG_ENVIRONMENT: "prod",
            contract.TAG_FOUNDATION: stack_arn(self.wanted, FOUNDATION),
            contract.TAG_MODEL: "faq",
            contract.TAG_RESOURCE: self.construct_id,
        }


def stack_arn(wanted: Wanted, stack: str) -> str:
    """Return what the owner tag says of a stack."""
    return f"arn:aws:cloudformation:{wanted.region}:{ACCOUNT}:stack/{stack}"


THROUGHPUT: Final = Way(
    wanted=WANTED,
    resource_type=contract.PROVISIONED_THROUGHPUT,
    construct_id="Purchase",
    physical_id_kind="provisioned-throughput",
    api="ProvisionedModelThroughput",
    name_key="provisionedModelName",
    identifier_key="provisionedModelId",
    fault=ThroughputFault,
)
ON_DEMAND: Final = Way(
    wanted=WANTED.but(base_model=NOVA, data=NOVA_RECORDS, model_units=None, on_demand=True),
    resource_type=contract.CUSTOM_MODEL_DEPLOYMENT,
    construct_id="Deployment",
    physical_id_kind="custom-model-deployment",
    api="CustomModelDeployment",
    name_key="modelDeploymentName",
    identifier_key="customModelDeploymentIdentifier",
    fault=DeploymentFault,
)


class ServingAccount(WiredAccount):
    """An account in which models are served in one way."""

    def __init__(self, way: Way) -> None:
        super().__init__(QUICK, way.wanted.region)
        self.way = way

    def names(self) -> list[str]:
        """Return the names of all that serves."""
        return sorted(self.serving_names())

    def found(self, wanted: Wanted) -> dict[str, Any]:
        """Return what Bedrock tells of what serves."""
        return self.deployment(wanted) if wanted.on_demand else self.throughput(wanted)

    def arn(self, wanted: Wanted) -> str:
        return str(self.found(wanted)["customModelDeploymentArn" if wanted.on_demand else "provisionedModelArn"])

    def created(self) -> int:
        """Return how often the lifecycle asked for something that serves."""
        return self.changes().count(f"Create{self.way.api}")

    def fault(self, verb: str, code: str, **fields: Any) -> None:
        """Have calls about what serves fail."""
        self.lifecycle.simulated.faults.add(ApiFault(f"{verb}{self.way.api}", code, **fields))

    def make_by_hand(self, name: str, tags: dict[str, str], wanted: Wanted | None = None) -> str:
        """Have somebody make something that serves; return its ARN."""
        model = self.job(wanted or self.way.wanted)["outputModelArn"]
        if self.way is THROUGHPUT:
            bought = self.bedrock.create_provisioned_model_throughput(
                provisionedModelName=name, modelId=model, modelUnits=1, tags=as_list(tags)
            )
            return str(bought["provisionedModelArn"])
        made = self.bedrock.create_custom_model_deployment(modelDeploymentName=name, modelArn=model, tags=as_list(tags))
        self.lifecycle.clock.advance(timedelta(minutes=2))
        return str(made["customModelDeploymentArn"])

    def turns(self) -> Turns:
        """Return the turns of what serves, one at a time."""
        resources = serving_resources(
            Bedrock(self.lifecycle.client, self.lifecycle.foundation), Preflight(self.lifecycle.aws)
        )
        resource: Resource = resources[self.way.resource_type]
        return Turns(resource, self.way.resource_type)

    def event(self, **changes: Any) -> dict[str, Any]:
        """Return a request about what serves."""
        wanted, of = self.way.wanted, throughput_properties if self.way is THROUGHPUT else deployment_properties
        return any_event(
            ResourceType=self.way.resource_type,
            LogicalResourceId=self.way.construct_id,
            ResourceProperties=of(TrainingId=wanted.training_id, BaseModel=wanted.base_model),
            **changes,
        )


def epochs(wanted: Wanted, count: int, keep_models: int | None = None) -> Wanted:
    """Return the same with another training, and with how many models are kept."""
    return wanted.but(hyper_parameters={"epochCount": str(count)}, keep_models=keep_models)
