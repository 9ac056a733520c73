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


def things(physical_ids: Iterable[str | None]) -> list[tuple[Kind | None, str]]:
    """Return kind and name of everything of this project's, in its order; no kind for what is no thing in Bedrock."""
    return [(_KINDS.get(known.kind), known.name) for known in map(PhysicalId.parse, physical_ids) if known]


def held_by(resources: Iterable[Mapping[str, Any]]) -> Held:
    """Return what a stack holds, from what `stack_states.resources` returns of it."""
    ids = (its.get("PhysicalResourceId") for its in resources if its["ResourceStatus"] != "DELETE_COMPLETE")
    return frozenset((kind, name) for kind, name in things(ids) if kind)
