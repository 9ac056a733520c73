"""What exists in Bedrock and carries this project's tags, found by listing everything: no stack is asked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal, assert_never

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.observed import Served
from bedrock_lifecycle.engine.clock import service_time
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.reported_losses import training_loss, validation_loss
from tune.account import items
from tune.account.items import InventoryItem

Kind = Literal["throughput", "deployment", "job", "model"]

# Those that serve, and all, in the order of what they cost.
SERVING: Final[tuple[Kind, ...]] = ("throughput", "deployment")
KINDS: Final[tuple[Kind, ...]] = (*SERVING, "job", "model")

_PAGE: Final = 100


@dataclass(frozen=True)
class BedrockResource:
    """Something in Bedrock that this project made. `item` has its cost by nature and the command that removes it."""

    kind: Kind
    arn: str
    status: str
    created: datetime
    tags: Mapping[str, str]
    item: InventoryItem
    model_arn: str = ""
    ended_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.item.name

    @property
    def is_running(self) -> bool:
        """Whether it is a training that goes on, and bills for what it trains."""
        return self.kind == "job" and self.status == "InProgress"

    @property
    def evaluation(self) -> str:
        """The evaluation whose candidate it is; nothing for anything else."""
        return _evaluation(self.name, self.tags) if self.kind == "deployment" else ""

    @property
    def environment(self) -> str | None:
        """The environment that it was made for, None where that tag is lost."""
        return self.tags.get(contract.TAG_ENVIRONMENT)

    @property
    def is_ours(self) -> bool:
        """Whether this project made it."""
        # What was let go inside its commitment, or lost the owner by somebody's hand, names its resource still.
        return contract.TAG_OWNER in self.tags or contract.TAG_RESOURCE in self.tags


@dataclass(frozen=True)
class Observed:
    """Everything of this project's in an account and Region, at a moment of the service's clock."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    things: tuple[BedrockResource, ...] = ()

    def of(self, kind: Kind) -> list[BedrockResource]:
        """Return the things of a kind, oldest first."""
        return sorted((thing for thing in self.things if thing.kind == kind), key=lambda thing: thing.created)

    def serving(self) -> list[BedrockResource]:
        """Return what serves, in the order of what it costs."""
        return [thing for kind in SERVING for thing in self.of(kind) if not thing.evaluation]

    def candidates(self) -> list[BedrockResource]:
        """Return what answers for a model during an evaluation alone, oldest first."""
        return [thing for thing in self.of("deployment") if thing.evaluation]


