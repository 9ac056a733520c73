"""InvokeModel and Converse."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.bedrock.answers import claude, nova
from sandbox.bedrock.answers.conversation import Answer, Conversation, Turn, answer, check_turns
from sandbox.bedrock.answers.corpus import Corpus
from sandbox.bedrock.catalogue import ON_DEMAND, FoundationModel
from sandbox.bedrock.errors import ServiceError, invalid, not_found, not_simulated
from sandbox.bedrock.operations.base_models import foundation_model
from sandbox.bedrock.operations.call import Call, Params, Result
from sandbox.bedrock.phases import ThroughputStatus

_DIALECTS: Final = {"claude": claude, "nova": nova}
_CONVERSE: Final = ("modelId", "messages", "system", "inferenceConfig", "requestMetadata", "serviceTier")


@dataclass(frozen=True)
class Target:
    """What answers: a foundation model, and what it was taught if it is tuned."""

    base: FoundationModel
    corpus: Corpus | None


def invoke(call: Call, params: Params) -> Result:
    """InvokeModel: the body is in the dialect of the model's family."""
    target = _target(call, params["modelId"])
    try:
        body = json.loads(params.get("body", b""))
    except ValueError:
        raise invalid("Malformed input request, please reformat your input and try again") from None
    if not isinstance(body, dict):
        raise invalid("Malformed input request: the body must be a JSON object")
    dialect = _DIALECTS[target.base.dialect]
    reply = _answer(call, target, dialect.read(body))
    return {
        "body": json.dumps(dialect.write(reply, target.base.model_id)).encode(),
        "contentType": "application/json",
    }


def converse(call: Call, params: Params) -> Result:
    """Converse, with text alone."""
    for name in params:
        if name not in _CONVERSE:
            raise not_simulated(f"{name} in Converse")
    target = _target(call, params["modelId"])
    reply = _answer(call, target, _conversation(params))
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": reply.text}]}},
        "stopReason": reply.stop_reason,
        "usage": nova.usage(reply),
        "metrics": {"latencyMs": 0},
        "additionalModelResponseFields": {"simulated": True},
    }


def _answer(call: Call, target: Target, conversation: Conversation) -> Answer:
    return answer(conversation, target.corpus, call.simulation.settings.answer_label)


def _conversation(params: Params) -> Conversation:
    turns = tuple(
        Turn(message["role"], nova.text_of(message["content"], f"messages[{index}].content"))
        for index, message in enumerate(params.get("messages", []))
    )
    check_turns(turns)
    inference: Mapping[str, Any] = params.get("inferenceConfig", {})
    return Conversation(
        turns=turns,
        system=nova.text_of(params["system"], "system") if params.get("system") else "",
        max_tokens=inference.get("maxTokens"),
        stop_sequences=tuple(inference.get("stopSequences", ())),
    )


def _target(call: Call, identifier: str) -> Target:
    if ":provisioned-model/" in identifier:
        return _provisioned(call, identifier)
    base = foundation_model(call, identifier)
    if base is None:
        raise invalid("The provided model identifier is invalid.")
    if ON_DEMAND not in base.inference_types:
        # A context variant is there to be tuned or provisioned; the id without it is served on demand.
        raise invalid(f"Invocation of model ID {base.model_id} with on-demand throughput isn't supported.")
    return Target(base, corpus=None)


def _provisioned(call: Call, arn: str) -> Target:
    throughput = call.region.throughputs.get(arn)
    if throughput is None or throughput.base.lifecycle.is_over(call.now):
        raise not_found(f"The provisioned model {arn} was not found")
    if throughput.status not in {ThroughputStatus.IN_SERVICE, ThroughputStatus.UPDATING}:
        raise ServiceError("ModelNotReadyException", f"The provisioned model {arn} is {throughput.status}")
    custom = call.region.models.get(throughput.model_arn)
    return Target(throughput.base, custom.corpus if custom else None)
