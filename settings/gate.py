"""`[gate]`: what an evaluation must have shown before anything serves the model."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf

from bedrock_lifecycle.contract import MAX_REQUIREMENTS
from bedrock_lifecycle.contract.evaluation_identity import BASE, EVALUATION_ID_LENGTH
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_tuning.common.messages import shown, suggestion
from settings.checks import fraction, tables, text
from settings.fields import is_model_id
from settings.problems import FieldError, SettingsTable

_WAYS: Final = ("at_least", "better_than", "not_worse_than")
_KEYS: Final = ("measure", *_WAYS, "by")
_EXAMPLE: Final = 'measure = "rouge_l", better_than = "base", by = 0.05'
_MAX_REASON_LENGTH: Final = 256
# One line of printable ASCII: it is a property of a resource, and CloudFormation mangles other characters.
_REASON: Final = re.compile("[ -~]*[!-~][ -~]*")
_share: Final = fraction("a number from 0 to 1", advice="0.05 is 5 percentage points")


def _requirement(value: Mapping[str, Any]) -> Requirement:
    """Return what a table requires; raise FieldError with what is wrong in it."""
    below = [
        (str(key), f"is not a key here; the keys are {', '.join(_KEYS)}; " + _meant(key))
        for key in value
        if key not in _KEYS
    ]
    measure = value.get("measure")
    if not isinstance(measure, str) or not measure:
        below.append(("measure", f"must be a measure of the metrics, in quotes (got {shown(measure)}); {_EXAMPLE}"))
    ways = [way for way in _WAYS if way in value]
    if len(ways) != 1:
        received = ", ".join(ways) or "none"
        below.append(("", f"must have exactly one of {', '.join(_WAYS)} (got {received}); for example {_EXAMPLE}"))
    elif ways == ["at_least"] and "by" in value:
        below.append(("by", "has no meaning beside at_least; remove it"))
    elif ways != ["at_least"] and "by" not in value:
        below.append(("by", f"is missing, and {ways[0]} has no default for it; for example by = 0.05"))
    if below:
        raise FieldError(below=below)
    return _made(str(measure), ways[0], value)


def _meant(key: object) -> str:
    return suggestion(key, known=_KEYS, otherwise="remove it")


def _made(measure: str, way: str, value: Mapping[str, Any]) -> Requirement:
    key = "at_least" if way == "at_least" else "by"
    try:
        share = _share(value[key])
    except FieldError as error:
        raise FieldError(below=[(key, str(error))]) from None
    if way == "at_least":
        return Requirement.at_least(measure, share)
    against = value[way]
    if not isinstance(against, str) or not (against == BASE or is_model_id(against)):
        why = f'must be "{BASE}" or the ID of a model, in quotes (got {shown(against)})'
        raise FieldError(below=[(way, f"{why}; write one of compare_with")])
    make = Requirement.better_than if way == "better_than" else Requirement.not_worse_than
    return make(measure, against, by=share)


def _each_once(value: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
    asked = [(each.measure, each.against) for each in value]
    for number, (measure, against) in enumerate(asked, 1):
        if asked.index((measure, against)) < number - 1:
            about = measure + (f" against {against}" if against else "")
            raise FieldError(f"must require something of {about} once (got it again in [{number}]); keep the stricter")
    return value


Requirements = Annotated[
    tuple[Annotated[InstanceOf[Requirement], BeforeValidator(_requirement)], ...],
    BeforeValidator(tables("gate.require", maximum=MAX_REQUIREMENTS)),
    AfterValidator(_each_once),
]


def _day(value: object) -> dt.date:
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        why = f"must be a date without quotes, such as 2026-12-31 (got {shown(value)})"
        raise FieldError(f"{why}; after that day in UTC the gate counts again")
    return value


def _reason(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_REASON_LENGTH or not _REASON.fullmatch(value):
        why = f"must be one line of 1 to {_MAX_REASON_LENGTH} printable ASCII characters, in quotes"
        raise FieldError(f"{why} (got {shown(value)}); say who decided it, and why")
    return value


class Accept(SettingsTable):
    """`[gate.accept]`: an exception for one evaluation, until a date. Every review shows it.

    evaluation: the ID of the evaluation that did not pass, 12 digits 0-9a-f; no default.
    reason: why its model serves all the same, at most 256 characters on one line; no default.
    until: the last day, in UTC, on which something may be created or moved by it; no default.
    """

    evaluation: Annotated[
        str,
        BeforeValidator(
            text(
                pattern=rf"[0-9a-f]{{{EVALUATION_ID_LENGTH}}}",
                max_length=EVALUATION_ID_LENGTH,
                allowed=f"the ID of an evaluation, {EVALUATION_ID_LENGTH} digits 0-9a-f",
                advice="copy it from the gate's message, or from tune status",
            )
        ),
    ] = Field(examples=['evaluation = "9c1f6a0b2d3e"'])
    reason: Annotated[str, BeforeValidator(_reason)] = Field(examples=['reason = "…"'])
    until: Annotated[dt.date, BeforeValidator(_day)] = Field(examples=["until = 2026-12-31"])


class Gate(SettingsTable):
    """`[gate]`: the requirements that the bounds of what was measured must meet, all of them.

    require: 1 to 10 tables; no default. Each has a measure, and one of at_least, better_than and not_worse_than.
    confidence: above 0.5, below 1: a model that is not good enough passes in at most the rest of all evaluations.
        Default: 0.95.
    accept: an exception for one evaluation. Default: none.
    """

    require: Requirements = Field(examples=[f"[[gate.require]] with {_EXAMPLE}"])
    confidence: Annotated[
        float,
        BeforeValidator(fraction("a number above 0.5, below 1", above=0.5, below=1, advice="leave it out for 0.95")),
    ] = 0.95
    accept: Accept | None = None
