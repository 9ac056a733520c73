"""A metric of the team's own: a version of a Lambda function, which gets answers and references and returns numbers."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import sleep
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Failed

MOST_PAIRS: Final = 250
# Half of what an invocation may have (Lambda quotas: 6 MB for a synchronous request).
MOST_BYTES: Final = 3_000_000
# One function that ran out of time or memory must not end a run of thousands.
_TRIES: Final = 3
# A permission that the deployment has just made may be on its way.
_LOOK_AGAIN: Final = timedelta(seconds=10)


class OwnMetricFailed(Exception):
    """The function gave no scores; the words quote neither what it got nor what it returned."""


def own_scores(invoke: Any, function: str, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Return the score of each pair of an answer and its reference, as the function computes them.

    `invoke` is Lambda's; the function gets `{"pairs": [{"answer": …, "reference": …}, …]}` and must return exactly
    `{"scores": […]}`, a number in [0, 1] for each pair in their order. `OwnMetricFailed` for anything else, and if
    Lambda does not let it be called; `ClientError` where that passes by itself.
    """
    return [score for batch in _batches(pairs) for score in _asked(invoke, function, batch)]


def _asked(invoke: Any, function: str, batch: list[dict[str, str]]) -> list[float]:
    answer = _answered(invoke, function, batch)
    try:
        returned = json.loads(answer["Payload"].read())
    except ValueError:
        returned = None
    scores = returned.get("scores") if isinstance(returned, dict) and returned.keys() == {"scores"} else None
    if not isinstance(scores, list) or len(scores) != len(batch) or not all(map(_is_score, scores)):
        raise OwnMetricFailed(
            f'the function of the metric own must return {{"scores": […]}}, a number in [0, 1] for each of '
            f"{len(batch)} answers (got {_described(scores)}); fix the function"
        )
    return [float(score) for score in scores]


def _answered(invoke: Any, function: str, batch: list[dict[str, str]]) -> Any:
    payload = json.dumps({"pairs": batch}).encode()
    for _ in range(_TRIES):
        answer = _invoked(invoke, function, payload, len(batch))
        if "FunctionError" not in answer:
            return answer
    raise OwnMetricFailed(
        f"the function of the metric own failed {_TRIES} times ({answer['FunctionError']}) on {len(batch)} answers; "
        "its own log group may say more: call it with your test records"
    )


def _invoked(invoke: Any, function: str, payload: bytes, answers: int) -> Any:
    waited = timedelta()
    while True:
        try:
            return invoke(FunctionName=function, Payload=payload)
        except ClientError as error:
            if aws_errors.passes(error):
                raise
            if isinstance(aws_errors.interpret(error, waited=waited), Failed):
                raise OwnMetricFailed(
                    f"Lambda does not run the function of the metric own ({aws_errors.code(error)}) on {answers} "
                    "answers: look at the function and at the policies that your organization adds, and deploy again"
                ) from None
        sleep(_LOOK_AGAIN.total_seconds())
        waited += _LOOK_AGAIN


def _is_score(value: Any) -> bool:
    # Also refuses NaN, which is in no interval.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _described(scores: Any) -> str:
    """Say what is wrong without a word of it: it may have been made from an answer."""
    if not isinstance(scores, list):
        return "no such list"
    return f"{len(scores)} values, {sum(not _is_score(each) for each in scores)} of them no number in [0, 1]"


def _batches(pairs: Sequence[tuple[str, str]]) -> Iterator[list[dict[str, str]]]:
    batch: list[dict[str, str]] = []
    size = 0
    for answer, reference in pairs:
        pair = {"answer": answer, "reference": reference}
        its = len(json.dumps(pair)) + 2
        if batch and (len(batch) == MOST_PAIRS or size + its > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(pair)
        size += its
    if batch:
        yield batch
