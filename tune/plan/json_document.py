"""A plan for machines. Keys are only ever added; `version` goes up when one changes its meaning."""

from typing import Any, Final

from bedrock_lifecycle import contract
from tune.account.orphans import OwnedResource, Ownership
from tune.account.stored import StoreFinding
from tune.plan import text
from tune.plan.environment import Overview, Plan
from tune.plan.planned import JOB, Planned
from tune.plan.steps import PlanStep

VERSION: Final = 1


def document(plan: Plan) -> dict[str, Any]:
    """Return a plan as what `--json` prints."""
    return {
        "version": VERSION,
        "account": plan.place.account,
        "region": plan.place.region,
        "asOf": plan.observed.now.isoformat(),
        "environment": plan.environment,
        "stacks": dict(plan.stacks or {}),
        "access": [its.document for its in plan.access],
        "refusals": plan.refusals,
        "notes": plan.notes,
        "resources": [_resource(line, plan) for line in plan.resources],
        "orphans": [_finding(finding) for finding in plan.survey.of(Ownership.ORPHAN)],
        "undecided": [_finding(finding) for finding in plan.survey.of(Ownership.UNDECIDED)],
        "kept": [_finding(finding) for finding in plan.survey.of(Ownership.KEPT)],
        "held": [_finding(finding) for finding in plan.held],
        "unasked": [_finding(finding) for finding in plan.survey.of(Ownership.UNASKED)],
        "stores": [_store(finding) for finding in plan.stores],
        "storesUnseen": plan.stores_unseen or None,
        "elsewhere": [_elsewhere(there) for there in plan.elsewhere],
        "notLookedAt": list(plan.not_looked),
        "environments": [_overview(overview) for overview in plan.environments],
    }


def _resource(line: Planned, plan: Plan) -> dict[str, Any]:
    tokens = plan.estimates.get(line.name) if line.kind == JOB else None
    return {
        "kind": line.kind,
        "name": line.name,
        "stack": line.stack,
        "logicalId": line.logical_id,
        "desired": line.desired,
        "observed": line.observed,
        "event": line.event,
        "steps": [_step(step) for step in line.steps],
        "drift": [_step(step) for step in line.drift],
        "remedy": line.remedy or None,
        "estimatedTokens": tokens.document(plan.prices) if tokens else None,
    }


def _step(step: PlanStep) -> dict[str, Any]:
    return {"row": step.row, "action": step.action, "does": step.does, "pays": step.pays, "reason": step.reason or None}


def _finding(finding: OwnedResource) -> dict[str, Any]:
    thing = finding.thing
    return {
        "kind": thing.kind,
        "name": thing.name,
        "arn": thing.arn,
        "status": thing.status,
        "environment": finding.environment,
        "owner": thing.tags.get(contract.TAG_OWNER),
        "ownerGone": finding.owner_gone,
        "why": finding.why,
        "cost": text.cost(finding),
        "details": thing.item.details or None,
        "since": finding.since.isoformat(),
        "ageSeconds": int(finding.age.total_seconds()),
        "command": finding.command or None,
        "endedAt": thing.ended_at.isoformat() if thing.ended_at else None,
    }


def _store(finding: StoreFinding) -> dict[str, Any]:
    its = finding.stored
    return {
        "kind": its.kind,
        "name": its.name,
        "environment": its.environment or None,
        "owner": its.tags.get(contract.TAG_OWNER),
        "why": finding.why,
        "cost": its.item.cost,
        "deletionDate": its.deletion_date.isoformat() if its.deletion_date else None,
        "command": finding.command or None,
    }


def _elsewhere(there: Plan) -> dict[str, Any]:
    return {
        "account": there.place.account,
        "region": there.place.region,
        "orphans": [_finding(finding) for finding in there.survey.of(Ownership.ORPHAN)],
        "unasked": [_finding(finding) for finding in there.survey.of(Ownership.UNASKED)],
    }


def _overview(overview: Overview) -> dict[str, Any]:
    return {"name": overview.name, "stacks": dict(overview.stacks), "whyNoSettings": overview.why_not or None}
