"""From the text of a metric's definition to what scores an answer by it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from bedrock_lifecycle.evaluation.metrics.exact_match import ExactMatch
from bedrock_lifecycle.evaluation.metrics.json_schema import JsonSchema
from bedrock_lifecycle.evaluation.metrics.metric import Metric
from bedrock_lifecycle.evaluation.metrics.rouge_l import RougeL
from bedrock_lifecycle.evaluation.metrics.schema import Schema
from bedrock_lifecycle.evaluation.metrics.token_f1 import TokenF1
from bedrock_lifecycle.evaluation.metrics.tool_call import ToolCall

OWN: Final = "own"
JUDGE: Final = "judge"
"""The measure of a judge's verdicts: differences alone, of one more for the better answer."""


class UnknownMetric(ValueError):
    """A definition is of no metric that this code has."""


@dataclass(frozen=True)
class OwnMetric:
    """A metric that a function of the team's own computes."""

    name: ClassVar[str] = OWN
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[str, ...]] = (OWN,)


_MADE: Final[Mapping[str, tuple[int, Callable[[Mapping[str, Any]], Metric | OwnMetric]]]] = {
    ExactMatch.name: (ExactMatch.version, lambda its: ExactMatch(tuple(its.get("normalize", ())))),
    JsonSchema.name: (JsonSchema.version, lambda its: JsonSchema(Schema(its["schema"]))),
    OWN: (OwnMetric.version, lambda _: OwnMetric()),
    RougeL.name: (RougeL.version, lambda _: RougeL()),
    TokenF1.name: (TokenF1.version, lambda _: TokenF1()),
    ToolCall.name: (ToolCall.version, lambda _: ToolCall()),
}


def metric_of(definition: str) -> Metric | OwnMetric:
    """Return the metric of a definition, see `contract.evaluation_identity.metric_definition`.

    `UnknownMetric` for a name or a version that this code does not have: the Foundation that runs is older, or newer.
    """
    told = json.loads(definition)
    name, version = told["name"], told["version"]
    ours, make = _MADE.get(name, (None, None))
    if make is None or version != ours:
        known = ", ".join(f"{each} {number}" for each, (number, _) in _MADE.items())
        raise UnknownMetric(
            f"metric {name} version {version} is not one of this Foundation's (it has {known}); "
            "deploy Foundation and model from one version of the code"
        )
    return make(told)


def metrics_of(definitions: Sequence[str]) -> dict[str, Metric | OwnMetric]:
    """Return the metrics by the texts of their definitions; `UnknownMetric` as above."""
    return {each: metric_of(each) for each in definitions}


def headlines(definitions: Sequence[str]) -> tuple[str, ...]:
    """Return the first measure of each metric, which its name stands for; `UnknownMetric` as above."""
    return tuple(metric.measures[0] for metric in metrics_of(definitions).values())
