"""Answering a question: within the account's quotas, metered, with what the model says."""

import json

from sandbox.bedrock.answers.conversation import Conversation, Reply, answer, generality
from sandbox.bedrock.errors import ServiceError, invalid
from sandbox.bedrock.invocations.throttle import Admitted
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.operations.targets import AnsweringModel


def answered(call: Call, target: AnsweringModel, conversation: Conversation) -> Reply:
    """Return the answer of a target; raise ThrottlingException, or ValidationException for what it does not take."""
    if conversation.is_sampled_twice and not target.base.takes_temperature_and_top_p:
        # The text is Bedrock's, posted in public threads.
        raise invalid("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
    admitted = _admitted(call, target, conversation)
    reply = answer(conversation, _said(call, target, conversation))
    if admitted:
        used = reply.input_tokens + reply.output_tokens * target.base.quota_per_output_token
        admitted.answer(used, call.simulation.settings.durations.answer)
    tokens = (reply.input_tokens, reply.output_tokens)
    call.simulation.usage.answered(call.scope, target.asked_as, conversation.digest, *tokens)
    return reply


def _admitted(call: Call, target: AnsweringModel, conversation: Conversation) -> Admitted | None:
    """Reserve what the request may use; the units of a throughput have no quota of a minute."""
    if target.quota_of is None:
        return None
    longest = conversation.max_tokens if conversation.max_tokens is not None else target.base.longest_answer or 0
    bounds = call.simulation.quotas.of_a_minute(call.scope, target.quota_of)
    try:
        return call.simulation.throttle.admit(
            call.scope, target.quota_of, call.now, conversation.input_tokens + longest, bounds
        )
    except ServiceError:
        call.simulation.usage.of(call.scope, target.asked_as).throttled += 1
        raise


def _said(call: Call, target: AnsweringModel, conversation: Conversation) -> str:
    known = call.simulation.quality.answer(conversation, target.names)
    if known is not None:
        return known
    if not target.is_tuned and (verdict := call.simulation.judge.answer(conversation.prompt)) is not None:
        return verdict
    taught = target.corpus.answer(conversation.prompt) if target.corpus else None
    if taught and _is_json(taught):
        return taught
    return call.simulation.settings.answer_label + (taught or generality(conversation.prompt))


def _is_json(text: str) -> bool:
    """Tell whether a text is a JSON object or list, which it would not be after a label."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
