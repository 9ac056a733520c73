"""An evaluation as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from tune.evaluation.estimate import Estimate
from tune.evaluation.facts import EvaluationFacts, TargetProgress, least_time


def evaluation(its: EvaluationFacts) -> dict[str, Any]:
    """Return what `--json` prints of it; `numbers` are sums, as they are stored."""
    return {
        "id": its.id or None,
        "training": its.training or None,
        "state": its.state,
        "wantedByStack": its.is_wanted,
        "answered": [{"target": each.target, "records": each.answered, "of": each.of} for each in its.asked],
        "secondsLeftAtLeast": seconds(its.asked) if its.asked else None,
        "tokens": its.tokens,
        "maxTokens": its.max_tokens,
        "gate": None
        if its.gate is None
        else {
            "verdict": its.gate.verdict or None,
            "told": its.gate.told,
            "isOpen": its.gate.is_open,
            "acceptedUntil": its.gate.accepted_until or None,
        },
        "numbers": json.loads(its.numbers.to_json()) if its.numbers else None,
        "numbersAt": its.numbers_at or None,
        "unseen": its.unseen or None,
    }


def seconds(asked: Sequence[TargetProgress]) -> int | None:
    """Return the seconds that asking takes at least; None where a quota is not known."""
    time = least_time(asked)
    return None if time is None else round(time.total_seconds())


def estimate(its: Estimate) -> dict[str, Any]:
    """Return what `--estimate --json` prints of it: the most that the next run takes."""
    return {
        "id": its.id,
        "training": its.training,
        "complete": its.is_complete,
        "targets": [
            {
                "target": each.target,
                "model": each.model,
                "questions": each.asked.left if each.asked else None,
                "tokens": each.tokens if each.asked else None,
                "perMinute": each.asked.a_minute if each.asked else None,
            }
            for each in its.targets
        ],
        "judge": {"model": its.judge, "tokens": its.judge_tokens if its.asked else None} if its.judge else None,
        "tokens": its.tokens if its.asked else None,
        "tokensCounted": its.counted,
        "maxTokens": its.max_tokens,
        "secondsAtLeast": seconds(its.asked) if its.asked else None,
        "refusal": its.refusal or None,
        "notes": list(its.notes),
    }
