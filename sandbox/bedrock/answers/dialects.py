"""The bodies of InvokeModel, by the name that the catalogue gives them: each reads a request and writes an answer."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from sandbox.bedrock.answers import claude, cohere, llama, nova, titan
from sandbox.bedrock.answers.conversation import Conversation, Reply
from sandbox.bedrock.catalogue.models import Dialect


class BodyFormat(Protocol):
    """What a module of a dialect has."""

    def read(self, body: Mapping[str, Any], /) -> Conversation:
        """Return the conversation of a request body; raise ValidationException."""

    def write(self, answer: Reply, model: str, /) -> dict[str, Any]:
        """Return the response body; `model` says that the answer is simulated, whatever the text says."""


BODIES: Final[Mapping[Dialect, BodyFormat]] = {
    "claude": claude,
    "nova": nova,
    "llama": llama,
    "titan": titan,
    "cohere": cohere,
}
