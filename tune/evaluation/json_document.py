"""An evaluation as JSON."""

import json
from typing import Any

from tune.evaluation.facts import EvaluationFacts


def evaluation(its: EvaluationFacts) -> dict[str, Any]:
    """Return what `--json` prints of it; `numbers` are sums, as they are stored."""
    return {
        "id": its.id or None,
        "training": its.training,
        "state": its.state,
        "answered": [{"target": each.target, "records": each.answered, "of": each.of} for each in its.asked],
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
        "unseen": its.unseen or None,
    }
