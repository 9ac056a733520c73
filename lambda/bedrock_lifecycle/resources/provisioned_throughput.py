"""`Custom::BedrockProvisionedThroughput`: a custom model on capacity that is bought."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import (
    MODEL_ARN,
    PROVISIONED_MODEL_ARN,
    PROVISIONED_MODEL_NAME,
    ProvisionedThroughputProperties,
)
from bedrock_lifecycle.decisions import provisioned_throughput as table
from bedrock_lifecycle.decisions.observed import Throughput
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.desired import DesiredThroughput
from bedrock_lifecycle.preflight.facts import TargetLocation
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.reading import Patience
from bedrock_lifecycle.preflight.report import PreflightReport
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list
from bedrock_lifecycle.resources.model_customization import request_token
from bedrock_lifecycle.resources.serving import Serving
from bedrock_lifecycle.resources.serving_request import ServingRequest

KIND: Final = "provisioned-throughput"


def physical_id(request: Request) -> PhysicalId:
    return PhysicalId(KIND, ProvisionedThroughputProperties(request.properties).serving_name)


class ProvisionedThroughput(Serving[table.ThroughputPresence, table.ThroughputAbsence]):
    """One throughput, and the custom model that it serves."""

    id_kind = KIND
    record = ProvisionedThroughputProperties
    bills_unused = True

    def __init__(self, bedrock: Bedrock, preflight: Preflight, store: Store | None = None) -> None:
        super().__init__(bedrock, preflight, table.KIND, table.PRESENCE, table.ABSENCE, store)

    def _find(self, name: str) -> Throughput | None:
        return self._bedrock.throughput(name)

    def _listed(self) -> Iterator[tuple[str, str]]:
        for summary in self._bedrock.throughput_summaries():
            yield summary["provisionedModelName"], summary["provisionedModelArn"]

    def presence(self, asked: ServingRequest) -> table.ThroughputPresence:
        """See `Serving`. The detach tag says, when its stack has become something else, whether it may be let go."""
        facts = self._presence_facts(asked)
        facts["tags_gone"] |= {contract.TAG_LET_GO}
        if asked.properties.is_let_go_when_committed:
            facts["tags"] |= {contract.TAG_DETACH: "true"}
        else:
            facts["tags_gone"] |= {contract.TAG_DETACH}
        replaced = self._replaced(asked, facts["name"])
        return table.ThroughputPresence(
            **facts, replaced=replaced, bake=self._bake(asked, facts, replaced), now=asked.now
        )

    def _bake(self, asked: ServingRequest, facts: Mapping[str, Any], replaced: Throughput | None) -> str:
        """Return how the model's bake went here, where a commitment is about to be bought that asks for one."""
        its = ProvisionedThroughputProperties(asked.properties.received)
        if not (its.commit_baked_only and its.commitment_duration and facts["found"] is None):
            return contract.PASSED
        model = facts["model"]
        tags = self._bedrock.tags(model.arn) if model else {}
        # On the model of another environment no bake of this one leaves a tag.
        if not model or tags.get(contract.TAG_FOUNDATION) == asked.foundation:
            return tags.get(contract.TAG_BAKE, "")
        # A move that has failed may have left another model serving than the template before asked for.
        is_it = replaced is None or replaced.serving_arn == model.arn
        return contract.PASSED if is_it and _has_baked(asked) else table.BAKED_ELSEWHERE

    def _replaced(self, asked: ServingRequest, name: str) -> Throughput | None:
        present = PhysicalId.named(asked.physical_id, KIND)
        if asked.event != "Update" or present is None or present == name:
            return None
        return self._find(present)

    def absence(self, asked: ServingRequest, name: str, *, detach: bool) -> table.ThroughputAbsence:
        return table.ThroughputAbsence(**self._absence_facts(asked, name), now=asked.now, detach=detach)

    def _look(self, turn: Turn, model_arn: str, place: TargetLocation, patience: Patience) -> PreflightReport:
        asked = DesiredThroughput.read(ProvisionedThroughputProperties(turn.request.properties), model_arn)
        return self._preflight.purchase(asked, place, turn.now, patience)

    def _create(self, turn: Turn, facts: table.ThroughputPresence, model_arn: str) -> None:
        properties = ProvisionedThroughputProperties(turn.request.properties)
        optional: dict[str, Any] = {}
        if commitment_duration := properties.commitment_duration:
            optional["commitmentDuration"] = commitment_duration
        self._bedrock.client.create_provisioned_model_throughput(
            provisionedModelName=facts.name,
            modelId=model_arn,
            modelUnits=properties.model_units,
            # With the request in it: a token of the name alone would be "already served" for a name used before.
            clientRequestToken=request_token(f"{facts.name}/{turn.request.request_id}"),
            tags=as_list(facts.tags),
            **optional,
        )

    def _move(self, turn: Turn, facts: table.ThroughputPresence, model_arn: str) -> None:
        del turn
        self._bedrock.client.update_provisioned_model_throughput(provisionedModelId=facts.arn, desiredModelId=model_arn)

    def _delete(self, arn: str) -> None:
        self._bedrock.client.delete_provisioned_model_throughput(provisionedModelId=arn)

    def _let_go(self, arn: str, owner: str) -> None:
        # First by whom, so that it is never without an owner for no reason that can be told.
        self._bedrock.client.tag_resource(resourceARN=arn, tags=as_list({contract.TAG_LET_GO: owner}))
        # Without its owner tag no later clean-up takes it for a leftover.
        self._bedrock.client.untag_resource(resourceARN=arn, tagKeys=[contract.TAG_OWNER])

    def _attributes(self, facts: table.ThroughputPresence) -> dict[str, str]:
        return {
            PROVISIONED_MODEL_ARN: facts.arn,
            PROVISIONED_MODEL_NAME: facts.name,
            MODEL_ARN: facts.model.arn if facts.model else "",
        }


def _has_baked(asked: ServingRequest) -> bool:
    """Tell whether the stack has served this very model with a bake: it is complete only because that has passed.

    Not so where it had a commitment, since what a deployment may have bought for a term is asked nothing, nor where a
    deployment failed and was not rolled back.
    """
    before = ProvisionedThroughputProperties(asked.before.received)
    return (
        asked.event == "Update"
        and before.commit_baked_only
        and not before.commitment_duration
        and before.model == asked.properties.model
        and not asked.stack_has_failed()
    )
