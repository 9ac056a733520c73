"""What `tune metrics --json` prints. Keys are only ever added; `version` goes up when one changes its meaning."""

from collections.abc import Sequence
from typing import Any, Final

from tune.metrics.advice import WHEN, Advice, advice, compared
from tune.metrics.early_stopping import ending, has_stopped
from tune.metrics.text import why_nothing
from tune.metrics.training import TrainingLosses

VERSION: Final = 1


def document(
    environment: str, model: str, trainings: Sequence[TrainingLosses], left_out: Sequence[str]
) -> dict[str, Any]:
    """Return the document: the training that was asked for comes first."""
    return {
        "version": VERSION,
        "environment": environment,
        "model": model,
        "trainings": [_training(its) for its in trainings],
        "comparison": [_advice(its) for its in compared(trainings)],
        "notRead": list(left_out),
    }


def _training(its: TrainingLosses) -> dict[str, Any]:
    best, reason = its.losses.best, why_nothing(its)
    return {
        "name": its.name,
        "id": its.id,
        "status": its.status,
        "baseModel": its.base_model,
        "hyperParameters": dict(its.hyper_parameters),
        "metrics": its.where,
        "epochs": [
            {"epoch": each.number, "trainingLoss": each.training_loss, "validationLoss": each.validation_loss}
            for each in its.losses.epochs
        ],
        "steps": len(its.losses.steps),
        "bestEpoch": best.number if best else None,
        "lowestValidationLoss": best.validation_loss if best else None,
        "reportedTrainingLoss": its.reported_loss,
        "stoppedEarly": has_stopped(its),
        "ending": None if reason else ending(its),
        "nothingBecause": reason or None,
        "remarks": list(its.losses.remarks),
        "advice": [_advice(each) for each in advice(its)],
    }


def _advice(its: Advice) -> dict[str, str]:
    return {"rule": its.rule, "text": its.text, "when": WHEN[its.rule]}
