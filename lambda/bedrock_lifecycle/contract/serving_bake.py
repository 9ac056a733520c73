"""`Custom::BedrockServingBake`: one step of a bake, what it asks of what serves, and which alarms it reads how long."""

from collections.abc import Sequence
from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION
from bedrock_lifecycle.contract.model import Purchase
from bedrock_lifecycle.contract.properties import (
    MAX_OUTPUT_TOKENS,
    SERVED_ARN,
    Property,
    Received,
    flag,
    optional_text,
    text,
    texts,
    written,
)

# Attribute: the model that was baked, as the property of that name.
MODEL: Final = "BakedModel"
# Attribute: whether a step has baked, or asked nothing since a commitment may have been bought.
HAS_BAKED: Final = "HasBaked"


def _number(name: str, default: int) -> Property[int]:
    return Property(name, lambda properties, its: properties.integer(its) if its in properties else default)


class ServingBakeProperties(Received):
    """One step of so many; only the first asks questions.

    `served_arn` answers with `model`, a name or an ARN; `commitment_duration` is that of a throughput.
    """

    served_arn = text(SERVED_ARN)
    model = text(MODEL)
    commitment_duration = Purchase.commitment_duration
    questions_uri = optional_text("QuestionsUri")
    questions_sha256 = optional_text("QuestionsSha256")
    push = optional_text("Push")
    """For people: the command that pushes the questions."""
    questions = _number("Questions", 0)
    right = _number("RightAnswers", 0)
    max_output_tokens = _number(MAX_OUTPUT_TOKENS, 1)
    alarms = texts("Alarms")
    minutes = _number("Minutes", 0)
    step = _number("Step", 1)
    steps = _number("Steps", 1)
    # A step that a growing bake adds has no old properties, from which the first one knows it.
    first_has_baked = flag("FirstHasBaked", default=False)
    # Read by nobody: a first step that an older version made gets an event by it, and answers with the attribute.
    tells = optional_text("Tells")

    @property
    def is_last(self) -> bool:
        """Whether the bake has passed with this step."""
        return self.step == self.steps

    @classmethod
    def write(
        cls,
        *,
        served_arn: str,
        model: str,
        commitment_duration: str | None,
        questions_uri: str | None,
        questions_sha256: str | None,
        push: str | None,
        questions: int,
        right: int,
        max_output_tokens: int,
        alarms: Sequence[str],
        minutes: int,
        step: int,
        steps: int,
        first_has_baked: str | None,
        reconcile: int,
    ) -> dict[str, Any]:
        asks = questions_uri is not None
        return written(
            {
                cls.contract_version: CONTRACT_VERSION,
                cls.served_arn: served_arn,
                cls.model: model,
                cls.commitment_duration: commitment_duration,
                cls.questions_uri: questions_uri,
                cls.questions_sha256: questions_sha256,
                cls.push: push if asks else None,
                cls.questions: questions if asks else None,
                cls.right: right if asks else None,
                cls.max_output_tokens: max_output_tokens if asks else None,
                cls.alarms: list(alarms) or None,
                cls.minutes: minutes,
                cls.step: step,
                cls.steps: steps,
                cls.first_has_baked: first_has_baked,
                cls.tells: HAS_BAKED if step == 1 < steps else None,
                cls.reconcile: reconcile,
            }
        )
