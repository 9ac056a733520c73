"""A plan for machines. Keys are only ever added; `version` goes up when one changes its meaning."""

from typing import Any, Final

from bedrock_lifecycle import contract
from tune.plan import render
from tune.plan.environment import Plan
from tune.plan.orphans import Finding, Standing
from tune.plan.planned import Planned
from tune.plan.steps import Step

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
        "refusals": plan.exports.refusals if plan.exports else [],
        "notes": plan.exports.notes if plan.exports else [],
        "resources": [_resource(line) for line in plan.resources],
        "orphans": [_finding(finding) for finding in plan.survey.of(Standing.ORPHAN)],
        "undecided": [_finding(finding) for finding in plan.survey.of(Standing.UNDECIDED)],
        "kept": [_finding(finding) for finding in plan.survey.of(Standing.KEPT)],
    }


def _resource(line: Planned) -> dict[str, Any]:
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
    }


def _step(step: Step) -> dict[str, Any]:
    return {"row": step.row, "action": step.action, "does": step.does, "pays": step.pays, "reason": step.reason or None}


def _finding(finding: Finding) -> dict[str, Any]:
    thing = finding.thing
    removable = finding.standing is Standing.ORPHAN or (finding.owner_gone and thing.kind == "model")
    return {
        "kind": thing.kind,
        "name": thing.name,
        "arn": thing.arn,
        "status": thing.status,
        "environment": thing.tags.get(contract.TAG_ENVIRONMENT),
        "owner": thing.tags.get(contract.TAG_OWNER),
        "ownerGone": finding.owner_gone,
        "why": finding.why,
        "cost": render.cost(finding),
        "since": finding.since.isoformat(),
        "ageSeconds": int(finding.age.total_seconds()),
        "command": thing.item.command if removable else None,
    }
