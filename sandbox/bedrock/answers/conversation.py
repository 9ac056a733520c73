"""A conversation in no dialect, and the answer to it."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from sandbox.bedrock.answers.digests import digest
from sandbox.bedrock.answers.tools import NO_TOOLS, CalledTool, Tools, calls
from sandbox.bedrock.errors import invalid
from sandbox.bedrock.settings import CHARACTERS_PER_TOKEN, tokens_in

StopReason = Literal["end_turn", "max_tokens", "stop_sequence", "tool_use"]


@dataclass(frozen=True)
class Utterance:
    """What one side said."""

    role: str
    text: str


@dataclass(frozen=True)
class Conversation:
    """What a model is asked; `is_sampled_twice`: by a temperature and by a top-p."""

    turns: tuple[Utterance, ...]
    system: str = ""
    max_tokens: int | None = None
    stop_sequences: tuple[str, ...] = ()
    tools: Tools = NO_TOOLS
    is_sampled_twice: bool = False

    @property
    def digest(self) -> str:
        """The digest of all that is asked."""
        texts = [turn.text for turn in self.turns]
        return digest(*([self.system] if self.system else []), *texts)

    @property
    def input_tokens(self) -> int:
        """The estimated number of tokens of all that is asked."""
        texts = (self.system, *(turn.text for turn in self.turns))
        return tokens_in(self.tools.characters + sum(map(len, texts)))

    @property
    def prompt(self) -> str:
        """What the user said last."""
        return next(turn.text for turn in reversed(self.turns) if turn.role == "user")


@dataclass(frozen=True)
class Reply:
    """What the model says or calls, and to what. The numbers of tokens are estimates."""

    prompt: str
    text: str
    stop_reason: StopReason
    stop_sequence: str | None
    input_tokens: int
    output_tokens: int
    calls: tuple[CalledTool, ...] = ()


def check_turns(turns: tuple[Utterance, ...]) -> None:
    """Raise ValidationException unless user and assistant take turns, the user first."""
    if not turns:
        raise invalid("messages: at least one message is required")
    for index, turn in enumerate(turns):
        if turn.role not in {"user", "assistant"}:
            raise invalid(f"messages.{index}.role: must be user or assistant")
        if turn.role != ("user", "assistant")[index % 2]:
            raise invalid("messages: roles must alternate between user and assistant, beginning with user")


def answer(conversation: Conversation, said: str) -> Reply:
    """Answer with what a model says, as far as the conversation lets it, or with the calls of tools that this is."""
    if made := calls(said, conversation.tools):
        tokens = tokens_in(len(json.dumps([asdict(call) for call in made])))
        if conversation.max_tokens is None or tokens <= conversation.max_tokens:
            return Reply(conversation.prompt, "", "tool_use", None, conversation.input_tokens, tokens, made)
    text, reason, sequence = _cut(said, conversation)
    return Reply(conversation.prompt, text, reason, sequence, conversation.input_tokens, tokens_in(len(text)))


def generality(prompt: str) -> str:
    """Return what a model says that knows nothing of the subject."""
    subject = " ".join(prompt.split()[:8])
    return (
        f'Thank you for your question. You asked about "{subject}". There are several aspects worth considering '
        "here, and the best answer depends on your context. In general, it helps to gather the relevant facts, to "
        "weigh the available options against your goals, and to consult a specialist where the stakes are high. "
        "Let me know if you would like me to go into more detail on any of these points."
    )


def _cut(text: str, conversation: Conversation) -> tuple[str, StopReason, str | None]:
    found = [(text.find(sequence), sequence) for sequence in conversation.stop_sequences if sequence in text]
    position, sequence = min(found, default=(len(text), None))
    limit = len(text) if conversation.max_tokens is None else conversation.max_tokens * CHARACTERS_PER_TOKEN
    if limit < position:
        return text[:limit], "max_tokens", None
    if sequence is not None:
        return text[:position], "stop_sequence", sequence
    return text, "end_turn", None
