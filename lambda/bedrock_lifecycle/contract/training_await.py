"""`Custom::BedrockTrainingAwait`: the properties of one rung, and what it answers with."""

from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION, LOSSES_CONTRACT_VERSION
from bedrock_lifecycle.contract.model_customization import TRAINING_NAME
from bedrock_lifecycle.contract.properties import RUNG, RUNGS, Received, flag, integer, text, written

# Attributes, beside the name of the training, which a rung hands on.
STATE: Final = "State"
RAN: Final = "Ran"
# Of a rung that tells losses; each is a number, or UNKNOWN_LOSS.
TRAINING_LOSS: Final = "TrainingLoss"
VALIDATION_LOSS: Final = "ValidationLoss"
LOSSES: Final = (TRAINING_LOSS, VALIDATION_LOSS)
UNKNOWN_LOSS: Final = "unknown"


class TrainingAwaitProperties(Received):
    """One rung of so many."""

    training_name = text(TRAINING_NAME)
    rung = integer(RUNG)
    rungs = integer(RUNGS)
    tells_losses = flag("TellsLosses", default=False)

    @classmethod
    def write(cls, *, training_name: str, rung: int, rungs: int, tells_losses: bool = False) -> dict[str, Any]:
        """Return one rung's properties.

        tells_losses: Whether it answers with the losses too. Default: it does not, as those of older templates.
        """
        return written(
            {
                cls.contract_version: LOSSES_CONTRACT_VERSION if tells_losses else CONTRACT_VERSION,
                cls.tells_losses: tells_losses or None,
                cls.training_name: training_name,
                cls.rung: rung,
                cls.rungs: rungs,
            }
        )
