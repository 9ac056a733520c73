"""The requests of the controls `quality` and `judge`, and their responses."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from sandbox.bedrock.answers.digests import DIGITS, digest
from sandbox.bedrock.quality.judge import Judge
from sandbox.bedrock.quality.quality import Quality

Json = Mapping[str, Any]

_DIGEST: Final = re.compile(rf"[0-9a-f]{{{DIGITS},64}}")
_POSITIONS: Final = ("a", "b", "neither")


def set_quality(quality: Quality, request: Json) -> dict[str, Any]:
    """Add what a request says to what is known, and return that in numbers; raise ValueError."""
    right = dict(_record(record, f"records[{index}]") for index, record in enumerate(request.get("records", [])))
    rates = {name: _share(rate, f"rates[{name}]") for name, rate in request.get("rates", {}).items()}
    correlation = _share(request["correlation"], "correlation") if "correlation" in request else None
    seed = request.get("seed")
    if seed is not None and type(seed) is not int:
        raise ValueError(f"seed: expected a whole number, got {seed!r}")
    if request.get("clear"):
        quality.clear()
    quality.right.update(right)
    quality.rates.update(rates)
    quality.correlation = quality.correlation if correlation is None else correlation
    quality.seed = quality.seed if seed is None else seed
    return {
        "records": len(quality.right),
        "rates": dict(quality.rates),
        "correlation": quality.correlation,
        "seed": quality.seed,
    }


def set_judge(judge: Judge, request: Json) -> dict[str, Any]:
    """Let the judges judge otherwise, and return how they do; raise ValueError."""
    always, reply = request.get("always", judge.always), request.get("reply", judge.reply)
    if always is not None and always not in _POSITIONS:
        raise ValueError(f"always: expected {', '.join(_POSITIONS)} or null, got {always!r}")
    if reply is not None and not isinstance(reply, str):
        raise ValueError(f"reply: expected a text or null, got {reply!r}")
    judge.always, judge.reply = always, reply
    return {"always": always, "reply": reply}


def _record(record: Any, where: str) -> tuple[str, str]:
    keys = record.keys() if isinstance(record, dict) else set()
    if keys not in ({"prompt", "answer"}, {"digest", "answer"}):
        raise ValueError(
            f"{where}: expected answer, and either prompt or digest, got {', '.join(sorted(keys)) or record}"
        )
    answer = record["answer"]
    right = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    if "prompt" in record:
        return digest(record["prompt"]), right
    if not _DIGEST.fullmatch(str(record["digest"])):
        raise ValueError(f"{where}.digest: expected at least {DIGITS} hexadecimal digits, got {record['digest']!r}")
    return record["digest"][:DIGITS], right


def _share(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{where}: expected a number from 0 to 1, got {value!r}")
    return float(value)
