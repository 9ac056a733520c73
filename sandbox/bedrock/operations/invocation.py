"""InvokeModel and Converse."""

import json
from datetime import timedelta
from typing import Final

from sandbox.bedrock.answers import nova, tools
from sandbox.bedrock.answers.conversation import Conversation
from sandbox.bedrock.answers.converse import read
from sandbox.bedrock.answers.dialects import BODIES
from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.errors import invalid, not_simulated
from sandbox.bedrock.operations.answering import answered
from sandbox.bedrock.operations.call import Call, Params, Result
from sandbox.bedrock.operations.targets import AnsweringModel, resolve

_CONVERSE: Final = ("modelId", "messages", "system", "inferenceConfig", "toolConfig", "requestMetadata", "serviceTier")


def invoke(call: Call, params: Params) -> Result:
    """InvokeModel: the body is in the dialect of the model's family."""
    target = resolve(call, params["modelId"])
    try:
        body = json.loads(params.get("body", b""))
    except ValueError:
        raise invalid("Malformed input request, please reformat your input and try again") from None
    if not isinstance(body, dict):
        raise invalid("Malformed input request: the body must be a JSON object")
    if target.base.is_nova_2 and not call.assumed.nova_2_reads_nova:
        raise invalid("Malformed input request, please reformat your input and try again")
    dialect = BODIES[target.base.dialect]
    written = dialect.write(answered(call, target, dialect.read(body)), _simulated(target.base))
    return {"body": json.dumps(written).encode(), "contentType": "application/json"}


def converse(call: Call, params: Params) -> Result:
    """Converse, with text and calls of tools."""
    for name in params:
        if name not in _CONVERSE:
            raise not_simulated(f"{name} in Converse")
    target = resolve(call, params["modelId"])
    conversation = read(params)
    _check_support(call, target, conversation)
    reply = answered(call, target, conversation)
    content = tools.blocks(reply.calls, conversation.digest) if reply.calls else [{"text": reply.text}]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": reply.stop_reason,
        "usage": nova.usage(reply),
        "metrics": {"latencyMs": call.simulation.settings.durations.answer // timedelta(milliseconds=1)},
        "additionalModelResponseFields": {"simulated": True},
    }


def _simulated(model: FoundationModel) -> str:
    """Return the name with which a response says that it is simulated, whatever its text says."""
    return f"simulated-{model.model_id.partition('.')[2].partition('-v1')[0]}"


def _check_support(call: Call, target: AnsweringModel, conversation: Conversation) -> None:
    """Refuse what Converse cannot do with the model. That it is refused is documented, the texts are not."""
    model = target.base
    tuned_without = target.is_tuned and not call.assumed.tuned_models_call_tools
    if conversation.tools.names and (not model.calls_tools or tuned_without):
        raise invalid("This model doesn't support tool use.")
    if model.converse != "chat" and conversation.system:
        raise invalid(f"The model {model.model_id} does not support system prompts")
    if model.converse == "one_message" and len(conversation.turns) > 1:
        raise invalid(f"The model {model.model_id} takes a single message")
