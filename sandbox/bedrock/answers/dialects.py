"""The bodies of InvokeModel, by the name that the catalogue gives them: each reads a request and writes an answer."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from sandbox.bedrock.answers import claude, cohere, llama, nova, titan
from sandbox.bedrock.answers.conversation import Answer, Conversation
from sandbox.bedrock.catalogue.models import Dialect


class Body(Protocol):
    """What a module of a dialect has."""

    def read(self, body: Mapping[str, Any], /) -> Conversation:
        """Return the conversation of a request body; raise ValidationException."""

    def write(self, answer: Answer, model: str, /) -> dict[str, Any]:
        """Return the response body; `model` says that the answer is simulated, whatever the text says."""


BODIES: Final[Mapping[Dialect, Body]] = {
    "claude": claude,
    "nova": nova,
    "llama": llama,
    "titan": titan,
    "cohere": cohere,
}
