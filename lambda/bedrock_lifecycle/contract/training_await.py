"""`Custom::BedrockTrainingAwait`: the properties of one rung, and what it answers with."""

from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION
from bedrock_lifecycle.contract.model_customization import TRAINING_NAME
from bedrock_lifecycle.contract.properties import RUNG, RUNGS, Received, integer, text, written

# Attributes, beside the name of the training, which a rung hands on.
STATE: Final = "State"
RAN: Final = "Ran"


class TrainingAwaitProperties(Received):
    """One rung of so many."""

    training_name = text(TRAINING_NAME)
    rung = integer(RUNG)
    rungs = integer(RUNGS)

    @classmethod
    def write(cls, *, training_name: str, rung: int, rungs: int) -> dict[str, Any]:
        return written(
            {
                cls.contract_version: CONTRACT_VERSION,
                cls.training_name: training_name,
                cls.rung: rung,
                cls.rungs: rungs,
            }
        )
