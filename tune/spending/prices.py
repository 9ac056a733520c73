"""The prices of a team, from its `prices.toml`, make money of quantities. This project has no price of its own."""

import datetime as dt
import json
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, assert_never

from pydantic import BeforeValidator, Field, StrictStr, StringConstraints, ValidationError

from settings.problems import SettingsError, SettingsProblem, SettingsTable
from settings.toml_file import label, read_toml
from tune.spending.cost import HOURS_A_MONTH, Cost, Nature
from tune.terminal.problems import CannotBeDone

FILE: Final = "prices.toml"
_CENT: Final = Decimal("0.01")
# Beyond these a price is a slip of the keyboard.
_MOST: Final = 10**9
_DECIMAL_PLACES: Final = 12
# A quantity may be any number that a template holds.
_ANY_NUMBER: Final = Context(prec=10_000)
_TOKENS_OF_A_PRICE: Final = 1000
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


class PricesRefused(CannotBeDone):
    """The file of prices cannot be used."""


def _number(value: Any) -> Any:
    if not isinstance(value, int | Decimal):
        raise ValueError("must be a number, without quotes")
    return value


Price = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=_MOST, decimal_places=_DECIMAL_PLACES)]
Term = Literal["no_commitment", "OneMonth", "SixMonths"]


class Prices(SettingsTable):
    """What `prices.toml` holds.

    currency: three capital letters, such as `EUR`.
    date: since when, or of when, the prices are.
    source: where they are from, in a line.
    training_tokens_per_1000: of 1,000 trained tokens, by base model.
    model_unit_hour: of a model unit for an hour, by base model and term.
    custom_model_month: of a custom model that is stored for a month.
    kms_key_month: of a KMS key for a month.
    """

    currency: Annotated[StrictStr, StringConstraints(pattern=r"^[A-Z]{3}$")]
    date: Annotated[dt.date, Field(strict=True)]
    source: Annotated[StrictStr, StringConstraints(pattern=r"^[^\r\n]+$")]
    training_tokens_per_1000: dict[str, Price] = Field(default_factory=dict)
    model_unit_hour: dict[str, dict[Term, Price]] = Field(default_factory=dict)
    custom_model_month: Price | None = None
    kms_key_month: Price | None = None

    def amount(self, cost: Cost) -> Decimal | None:
        """Return what a cost comes to by its nature, exactly; None where quantity or price is not known."""
        price = self._price(cost)
        if price is None or cost.quantity is None:
            return None
        return price * cost.quantity / (_TOKENS_OF_A_PRICE if cost.what == "training-tokens" else 1)

    def missing(self, cost: Cost) -> str | None:
        """Return the key of the price that the file lacks for a quantity; None where it lacks none."""
        if cost.what is None or cost.quantity is None or self._price(cost) is not None:
            return None
        return ".".join(each if _BARE_KEY.fullmatch(each) else json.dumps(each) for each in _key(cost))

    def told(self, cost: Cost) -> str:
        """Return a cost in words, with its money, or with the price that is missing."""
        if missing := self.missing(cost):
            return f"{cost}; no price of {missing} in {FILE}"
        amount = self.amount(cost)
        if amount is None:
            return str(cost)
        return f"{cost} = {self._often(amount, cost.nature)}{' or more' * cost.is_floor}"

    def _often(self, amount: Decimal, nature: Nature) -> str:
        match nature:
            case "hourly":
                month = f"{self.money(amount * HOURS_A_MONTH)} in a month of {HOURS_A_MONTH} hours"
                return f"{self.money(amount)} an hour, {month}"
            case "monthly":
                return f"{self.money(amount)} a month"
            case "once" | "use":
                return self.money(amount)
            case _:
                assert_never(nature)

    @property
    def origin(self) -> str:
        """Whose prices these are, in words."""
        return f"by your prices of {self.date}, {self.currency}, from {self.source}"

    def first_month(self, cost: Cost) -> Decimal:
        """Return what a cost comes to in its first month; infinity where that is not known, since it may be most."""
        amount = self.amount(cost)
        if amount is None:
            return Decimal("Infinity")
        return amount * HOURS_A_MONTH if cost.nature == "hourly" else amount

    def _price(self, cost: Cost) -> Decimal | None:
        found: Any = None if cost.what is None else dict(self)
        for key in _key(cost):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, Decimal) else None

    def money(self, amount: Decimal) -> str:
        """Return an amount in words, to the hundredth."""
        if 0 < amount < _CENT:
            return f"less than {_CENT} {self.currency}"
        return f"{amount.quantize(_CENT, ROUND_HALF_UP, _ANY_NUMBER):,} {self.currency}"


def _key(cost: Cost) -> tuple[str, ...]:
    match cost.what:
        case "training-tokens":
            return ("training_tokens_per_1000", *cost.of)
        case "model-units":
            return ("model_unit_hour", *cost.of)
        case "custom-models":
            return ("custom_model_month",)
        case "keys":
            return ("kms_key_month",)
        case None:
            return ()


def of(file: Path | None, environments: Path) -> Prices | None:
    """Return the prices of a file; without one those beside the environments' folder, None if there are none."""
    beside = environments.absolute().parent / FILE
    if file is None and not beside.is_file():
        return None
    return read(file or beside)


def read(path: Path) -> Prices:
    """Return the prices of a file; raise PricesRefused in a line with file and field where they cannot be used."""
    try:
        return Prices.model_validate(read_toml(path))
    except SettingsError as error:
        raise PricesRefused(str(error)) from None
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(str(each) for each in wrong["loc"] if each != "[key]")
        said = wrong["msg"].removeprefix("Value error, ")
        if wrong["type"] == "extra_forbidden":
            said = f"is not a key here; the keys are {', '.join(Prices.model_fields)}"
        elif wrong["type"] == "missing":
            said = "is missing"
        raise PricesRefused(str(SettingsProblem(file=label(path), place=place, message=said))) from None
