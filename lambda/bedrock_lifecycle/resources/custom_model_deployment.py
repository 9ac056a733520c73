"""`Custom::BedrockCustomModelDeployment`: a custom model for on-demand inference, paid by the token."""

from collections.abc import Iterator
from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import (
    CUSTOM_MODEL_DEPLOYMENT_ARN,
    MODEL_ARN,
    MODEL_DEPLOYMENT_NAME,
    CustomModelDeploymentProperties,
)
from bedrock_lifecycle.decisions import custom_model_deployment as table
from bedrock_lifecycle.decisions.observed import Deployment, Throughput
from bedrock_lifecycle.decisions.provisioned_throughput import committed
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.desired import DesiredDeployment
from bedrock_lifecycle.preflight.facts import TargetLocation
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.reading import Patience
from bedrock_lifecycle.preflight.report import PreflightReport
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list
from bedrock_lifecycle.resources.model_customization import request_token
from bedrock_lifecycle.resources.serving import Serving
from bedrock_lifecycle.resources.serving_request import ServingRequest

KIND: Final = "custom-model-deployment"


def physical_id(request: Request) -> PhysicalId:
    return PhysicalId(KIND, CustomModelDeploymentProperties(request.properties).serving_name)


class CustomModelDeployment(Serving[table.DeploymentPresence, table.DeploymentAbsence]):
    """One deployment, and the custom model that it serves."""

    id_kind = KIND
    record = CustomModelDeploymentProperties
    bills_unused = False

    def __init__(self, bedrock: Bedrock, preflight: Preflight, store: Store | None = None) -> None:
        super().__init__(bedrock, preflight, table.KIND, table.PRESENCE, table.ABSENCE, store)

    def _find(self, name: str) -> Deployment | None:
        return self._bedrock.deployment(name)

    def _listed(self) -> Iterator[tuple[str, str]]:
        for summary in self._bedrock.deployment_summaries():
            yield summary["customModelDeploymentName"], summary["customModelDeploymentArn"]

    def presence(self, asked: ServingRequest) -> table.DeploymentPresence:
        facts = self._presence_facts(asked)
        has_asked = facts["model"] is not None and asked.moved_to == facts["model"].arn
        return table.DeploymentPresence(**facts, asked=has_asked, cut_off=self._cut_off(asked))

    def _cut_off(self, asked: ServingRequest) -> Throughput | None:
        """Return the committed throughput that this resource was until now, unless it may be let go.

        Its delete is a clean-up, whose refusal CloudFormation would only log.
        """
        if asked.event != "Create":
            return None
        for summary in self._bedrock.throughput_summaries():
            name = summary["provisionedModelName"]
            if not summary.get("commitmentDuration") and not asked.may_have_made(name):
                continue
            tags = self._tags(asked, summary["provisionedModelArn"])
            if tags is not None and asked.holder_tags.items() <= tags.items():
                found = self._bedrock.throughput(name)
                if committed(found, asked.now):
                    return None if contract.TAG_DETACH in tags else found
        return None

    def absence(self, asked: ServingRequest, name: str, *, detach: bool) -> table.DeploymentAbsence:
        del detach
        return table.DeploymentAbsence(**self._absence_facts(asked, name))

    def _look(self, turn: Turn, model_arn: str, place: TargetLocation, patience: Patience) -> PreflightReport:
        asked = DesiredDeployment.read(CustomModelDeploymentProperties(turn.request.properties), model_arn)
        return self._preflight.deployment(asked, place, patience)

    def _create(self, turn: Turn, facts: table.DeploymentPresence, model_arn: str) -> None:
        try:
            self._bedrock.client.create_custom_model_deployment(
                modelDeploymentName=facts.name,
                modelArn=model_arn,
                # With the request in it: a token of the name alone would be "already served" for a name used before.
                clientRequestToken=request_token(f"{facts.name}/{turn.request.request_id}"),
                tags=as_list(facts.tags),
            )
        except ClientError as error:
            if self._bedrock.is_refused_for_now(error):
                raise Again(aws_errors.sentence(error)) from None
            raise

    def _move(self, turn: Turn, facts: table.DeploymentPresence, model_arn: str) -> None:
        self._bedrock.client.update_custom_model_deployment(
            customModelDeploymentIdentifier=facts.arn, modelArn=model_arn
        )
        turn.has_asked_for(model_arn)

    def _delete(self, arn: str) -> None:
        self._bedrock.client.delete_custom_model_deployment(customModelDeploymentIdentifier=arn)

    def _attributes(self, facts: table.DeploymentPresence) -> dict[str, str]:
        return {
            CUSTOM_MODEL_DEPLOYMENT_ARN: facts.arn,
            MODEL_DEPLOYMENT_NAME: facts.name,
            MODEL_ARN: facts.model.arn if facts.model else "",
        }
