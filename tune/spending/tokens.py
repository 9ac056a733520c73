"""How many tokens a training bills, estimated from what is known of its data: bounds, and never a price of AWS's."""

from dataclasses import dataclass
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.limits import CAUTIOUS_CHARACTERS_PER_TOKEN, CHARACTERS_PER_TOKEN
from settings.training import Training
from tune.spending.cost import Cost
from tune.spending.prices import FILE, Prices

_EPOCHS: Final = "epochCount"
_MAY_END_EARLY: Final = "earlyStopping"
_LEAST: Final = f"one token for every {CHARACTERS_PER_TOKEN} characters of text"
_MOST: Final = f"one for every {CAUTIOUS_CHARACTERS_PER_TOKEN} bytes of the file"


@dataclass(frozen=True)
class Volume:
    """How much there is to train on, as far as it is known.

    characters: of every text in the records.
    bytes: of the whole file.
    """

    characters: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class TrainingTokens:
    """The tokens that a training bills, from the fewest to the most; None for a bound that is not known.

    base_model: its ID, on which a price depends.
    epochs: how often it goes over the data, at most; None where neither settings nor profile tell, and the bounds are
        those of one epoch.
    source: who tells, where that is not the settings.
    """

    base_model: str
    low: int | None
    high: int | None
    epochs: int | None = None
    source: str = ""
    may_end_early: bool = False

    @property
    def tokens(self) -> str:
        """The bounds in words."""
        match self.low, self.high:
            case None, None:
                return "an unknown number of tokens"
            case None, high:
                return f"at most {high:,} tokens"
            case low, None:
                return f"{low:,} tokens or more"
            case low, high:
                return f"{low:,} to {high:,} tokens"

    def __str__(self) -> str:
        if self.low is None and self.high is None:
            return "not estimated: its data could not be counted here"
        if self.epochs is None:
            over = "for each epoch; how many Bedrock's default is, is not known"
        else:
            over = f"in {self.epochs} epoch{'s' * (self.epochs != 1)}{f' ({self.source})' if self.source else ''}"
        rules = [*([_LEAST] if self.low is not None else []), *([_MOST] if self.high is not None else [])]
        sooner = "; early stopping may end it sooner" if self.may_end_early else ""
        return f"{self.tokens} {over}, at {' to '.join(rules)}{sooner}"

    def money(self, prices: Prices) -> str:
        """Return in words what that comes to by a team's prices; nothing where no bound is known."""
        low, high = self._costs()
        if missing := prices.missing(low) or prices.missing(high):
            return f"no price of {missing} in {FILE}"
        least, most = (None if amount is None else prices.money(amount) for amount in map(prices.amount, (low, high)))
        match least, most:
            case None, None:
                return ""
            case None, _:
                told = f"at most {most}"
            case _, None:
                told = f"{least} or more"
            case _:
                told = f"{least} to {most}"
        return f"{told}{' for each epoch' * (self.epochs is None)}, {prices.origin}"

    def document(self, prices: Prices | None) -> dict[str, Any]:
        """Return it as plain JSON values."""
        low, high = (prices.amount(cost) if prices else None for cost in self._costs())
        return {
            "low": self.low,
            "high": self.high,
            "epochs": self.epochs,
            "moneyLow": None if low is None else str(low),
            "moneyHigh": None if high is None else str(high),
            "currency": prices.currency if prices else None,
        }

    def _costs(self) -> tuple[Cost, Cost]:
        low, high = (
            Cost("once", "tokens", bound, "training-tokens", (self.base_model,)) for bound in (self.low, self.high)
        )
        return low, high


def estimated(volume: Volume, training: Training) -> TrainingTokens:
    """Return what a training on so much data bills, estimated; the real number only Bedrock's tokenizers tell."""
    given = training.hyper_parameters.get(_EPOCHS)
    known = training.profile.customization(training.customization_type).hyper_parameters.known.get(_EPOCHS)
    default = known.default if known else None
    # Of a base model whose hyper-parameters nobody has documented they may be any text.
    times = (int(given) if given.isdecimal() else None) if given else int(default) if default else None
    of_epoch = (
        None if volume.characters is None else volume.characters // CHARACTERS_PER_TOKEN,
        None if volume.bytes is None else -(-volume.bytes // CAUTIOUS_CHARACTERS_PER_TOKEN),
    )
    low, high = (None if bound is None else bound * (times or 1) for bound in of_epoch)
    return TrainingTokens(
        base_model=training.base_model,
        low=low,
        high=high,
        epochs=times,
        source="" if given or times is None else f"the default of {training.profile.name}",
        may_end_early=any(name.startswith(_MAY_END_EARLY) for name in training.hyper_parameters),
    )
