"""One question, one request: what comes back is an answer, a reason to ask again, or the end of the run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.questions.conversation import spoken
from bedrock_lifecycle.evaluation.stored.records import FILTERED, Answer, Question

# What Bedrock says of a model that is loading, or took too long, or failed (API reference, Converse).
_LOADS: Final = "ModelNotReadyException"
_FAILS: Final = frozenset({"ModelTimeoutException", "ModelErrorException"})


class CannotAsk(Exception):
    """Nobody may or can ask this target at all: no result of a record. The words have an error's code, no more."""


@dataclass(frozen=True)
class TurnedAway:
    """Nothing was generated, and that passes: Bedrock throttles, or the model loads."""


@dataclass(frozen=True)
class Lost:
    """What was asked failed or its answer was lost, which may have been billed; `code` says how."""

    code: str


@dataclass(frozen=True)
class NotYet:
    """Denied or unknown, as what was made a moment ago may be; `code` says which."""

    code: str


Got = Answer | TurnedAway | Lost | NotYet
Converse = Callable[..., Mapping[str, Any]]


def ask(converse: Converse, model: str, question: Question, *, max_output_tokens: int, now: Callable[[], float]) -> Got:
    """Ask a model one question, once."""
    began = now()
    try:
        answer = converse(
            modelId=model,
            inferenceConfig={"maxTokens": max_output_tokens, "temperature": 0},
            **question.request,
        )
    except ClientError as error:
        return _failed(question, error)
    except ParamValidationError:
        return Answer(record=question.record, text=None, error="ParamValidationError")
    except BotoCoreError as error:
        return Lost(type(error).__name__)
    return _answer(question, answer, latency=round((now() - began) * 1000))


def _failed(question: Question, error: ClientError) -> Got:
    code = aws_errors.code(error)
    if aws_errors.was_turned_away(error) or code == _LOADS:
        return TurnedAway()
    if aws_errors.is_denied(error) or aws_errors.is_not_found(error):
        return NotYet(code)
    if aws_errors.passes(error) or code in _FAILS:
        return Lost(code)
    return Answer(record=question.record, text=None, error=code)


def _answer(question: Question, answer: Mapping[str, Any], *, latency: int) -> Answer:
    usage, stop = answer.get("usage", {}), answer.get("stopReason", "")
    is_filtered = stop in FILTERED
    content = answer.get("output", {}).get("message", {}).get("content", [])
    return Answer(
        record=question.record,
        text=None if is_filtered else spoken(content),
        stop_reason=stop,
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        latency=latency,
        error=stop if is_filtered else "",
    )
