"""Says what pydantic found in the words of a profile's file: key, value, what is allowed, what to do."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bedrock_tuning.base_models.profile import BaseModelProfile
from bedrock_tuning.common.messages import shown, suggestion


def place(location: Sequence[object]) -> str:
    """Return the keys as one, such as `models[0].data.records`; the file itself when there is none."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in location)
    return text.removeprefix(".") or "file"


def field_problems(error: ValidationError) -> Iterator[tuple[Sequence[object], str]]:
    """Yield the keys and the message of everything that a validation refused."""
    for details in error.errors(include_url=False):
        # Of a name in a mapping pydantic says so in a place of its own.
        yield [key for key in details["loc"] if key != "[key]"], _message(details)


def _message(details: ErrorDetails) -> str:
    match details["type"]:
        case "missing":
            return "is missing and has no default; add it, as the profiles of the library do"
        case "extra_forbidden":
            *above, key = details["loc"]
            known = _keys(above)
            advice = suggestion(key, known=known, otherwise="remove it")
            return f"is not a key here; the keys are {', '.join(known)}; {advice}"
        case "value_error":
            return f"contradicts itself: {details['ctx']['error']}; correct the profile"
        case _:
            return f"{_must(details['msg'])} (got {shown(details['input'])}); correct the value"


def _keys(location: Sequence[object]) -> list[str]:
    """Return the keys that a table may have."""
    table: Any = BaseModelProfile
    for key in location:
        if key in table.model_fields:  # otherwise it is a name in a mapping, such as that of a hyper-parameter
            table = _table(table.model_fields[key].annotation)
    return list(table.model_fields)


def _table(annotation: Any) -> Any:
    """Return the model in an annotation: itself, or the one of an optional table or of a mapping's values."""
    candidates = [annotation, *get_args(annotation)]
    return next(each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel))


def _must(text: str) -> str:
    """Return what pydantic says, "Input should be …", in the words of the other messages: "must be …"."""
    return re.sub(r"^\w+ should ", "must ", text)
