"""Losses that look like those of a training, computed from its inputs alone.

They are no prediction. They fall towards a floor, wobble a little, and the validation loss turns up again
after some epochs, so that early stopping and the choice of a checkpoint have something to act on. The same data and
hyper-parameters give the same numbers on every machine.
"""

import hashlib
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_PLACES: Final = Decimal("0.000001")
_USUAL_LEARNING_RATE: Final = Decimal("0.00001")
_SHAPING: Final = ("batchSize", "learningRate", "learningRateMultiplier", "learningRateWarmupSteps")


@dataclass(frozen=True)
class Curve:
    """The loss of one training as a function of the epochs passed."""

    seed: str
    speed: float
    start: float
    floor: float
    turn: float
    climb: float

    def training(self, epochs: float) -> Decimal:
        """Return the training loss after so many epochs, of which the last may be partly done."""
        wobble = 0.02 * (_unit(self.seed, "train", f"{epochs:.6f}") - 0.5)
        return _rounded(self._fall(epochs) + wobble)

    def validation(self, epoch: int) -> Decimal:
        """Return the validation loss at the end of an epoch."""
        wobble = 0.004 * (_unit(self.seed, "validation", str(epoch)) - 0.5)
        overfit = self.climb * max(0.0, epoch - self.turn)
        return _rounded(self._fall(epoch) + 0.05 + overfit + wobble)

    def _fall(self, epochs: float) -> float:
        return self.floor + (self.start - self.floor) * math.exp(-self.speed * epochs)


def curve(digest: str, parameters: dict[str, Decimal]) -> Curve:
    """Return the curve of a training: a higher learning rate falls, and overfits, sooner."""
    # How long the training may last does not change what an epoch yields.
    shaping = [(name, value) for name, value in sorted(parameters.items()) if name in _SHAPING]
    seed = digest + "".join(f"|{name}={value.normalize():f}" for name, value in shaping)
    if "learningRateMultiplier" in parameters:
        pace = float(parameters["learningRateMultiplier"])
    else:
        pace = float(parameters.get("learningRate", _USUAL_LEARNING_RATE)) / float(_USUAL_LEARNING_RATE)
    speed = min(1.2, max(0.2, 0.6 * math.sqrt(pace)))
    return Curve(
        seed=seed,
        speed=speed,
        start=1.8 + 0.6 * _unit(digest, "start"),
        floor=0.3 + 0.2 * _unit(digest, "floor"),
        turn=1.5 + 2.0 / speed * (0.5 + _unit(digest, "turn")),
        climb=0.06 + 0.04 * _unit(digest, "climb"),
    )


def perplexity(loss: Decimal) -> Decimal:
    """Return the perplexity that belongs to a loss."""
    return _rounded(math.exp(float(loss)))


def _unit(*parts: str) -> float:
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _rounded(value: float) -> Decimal:
    return Decimal(value).quantize(_PLACES)
