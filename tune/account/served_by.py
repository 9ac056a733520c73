"""What a stack holds in Bedrock, by the physical ids of its resources: tags can be lost, these cannot."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.resources import custom_model_deployment, model_customization, provisioned_throughput
from tune.account.bedrock_resources import Kind

# Kind and name of each thing.
Held = frozenset[tuple[Kind, str]]

_KINDS: Final[Mapping[str, Kind]] = {
    provisioned_throughput.KIND: "throughput",
    custom_model_deployment.KIND: "deployment",
    model_customization.KIND: "job",
}


def held_by(resources: Iterable[Mapping[str, Any]]) -> Held:
    """Return what a stack holds, from what `stack_states.resources` returns of it."""
    ids = (its.get("PhysicalResourceId") for its in resources if its["ResourceStatus"] != "DELETE_COMPLETE")
    return frozenset(
        (_KINDS[known.kind], known.name) for known in map(PhysicalId.parse, ids) if known and known.kind in _KINDS
    )
