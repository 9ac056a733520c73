"""One hyper-parameter of a base model, and the one spelling in which Bedrock gets its value."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, Self

from pydantic import model_validator

from bedrock_tuning.base_models.fields import Frozen
from bedrock_tuning.common.messages import shown

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.ASCII)
_MAX_TEXT_LENGTH: Final = 64
_MAX_PLACES: Final = 30  # more than any documented range needs; keeps 1e-999999999 from becoming a gigabyte of zeros


class HyperParameter(Frozen):
    """What is documented about one hyper-parameter.

    `min` and `max` are inclusive. `default` is what Bedrock uses when the parameter is not sent, absent when it is
    not documented; it is never sent on the user's behalf. `needs_validation_data` marks parameters that act on the
    validation loss.
    """

    meaning: str
    type: Literal["integer", "float"]
    min: Decimal
    max: Decimal
    default: Decimal | None = None
    needs_validation_data: bool = False

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if not self.min <= (self.min if self.default is None else self.default) <= self.max:
            raise ValueError("min, default and max must be in ascending order")
        return self

    @property
    def allowed(self) -> str:
        """The documented range in words, as "a whole number from 1 to 10"."""
        kind = "a whole number" if self.type == "integer" else "a number"
        return f"{kind} from {_plain(self.min)} to {_plain(self.max)}"

    def canonical(self, value: object) -> str:
        """Return the text that Bedrock gets; every spelling of one value gives the same text.

        Accepts integers, floats, decimals, and text that holds a number ("0.001", "1e-3"). Raises ValueError
        with the value, what is allowed and what to do for anything else: booleans, NaN, infinity, a value
        outside the range, a fraction where a whole number is due.
        """
        number = _number(value)
        if number is None or not number.is_finite():
            raise ValueError(self._refusal(value))
        if not self.min <= number <= self.max:
            raise ValueError(self._refusal(value))
        if self.type == "integer" and number != number.to_integral_value():
            raise ValueError(self._refusal(value))
        text = _plain(number)
        if text is None:
            raise ValueError(self._refusal(value, f", with more than {_MAX_PLACES} decimal places"))
        return text

    def _refusal(self, value: object, why: str = "") -> str:
        default = "" if self.default is None else f", {_plain(self.default)}"
        return f"must be {self.allowed} (got {shown(value)}{why}); leave it out for Bedrock's default{default}"


def canonical_undocumented(value: object) -> str:
    """Return the text that Bedrock gets for a parameter whose type and range nobody has documented.

    Numbers are spelled as everywhere else; other text passes unchanged. Raises ValueError for anything else.
    """
    number = _number(value)
    if number is not None:
        text = _plain(number) if number.is_finite() else None
    else:
        text = str(value) if isinstance(value, str) and _is_tidy(value) else None
    if text is None:
        allowed = f"a number, or 1 to {_MAX_TEXT_LENGTH} printable characters without spaces around them"
        raise ValueError(f"must be {allowed} (got {shown(value)}); write it as Bedrock expects it")
    return text


def _number(value: object) -> Decimal | None:
    """Return the value as an exact number (perhaps NaN or infinity), or None when it is not a number."""
    match value:
        case bool():
            return None
        case int() | Decimal():
            return Decimal(value)
        case float():
            return Decimal(float.__repr__(value))  # 0.1 means 0.1, not its binary neighbour
        case str() if len(value) <= _MAX_TEXT_LENGTH and _NUMBER.fullmatch(value.lower()):
            try:
                return Decimal(str(value))
            except InvalidOperation:  # an exponent beyond what a Decimal can hold
                return Decimal("Infinity")
        case _:
            return None


def _plain(number: Decimal) -> str | None:
    """Return the number without exponent and trailing zeros, or None when that takes too many digits."""
    if not number:
        return "0"
    if abs(number.adjusted()) > _MAX_PLACES:
        return None
    whole, _, fraction = format(number, "f").partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > _MAX_PLACES:
        return None
    return f"{whole}.{fraction}" if fraction else whole


def _is_tidy(text: str) -> bool:
    return 1 <= len(text) <= _MAX_TEXT_LENGTH and text.isprintable() and text == text.strip()
