"""A review as one JSON document. Its form is versioned: a key is never given another meaning."""

from typing import Any, Final

from tune.review.compare import Review, StackReview
from tune.review.findings import CLASSES, Cost, Finding

VERSION: Final = 1


def document(review: Review, base: str, head: str) -> dict[str, Any]:
    """Return it; `base` and `head` name what was compared."""
    environments = sorted({its.environment for its in review.findings} | {its.environment for its in review.stacks})
    return {
        "version": VERSION,
        "base": base,
        "head": head,
        "counts": {each: len(review.of(each)) for each in CLASSES},
        "environments": [
            {
                "name": name,
                "findings": [_finding(its) for its in review.findings if its.environment == name],
                "stacks": [_stack(its) for its in review.stacks if its.environment == name],
            }
            for name in environments
        ],
        "unchangedStacks": review.unchanged,
    }


def _finding(its: Finding) -> dict[str, Any]:
    return {
        "class": its.finding_class,
        "certainty": its.certainty,
        "where": {"stack": its.stack, "path": its.path},
        "was": its.was,
        "is": its.now,
        "says": its.says,
        "costs": [_cost(each) for each in its.costs],
        "source": its.source,
        "details": list(its.details),
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {"nature": cost.nature, "quantity": cost.quantity, "unit": cost.unit}


def _stack(its: StackReview) -> dict[str, Any]:
    resources = [{"path": path, "type": kind, "change": verb} for verb, path, kind in its.changed]
    return {"id": its.id, "state": its.state, "resources": resources}
