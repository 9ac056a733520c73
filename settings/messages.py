"""Says what pydantic found in the words of a settings file: key, value, what is allowed, what to do."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bedrock_tuning.base_models.hyper_parameter_names import documented_names
from bedrock_tuning.common.messages import nearest, shown, suggestion
from settings.bootstrap import Bootstrap
from settings.model import Data, Environment, Notifications, OnDemand, ProvisionedThroughput, Serving, Training
from settings.organization import Keep, Organization, Vpc
from settings.problems import FieldError, missing
from settings.table import Table

_TABLES: Final[Mapping[tuple[int | str, ...], type[Table]]] = {
    (): Environment,
    ("training",): Training,
    ("data",): Data,
    ("serving",): Serving,
    ("serving", "on_demand"): OnDemand,
    ("notifications",): Notifications,
    ("bootstrap",): Bootstrap,
    ("serving", "provisioned_throughput"): ProvisionedThroughput,
    ("organization",): Organization,
    ("organization", "job_vpc"): Vpc,
    ("organization", "function_vpc"): Vpc,
    ("organization", "keep"): Keep,
}
_BARE_KEY: Final = re.compile(r"[a-zA-Z0-9_-]{1,60}")


def field_problems(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield place and message of everything that a validation refused."""
    for details in error.errors(include_url=False):
        location = details["loc"]
        refusal = details.get("ctx", {}).get("error")
        if isinstance(refusal, FieldError):
            for key, message in refusal.messages:
                yield _place(*location, *([key] if key else [])), message
        else:
            yield _place(*location), _structural(details)


def _structural(details: ErrorDetails) -> str:
    *table, key = details["loc"]
    match details["type"]:
        case "missing":
            examples = _TABLES[tuple(table)].model_fields[str(key)].examples or []
            return missing(str(examples[0]))
        case "extra_forbidden":
            # The environment is the file's name, not one of its keys.
            known = [name for name in _TABLES[tuple(table)].model_fields if name != "environment"]
            advice = suggestion(key, known=known, otherwise=_below(tuple(table), str(key)) or "remove it")
            return f"is not a key here; allowed {', '.join(known) or 'none'}; {advice}"
        case _:  # the models leave every other check to validators that raise FieldError
            name = _place(*details["loc"])
            return f"{shown(details['input'])} is not a table; allowed a table; write [{name}]"


def _below(table: tuple[int | str, ...], key: str) -> str | None:
    """Return where a key belongs that stands one table too high, or None where that is not known."""
    name = nearest(key.replace("_", ""), documented_names()) if table == ("training",) else None
    return f"write {name} below [training.hyper_parameters]" if name else None


def _place(*location: int | str) -> str:
    if location == ("environment",):
        return "file name"
    return ".".join(key if _BARE_KEY.fullmatch(key) else shown(key) for key in map(str, location))
