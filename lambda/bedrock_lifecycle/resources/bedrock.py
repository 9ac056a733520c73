"""The narrow view of Bedrock that the reconcilers need: what exists, or None, as the values of `decisions.observed`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model import ModelProperties
from bedrock_lifecycle.decisions.observed import Deployment, Job, Model, ModelUpdate, Throughput
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.resources.reported_losses import training_loss, validation_loss

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient

QUOTA_EXCEEDED: Final = "ServiceQuotaExceededException"


class Bedrock:
    """Reads of Bedrock; what is not there is None. Throttling and the like are raised as botocore raises them.

    A name that a list holds and a read by name calls invalid raises `Again`.
    """

    def __init__(self, client: "BedrockClient", foundation: str | None = None) -> None:
        """Read through `client`; what is made gets `foundation` as its tag, which None leaves out."""
        self.client = client
        self.foundation = foundation

    def job(self, name: str) -> Job | None:
        """Find a job by name: Bedrock never frees a job name, so the name is enough."""
        try:
            found = self.client.get_model_customization_job(jobIdentifier=name)
        except ClientError as error:
            _must_be_absent(error, name, lambda: self.statuses_of_jobs(name))
            return None
        return Job(
            arn=found["jobArn"],
            status=found.get("status", "InProgress"),
            role_arn=found["roleArn"],
            training_data_uri=found["trainingDataConfig"].get("s3Uri", ""),
            kms_key_arn=found.get("outputModelKmsKeyArn"),
            created=found["creationTime"],
            ended=found.get("endTime"),
            failure_message=found.get("failureMessage", ""),
            training_began=_has_begun(found.get("statusDetails", {})),
            training_loss=training_loss(found),
            validation_loss=validation_loss(found),
            tags=self.tags(found["jobArn"]),
        )

    def statuses_of_jobs(self, names_contain: str) -> dict[str, str]:
        """Return the status of every job whose name contains a text, by its name."""
        pages = self.client.get_paginator("list_model_customization_jobs").paginate(nameContains=names_contain)
        summaries = (each for page in pages for each in page.get("modelCustomizationJobSummaries", []))
        return {each["jobName"]: each["status"] for each in summaries}

    def model(self, identifier: str) -> Model | None:
        """Find a custom model by its name or its ARN."""
        try:
            found = self.client.get_custom_model(modelIdentifier=identifier)
        except ClientError as error:
            _must_be_absent(error, identifier, lambda: self._model_names(identifier))
            return None
        base_model = found.get("baseModelArn", "").rpartition("/")[2]
        return Model(
            arn=found["modelArn"],
            status=found.get("modelStatus", "Active"),
            base_model=base_model,
            training_data_uri=found.get("trainingDataConfig", {}).get("s3Uri", ""),
            key_arn=found.get("modelKmsKeyArn", ""),
        )

    def models_named(self, prefix: str) -> list[Any]:
        """Return the summary of every custom model whose name begins so, the newest first."""
        pages = self.client.get_paginator("list_custom_models").paginate(
            nameContains=prefix, sortBy="CreationTime", sortOrder="Descending"
        )
        found = (summary for page in pages for summary in page.get("modelSummaries", []))
        return [summary for summary in found if summary["modelName"].startswith(prefix)]

    def models_in_service(
        self, look_on: Callable[[], None] = lambda: None, *, counts: Callable[[str], bool] = lambda _: True
    ) -> set[str]:
        """Return the models that anything in the account serves or is moving to.

        look_on: Called in between, and may raise.
        counts: Whether what has a name counts. Default: everything.
        """
        throughputs = [each for each in self.throughput_summaries() if counts(each["provisionedModelName"])]
        served = {arn for summary in throughputs for arn in (summary["modelArn"], summary["desiredModelArn"])}
        for summary in self.deployment_summaries():
            if not counts(summary["customModelDeploymentName"]):
                continue
            look_on()
            served.add(summary["modelArn"])
            # A summary does not tell of an update.
            if found := self.deployment(summary["customModelDeploymentName"], with_tags=False):
                served |= {found.model_arn, found.serving_arn, found.desired_arn}
        return served

    def throughput(self, name: str) -> Throughput | None:
        try:
            found = self.client.get_provisioned_model_throughput(provisionedModelId=name)
        except ClientError as error:
            _must_be_absent(error, name, self._throughput_names)
            return None
        return Throughput(
            arn=found["provisionedModelArn"],
            name=found["provisionedModelName"],
            status=found["status"],
            model_arn=found["modelArn"],
            desired_model_arn=found["desiredModelArn"],
            failure_message=found.get("failureMessage", ""),
            commitment_ends=found.get("commitmentExpirationTime"),
            commitment=found.get("commitmentDuration", ""),
            bought=found["creationTime"],
            tags=self.tags(found["provisionedModelArn"]),
        )

    def throughput_summaries(self) -> list[Any]:
        """Return the summary of every throughput of the account and Region."""
        pages = self.client.get_paginator("list_provisioned_model_throughputs").paginate()
        return [summary for page in pages for summary in page.get("provisionedModelSummaries", [])]

    def deployment(self, name: str, *, with_tags: bool = True) -> Deployment | None:
        """Find a deployment by its name or ARN; another team's tags may be denied, and not all who look need them."""
        try:
            found = self.client.get_custom_model_deployment(customModelDeploymentIdentifier=name)
        except ClientError as error:
            _must_be_absent(error, name, self._deployment_names)
            return None
        update = found.get("updateDetails")
        return Deployment(
            arn=found["customModelDeploymentArn"],
            name=found["modelDeploymentName"],
            status=found["status"],
            model_arn=found["modelArn"],
            failure_message=found.get("failureMessage", ""),
            update=ModelUpdate(update["modelArn"], update["updateStatus"]) if update else None,
            tags=self.tags(found["customModelDeploymentArn"]) if with_tags else {},
        )

    def deployment_summaries(self) -> list[Any]:
        """Return the summary of every custom model deployment of the account and Region."""
        pages = self.client.get_paginator("list_custom_model_deployments").paginate()
        return [summary for page in pages for summary in page.get("modelDeploymentSummaries", [])]

    def is_refused_for_now(self, error: ClientError) -> bool:
        """Tell whether a deployment was refused by a quota that others take up only while they are being made.

        One of the quotas is on deployments in progress (L-430C95DD).
        """
        if aws_errors.code(error) != QUOTA_EXCEEDED:
            return False
        return any(summary.get("status") == "Creating" for summary in self.deployment_summaries())

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a thing; one that vanished in between has none."""
        try:
            found = self.client.list_tags_for_resource(resourceARN=arn)
        except ClientError as error:
            if not aws_errors.is_not_found(error):
                raise
            return {}
        return {tag["key"]: tag["value"] for tag in found.get("tags", [])}

    def retag(self, arn: str, wanted: Mapping[str, str], gone: Iterable[str]) -> None:
        """Set the tags that are wanted and take away those that the settings no longer name; others' tags stay.

        A refusal fails nothing: what the tags are on is as it should be, and the next deployment tries again.
        """
        if wanted:
            self._attempt(lambda: self.client.tag_resource(resourceARN=arn, tags=as_list(wanted)))
        if keys := sorted(gone):
            self._attempt(lambda: self.client.untag_resource(resourceARN=arn, tagKeys=keys))

    def gives_back(self, arn: str, tags: Mapping[str, str]) -> bool:
        """Give a thing of ours the tag without which no policy lets it be changed; tell whether it had lost it."""
        if self.foundation is None or contract.TAG_FOUNDATION in tags:
            return False
        lost = {contract.TAG_FOUNDATION: self.foundation}
        self.client.tag_resource(resourceARN=arn, tags=as_list(lost))
        return True

    def _model_names(self, name: str) -> Iterator[str]:
        pages = self.client.get_paginator("list_custom_models").paginate(nameContains=name)
        return (each["modelName"] for page in pages for each in page.get("modelSummaries", []))

    def _throughput_names(self) -> Iterator[str]:
        return (each["provisionedModelName"] for each in self.throughput_summaries())

    def _deployment_names(self) -> Iterator[str]:
        return (each["customModelDeploymentName"] for each in self.deployment_summaries())

    def _attempt(self, change: Callable[[], Any]) -> None:
        try:
            change()
        except ClientError as error:
            if aws_errors.passes(error):
                raise


def owner_tags(properties: ModelProperties, *, owner: str, foundation: str | None) -> dict[str, str]:
    """Return the tags for what this project creates for a model, the user's own among them."""
    tags = {
        **properties.tags,
        contract.TAG_OWNER: owner,
        contract.TAG_ENVIRONMENT: properties.environment,
        contract.TAG_MODEL: properties.name,
    }
    return {**tags, contract.TAG_FOUNDATION: foundation} if foundation else tags


def tags_gone(old: Mapping[str, str], new: Mapping[str, str]) -> frozenset[str]:
    """Return the keys of your tags that the settings no longer name."""
    return frozenset(old) - frozenset(new)


def as_list(tags: Mapping[str, str]) -> list[Any]:
    """Return tags as the Bedrock API takes them."""
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]


def _must_be_absent(error: ClientError, identifier: str, listed: Callable[[], Iterable[str]]) -> None:
    """Return when an error means that there is nothing of this name or ARN; raise it otherwise.

    Raises:
        Again: When it is not found by its name and stands in a list: one of the two is not up to date.
    """
    if aws_errors.is_not_found(error):
        return
    # An identifier that another has given may well be wrong; a name of our own form is not.
    if identifier.startswith("arn:") or not aws_errors.may_be_not_found(error):
        raise error
    if identifier in listed():
        raise Again(
            f"{identifier} is listed, but cannot be read by its name yet ({aws_errors.sentence(error)})"
        ) from None


def _has_begun(details: Mapping[str, Any]) -> bool:
    """Tell whether a job trains, or has trained; where Bedrock does not tell, it does."""
    return bool(details.get("trainingDetails", {}).get("status") != "NotStarted")
