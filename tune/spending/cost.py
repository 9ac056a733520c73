"""A cost by its nature: a quantity, and how often it is billed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Nature = Literal["once", "hourly", "monthly", "use"]
Priced = Literal["training-tokens", "model-units", "custom-models", "keys"]
"""What a team may have a price of."""
NO_TERM: Final = "no_commitment"
HOURS_A_MONTH: Final = 730
_OFTEN: Final[Mapping[Nature, str]] = {
    "once": "one-time cost",
    "hourly": "hourly cost",
    "monthly": "monthly cost",
    "use": "cost per use",
}


@dataclass(frozen=True)
class Cost:
    """A cost by its nature. `quantity` is None where a template does not tell it; `tune.spending.prices` knows money.

    what: of what `quantity` is the whole number, for a price; None where there is no such number, or no price.
    of: what its price depends on: base model, and for model units the term, or NO_TERM.
    one: `unit` for one of it, where that is another word.
    is_floor: whether it may be more than `quantity`, and is not less.
    """

    nature: Nature
    unit: str
    quantity: int | None = None
    what: Priced | None = None
    of: tuple[str, ...] = ()
    one: str = ""
    is_floor: bool = False

    def __str__(self) -> str:
        unit = self.one if self.quantity == 1 and self.one else self.unit
        return f"{_OFTEN[self.nature]}: {'' if self.quantity is None else f'{self.quantity:,} '}{unit}"


def model_units(number: int | None, of: tuple[str, ...] = ()) -> Cost:
    """Return what model units cost; `number` is None where a template does not tell it, `of` empty where it differs."""
    month = "" if number is None else f" ({number * HOURS_A_MONTH:,} unit-hours in a month of {HOURS_A_MONTH} hours)"
    unit = f"model unit{'' if number == 1 else 's'}{month}"
    return Cost("hourly", unit, number, "model-units" if of else None, of)