class Observer:
    """Lists Bedrock. `now` is the service's time in its latest answer."""

    def __init__(self, bedrock: Bedrock, region: str) -> None:
        self._bedrock = bedrock
        self._region = region
        self._now = datetime.now(UTC)
        self._details: dict[str, str] = {}

    def look(self, is_held: Callable[[BedrockResource], bool] = lambda _: False) -> Observed:
        """Return what is there; `is_held` tells whether a stack holds something that has lost its tags."""
        things = (*self.serving(), *self.jobs(), *self.models())
        return Observed(self._now, tuple(map(self._told, filter(lambda its: its.is_ours or is_held(its), things))))

    def _told(self, thing: BedrockResource) -> BedrockResource:
        if thing.kind != "model":
            return thing
        if not self._details.get(thing.arn):  # those of a model that exists never change
            self._details[thing.arn] = details_of(self._bedrock, thing.arn)
        return replace(thing, item=replace(thing.item, details=self._details[thing.arn]))

    def serving(self) -> Iterator[BedrockResource]:
        """Yield everything that serves a model, whoever made it."""
        yield from self.throughputs()
        yield from self.deployments()

    def throughputs(self) -> Iterator[BedrockResource]:
        """Yield every Provisioned Throughput, whoever made it."""
        for its in self._pages("list_provisioned_model_throughputs", "provisionedModelSummaries"):
            yield BedrockResource(
                "throughput",
                its["provisionedModelArn"],
                its["status"],
                its["creationTime"],
                self._bedrock.tags(its["provisionedModelArn"]),
                items.throughput_item(its, self._region),
                its["modelArn"],
            )

    def deployments(self) -> Iterator[BedrockResource]:
        """Yield every custom model deployment, whoever made it."""
        for its in self._pages("list_custom_model_deployments", "modelDeploymentSummaries"):
            tags = self._bedrock.tags(its["customModelDeploymentArn"])
            yield BedrockResource(
                "deployment",
                its["customModelDeploymentArn"],
                its["status"],
                its["createdAt"],
                tags,
                items.deployment_item(its, self._region, _evaluation(its["customModelDeploymentName"], tags)),
                its["modelArn"],
            )

    def jobs(self, **filters: str) -> Iterator[BedrockResource]:
        """Yield every customization job that `filters` of ListModelCustomizationJobs let through, whoever made it."""
        for its in self._pages("list_model_customization_jobs", "modelCustomizationJobSummaries", **filters):
            tags = self._bedrock.tags(its["jobArn"])
            item = items.job_item(its, self._region)
            ended_at = its.get("endTime")
            yield BedrockResource(
                "job", its["jobArn"], its["status"], its["creationTime"], tags, item, ended_at=ended_at
            )

    def models(self) -> Iterator[BedrockResource]:
        """Yield every custom model of the account, whoever made it."""
        for its in self._pages("list_custom_models", "modelSummaries", isOwned=True):
            tags = self._bedrock.tags(its["modelArn"])
            item = items.model_item(its, self._region, contract.holders(tags))
            status = its.get("modelStatus", "Active")
            yield BedrockResource("model", its["modelArn"], status, its["creationTime"], tags, item, its["modelArn"])

    def _pages(self, operation: str, member: str, **filters: Any) -> Iterator[Mapping[str, Any]]:
        paginator: Any = self._bedrock.client.get_paginator(operation)  # type: ignore[call-overload]
        for page in paginator.paginate(maxResults=_PAGE, **filters):
            self._now = service_time(page)
            # The service model requires no list in an answer: an empty one may not be there.
            yield from page.get(member, ())


def _evaluation(name: str, tags: Mapping[str, str]) -> str:
    model, environment = (tags.get(key, "") for key in (contract.TAG_MODEL, contract.TAG_ENVIRONMENT))
    return contract.evaluated_by(name, name=model, environment=environment)


def details_of(bedrock: Bedrock, model: str) -> str:
    """Return what sets a custom model apart: its age, its hyper-parameters, and the losses that Bedrock reports.

    Nothing where Bedrock does not tell, or it is gone.
    """
    try:
        found = bedrock.client.get_custom_model(modelIdentifier=model)
    except ClientError:
        return ""
    losses = {"training loss": training_loss(found), "validation loss": validation_loss(found)}
    told = [
        f"created {found['creationTime']:%Y-%m-%d %H:%M} UTC",
        *(f"{name} {value}" for name, value in sorted(found.get("hyperParameters", {}).items())),
        *(f"{name} {loss:.4f}" for name, loss in losses.items() if loss is not None),
    ]
    return ", ".join(told)


def served(bedrock: Bedrock, kind: Kind, name: str) -> Served | None:
    """Return what serves, as Bedrock has it now, by its name or ARN; None for what is gone, or serves nothing."""
    match kind:
        case "throughput":
            return bedrock.throughput(name)
        case "deployment":
            return bedrock.deployment(name)
        case "job" | "model":
            return None
        case _:
            assert_never(kind)


def size_of(s3: Any, bucket: str, key: str) -> int | None:
    """Return the size of an object, None when there is none. What is in it is not read."""
    try:
        return int(s3.head_object(Bucket=bucket, Key=key)["ContentLength"])
    except ClientError as error:
        # HEAD has no body to carry a code; botocore gives the status in its place.
        if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NoSuchBucket"):
            return None
        raise
