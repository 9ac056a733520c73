"""The records whose right answers are known, and how often each model gives them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.bedrock.answers.conversation import Conversation
from sandbox.bedrock.answers.digests import digest
from sandbox.bedrock.quality.truth import is_right
from sandbox.bedrock.quality.wrong import wrong


@dataclass
class Quality:
    """What is known of the models; nothing at first.

    right: the right answers, by the digest of all that is asked, or of what the user said last.
    rates: how often a model is right, by its id, its custom model's name or ARN.
    """

    right: dict[str, str] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    correlation: float = 0.0
    seed: int = 0

    def clear(self) -> None:
        """Forget all of it."""
        self.right.clear()
        self.rates.clear()
        self.correlation, self.seed = 0.0, 0

    def answer(self, conversation: Conversation, names: Sequence[str]) -> str | None:
        """Return what a model with these names answers, its first name deciding what it knows; None: not known."""
        rate = next((self.rates[name] for name in names if name in self.rates), None)
        if rate is None:
            return None
        for question in (conversation.digest, digest(conversation.prompt)):
            if question in self.right:
                right = self.right[question]
                knows = is_right(question, names[0], rate, self.correlation, self.seed)
                return right if knows else wrong(right, f"{names[0]}\0{question}")
        return None
