"""The rules: what each finds in the templates of an app. They know no construct, so no escape hatch passes them by."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.served_model import ProvisionedThroughputProperties
from bedrock_tuning.checks.policies import allowing, allows_action, allows_resource, as_list, either, identity_policies
from bedrock_tuning.checks.templates import Json, Template, Templates

_BEDROCK: Final = "bedrock.amazonaws.com"
_READING: Final = ("s3:GetObject", "s3:GetObjectVersion")
# Without `IfExists`, which lets a request pass that does not say where it comes from.
_EXACT_TEXT: Final = ("StringEquals", "StringLike")
_EXACT_ARN: Final = ("ArnEquals", "ArnLike", *_EXACT_TEXT)
_ACCOUNT: Final = re.compile(r"[0-9]{12}|<AWS::AccountId>")
_MODEL_UNITS: Final = re.compile(r"[1-9][0-9]*")


@dataclass(frozen=True)
class Violation:
    """A resource that breaks a rule."""

    template: Template
    logical_id: str


@dataclass(frozen=True)
class TemplateRule:
    """One rule: its id, what a finding means, what to do about it."""

    id: str
    description: str
    fix: str
    severity: str
    find: Callable[[Templates], Iterator[Violation]]


def _open_to_other_accounts(templates: Templates) -> Iterator[Violation]:
    for template in templates:
        for logical_id, properties in template.resources("AWS::IAM::Role"):
            for statement in allowing(properties.get("AssumeRolePolicyDocument", {})):
                if _names_bedrock(statement) and not _names_origin(statement, templates, template):
                    yield Violation(template, logical_id)


def _names_bedrock(statement: Json) -> bool:
    principals = either(statement.get("Principal"))
    services = (each.get("Service", []) if isinstance(each, Mapping) else each for each in principals)
    return any(name in ("*", _BEDROCK) for each in services for name in either(each))


def _names_origin(statement: Json, templates: Templates, template: Template) -> bool:
    accounts = list(_conditions(statement, _EXACT_TEXT, "aws:SourceAccount", templates, template))
    arns = list(_conditions(statement, _EXACT_ARN, "aws:SourceArn", templates, template))
    origins = [*accounts, *(_account_of(arn) for arn in arns)]
    return bool(accounts and arns) and all(_ACCOUNT.fullmatch(each) for each in origins)


def _account_of(arn: str) -> str:
    parts = arn.replace("<AWS::AccountId>", "000000000000").replace("<AWS::Region>", "any").split(":")
    return parts[4] if len(parts) > 5 else ""


def _conditions(
    statement: Json, operators: tuple[str, ...], key: str, templates: Templates, template: Template
) -> Iterator[str]:
    for operator in operators:
        for name, values in statement.get("Condition", {}).get(operator, {}).items():
            if name.lower() == key.lower():
                yield from (templates.text(each, template) for each in as_list(values))


_PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov")


def _readable_outputs(templates: Templates) -> Iterator[Violation]:
    stores = {store for template in templates for store in _data_stores(templates, template)}
    for objects, reports, role in sorted(stores):
        for policy in identity_policies(templates):
            reads = any(
                allows_action(each, *_READING)
                # Reports on data files hold places and counts, and nothing of a training run.
                and allows_resource(each, objects, templates, policy.template, apart_from=reports)
                for each in allowing(policy.document)
            )
            if reads and not policy.holders <= {role}:
                yield Violation(policy.template, policy.logical_id)
        for template in templates:
            for logical_id, properties in template.resources("AWS::S3::BucketPolicy"):
                for each in allowing(properties["PolicyDocument"]):
                    if allows_action(each, *_READING) and allows_resource(each, objects, templates, template):
                        yield Violation(template, logical_id)


def _data_stores(templates: Templates, template: Template) -> Iterator[tuple[str, str, str]]:
    """Yield for each output prefix the pattern of its objects, where reports are among them, and whose role writes."""
    for _, properties in template.resources(contract.MODEL_CUSTOMIZATION):
        bucket, _, prefix = (
            templates.text(properties[ModelCustomizationProperties.output_uri.name], template)
            .removeprefix("s3://")
            .rpartition("/")[0]
            .partition("/")
        )
        role = _role_name(templates.text(properties[ModelCustomizationProperties.role_arn.name], template))
        # Not `arn:*`: a wildcard goes beyond its own part of an ARN.
        known = (
            [f"{bucket[:-1]}.Arn>"] if bucket.endswith(">") else [f"arn:{each}:s3:::{bucket}" for each in _PARTITIONS]
        )
        for bucket_arn in known:
            yield f"{bucket_arn}/{prefix}/*", f"{bucket_arn}/{contract.DATASET_REPORTS_PREFIX}", role


def _role_name(arn: str) -> str:
    return arn.replace(".Arn>", ">") if arn.startswith("<") else arn.rpartition("/")[2]


def _unasked_purchases(templates: Templates) -> Iterator[Violation]:
    for template in templates:
        for logical_id, properties in template.resources(contract.PROVISIONED_THROUGHPUT):
            units = properties.get(ProvisionedThroughputProperties.model_units.name)
            commitment = properties.get(ProvisionedThroughputProperties.commitment_duration.name)
            acknowledged = properties.get(ProvisionedThroughputProperties.acknowledge_commitment.name)
            asked = isinstance(units, str | int) and _MODEL_UNITS.fullmatch(str(units))
            if not asked or acknowledged != commitment:
                yield Violation(template, logical_id)


RULES: Final = (
    TemplateRule(
        id="ServiceRoleTrust",
        description="a role that Amazon Bedrock assumes does not restrict the account and its resources",
        fix="give its trust policy both conditions, aws:SourceAccount and aws:SourceArn, with account IDs and "
        "without IfExists, as ServiceRole does",
        severity="error",
        find=_open_to_other_accounts,
    ),
    TemplateRule(
        id="OutputReadableByOthers",
        description="a principal other than the service role may read what training runs write under the output prefix",
        fix="name only the prefixes it needs, such as train/*, or acknowledge this with the reason",
        severity="error",
        find=_readable_outputs,
    ),
    TemplateRule(
        id="ExplicitPurchase",
        description="Provisioned Throughput is billed by the hour and model unit, and this template does not "
        "ask for it explicitly",
        fix="write ModelUnits as a number, and repeat CommitmentDuration in AcknowledgeCommitment: set "
        "`model_units` and `acknowledge_commitment` of ProvisionedThroughput; this rule cannot be acknowledged",
        # Cannot be acknowledged away.
        severity="fatal",
        find=_unasked_purchases,
    ),
)
