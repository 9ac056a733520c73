"""The checks as a plugin of the CDK's validation."""

import json
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
    Stack,
)
from constructs import IConstruct

from bedrock_tuning.checks.rules import RULES, TemplateRule, Violation
from bedrock_tuning.checks.templates import LastRead, Template, Templates

_NAME = "BedrockTuning"


@jsii.implements(IPolicyValidationPlugin)
class BedrockTuningChecks:
    """Rules for fine-tuning on Amazon Bedrock that no rule pack has. They read templates, after every escape hatch.

    - `ServiceRoleTrust`: a role that Bedrock assumes restricts account and resources in its trust policy.
    - `OutputReadableByOthers`: only the service role may read the output prefix of a training run.
    - `ExplicitPurchase`: a Provisioned Throughput states its model units, and repeats a commitment. It cannot be
      acknowledged away; the others can, under `BedrockTuning::BedrockTuning-<rule>`.

    Add it to an app: `Validations.of(app).add_plugins(BedrockTuningChecks())`.
    """

    @property
    def name(self) -> str:
        return _NAME

    @property
    def version(self) -> str:
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        return [_rule_name(rule) for rule in RULES]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Return what the rules find in every template of the app."""
        last_read: LastRead = deque(maxlen=1)
        try:
            violations = _violations(context, last_read)
        except Exception as error:  # noqa: BLE001
            # The CDK CLI goes on when a plugin raises, and nothing would have been checked. A violation without a
            # resource is neither printed nor fails the synthesis.
            unread = [Violation(template, logical_id) for template, logical_id in last_read]
            violations = [_violation(_broken(error), unread)]
        return PolicyValidationPluginReport(success=not violations, violations=violations)


def _violations(context: IPolicyValidationContext, last_read: LastRead) -> list[PolicyViolation]:
    templates = Templates([_read(each, context.app_construct, last_read) for each in context.stack_templates or []])
    found = [(rule, list(dict.fromkeys(rule.find(templates)))) for rule in RULES]
    return [_violation(rule, findings) for rule, findings in found if findings]


def _violation(rule: TemplateRule, findings: Sequence[Violation]) -> PolicyViolation:
    return PolicyViolation(
        rule_name=_rule_name(rule),
        description=rule.description,
        fix=rule.fix,
        severity=rule.severity,
        violating_resources=[
            PolicyViolatingResource(resource_logical_id=each.logical_id, template_path=each.template.path, locations=[])
            for each in findings
        ],
    )


def _broken(error: Exception) -> TemplateRule:
    return TemplateRule(
        id="ChecksRan",
        description=f"the checks did not finish ({type(error).__name__}: {error}), so they found nothing out",
        fix="correct this resource, which they could not read; if it is correct, this is a defect of the checks",
        severity="fatal",
        find=lambda _: iter(()),
    )


def _rule_name(rule: TemplateRule) -> str:
    return f"{_NAME}-{rule.id}"


def _read(stack_template: Any, app: IConstruct, last_read: LastRead) -> Template:
    return Template(
        path=stack_template.template_path,
        stack_name=_stack(app, stack_template.stack_construct_path.split("/")).stack_name,
        account=stack_template.account_id,
        region=stack_template.region,
        content=json.loads(Path(stack_template.template_path).read_text(encoding="utf-8")),
        last_read=last_read,
    )


def _stack(app: IConstruct, path: Iterable[str]) -> Stack:
    found = app
    for part in path:
        found = found.node.find_child(part)
    return Stack.of(found)
