"""A status for machines. Keys are only ever added; `version` goes up when one changes its meaning."""

from datetime import datetime, timedelta
from typing import Any, Final

from tune.account.items import InventoryItem
from tune.evaluation import json_document as evaluations
from tune.status.every import Every, StatusRow, rows
from tune.status.facts import CandidateFacts, PromotionFacts, ServingFacts, StackFacts, Status, TrainingFacts

VERSION: Final = 1


def document(status: Status) -> dict[str, Any]:
    """Return a status as what `--json` prints."""
    return {
        "version": VERSION,
        "environment": status.environment,
        "account": status.place.account,
        "region": status.place.region,
        "asOf": status.now.isoformat(),
        "inProgress": status.is_moving,
        "stacks": [_stack(stack) for stack in status.stacks],
        "access": [its.document for its in status.access],
        "notifications": [its.document for its in status.recipients],
        "trainings": [_training(training) for training in status.trainings],
        "promotions": [_promotion(its) for its in status.promotions],
        "evaluations": [evaluations.evaluation(its) for its in status.evaluations],
        "candidates": [_candidate(its) for its in status.candidates],
        "serving": [_serving(serving) for serving in status.serving],
        "parameters": [
            {"name": its.name, "value": its.value, "unseen": its.unseen or None} for its in status.parameters
        ],
        "bills": [_item(its) for its in status.bills],
        "unseen": status.unseen or None,
    }


def document_of_all(every: Every) -> dict[str, Any]:
    """Return all environments as what `--all --json` prints: the document of each, with its models."""
    return {
        "version": VERSION,
        "environments": [{**document(its), "models": [_row(row) for row in rows(its)]} for its in every.statuses],
        "notAsked": [{"environment": name, "why": why} for name, why in every.not_asked.items()],
    }


def _row(row: StatusRow) -> dict[str, Any]:
    return {
        "model": row.model or None,
        "training": row.training or None,
        "commit": row.commit or None,
        "serving": row.serving or None,
        "since": _moment(row.since),
        "bills": [_item(its) for its in row.bills],
    }


def _item(item: InventoryItem) -> dict[str, Any]:
    told = {"what": item.what, "name": item.name, "cost": item.cost, "details": item.details or None}
    return {**told, "command": item.command}


def _stack(stack: StackFacts) -> dict[str, Any]:
    return {
        "name": stack.name,
        "status": stack.status,
        "since": _moment(stack.since),
        "worksOn": list(stack.works_on),
        "failures": list(stack.failures),
        "commit": stack.commit or None,
        "ofAnotherApp": stack.is_anothers,
    }


def _training(training: TrainingFacts) -> dict[str, Any]:
    return {
        "name": training.name,
        "status": training.status,
        "since": _moment(training.since),
        "endedAt": _moment(training.ended),
        "seconds": _seconds(training.lasted),
        "phases": [
            {"name": its.name, "status": its.status, "seconds": _seconds(its.lasted)} for its in training.phases
        ],
        "baseModelArn": training.base_model_arn,
        "heldByStack": training.is_held,
        "trainingLoss": training.training_loss,
        "failure": training.failure or None,
        "modelArn": training.model_arn or None,
        "modelStatus": training.model_status or None,
    }


def _promotion(promoted: PromotionFacts) -> dict[str, Any]:
    return {
        "name": promoted.name,
        "from": promoted.giver or None,
        "arn": promoted.arn or None,
        "status": promoted.status or None,
        "held": promoted.is_held,
        "bake": promoted.bake or None,
        "unseen": promoted.unseen or None,
    }


def _candidate(candidate: CandidateFacts) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "evaluation": candidate.evaluation,
        "status": candidate.status,
        "seconds": _seconds(candidate.age),
        "inUse": candidate.is_in_use,
        "command": candidate.command,
    }


def _serving(serving: ServingFacts) -> dict[str, Any]:
    return {
        "what": serving.what,
        "name": serving.name,
        "arn": serving.arn,
        "status": serving.status,
        "since": _moment(serving.since),
        "cost": serving.cost,
        "model": serving.model,
        "movesTo": serving.moves_to or None,
        "bake": serving.bake or None,
        "failure": serving.failure or None,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())
