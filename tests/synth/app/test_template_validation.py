"""What three validators say about the templates: the packs of cdk-nag, the validator of the CDK, and cfn-lint."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Acknowledgment, App, CfnResource, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks, PCIDSS321Checks
from cfnlint.api import ManualArgs, lint  # type: ignore[import-untyped]

from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from stacks.environment_stage import EnvironmentStage
from tests.synth.acknowledgements import Acknowledgement, Report, acknowledgements, needless, unanswered, unreasoned
from tests.synth.cli import Syntheses
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack
from tests.synth.templates import Json

# "Obsolete DependsOn": CDK writes every dependency that it was told, also those that a reference implies.
IGNORED_BY_CFN_LINT = ["W3005"]


PACKS: list[type[NagPack]] = [AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks]
PACK_NAMES = {"AwsSolutions", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"}


def check_with_every_pack(app: App) -> None:
    Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))


def report_of(app: App, folder: Path) -> Report:
    """Synthesize an app whose plugins may find something, and return what they found."""
    app.synth()
    report: Report = json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))
    return report


@pytest.fixture(scope="module")
def mutated(context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[App, Report]:
    """An app with everything that must be found: two findings, and acknowledgements that are none."""
    folder = tmp_path_factory.mktemp("mutated")
    app = App(context={**context, "@aws-cdk/core:failSynthOnValidationErrors": False}, outdir=str(folder))
    stack = Stack(app, "Mutated")
    bucket = s3.Bucket(stack, "NotLogged")
    acknowledge_wildcard(bucket, "arn:of:nothing/*", "a reason that is long enough to be one")
    Validations.of(bucket).acknowledge(Acknowledgment(id="AwsSolutions::AwsSolutions-S10", reason="is fine"))
    CfnResource(stack, "Misspelt", type="AWS::SSM::Parameter", properties={"Type": "String", "Valeu": "x"})
    check_with_every_pack(app)
    return app, report_of(app, folder)


# --- the packs of cdk-nag ----------------------------------------------------------------------------------------


def test_no_check_of_the_app_has_an_unanswered_finding(syntheses: Syntheses) -> None:
    report = syntheses.plain.validation_report
    assert {plugin["pluginName"] for plugin in report["pluginReports"]} >= PACK_NAMES
    assert unanswered(report) == []
    assert {plugin["conclusion"] for plugin in report["pluginReports"]} == {"success"}


def test_every_acknowledgement_is_needed(stages: dict[str, EnvironmentStage], syntheses: Syntheses) -> None:
    given = [each for stage in stages.values() for each in acknowledgements(stage)]
    assert given
    assert needless(iter(given), syntheses.plain.validation_report) == []


def test_every_acknowledgement_is_made_once(stages: dict[str, EnvironmentStage]) -> None:
    made = Counter((each.construct_path, each.finding) for stage in stages.values() for each in acknowledgements(stage))
    assert [each for each, times in made.items() if times > 1] == []


def test_every_acknowledgement_has_a_reason_and_names_one_finding(stages: dict[str, EnvironmentStage]) -> None:
    given = [each for stage in stages.values() for each in acknowledgements(stage)]
    assert unreasoned(iter(given)) == []
    # The qualified id keeps a finding in the report, with its reason.
    qualified = [each.finding.partition("[")[0].split("::") for each in given]
    assert {pack for pack, _ in qualified} == PACK_NAMES
    assert [rule for pack, rule in qualified if not rule.startswith(f"{pack}-")] == []


def test_constructs_bring_their_acknowledgements_into_other_apps(foreign: ForeignStack) -> None:
    assert foreign.customization()
    assert foreign.throughput()
    assert foreign.notifications(email=["any@example.com"])
    check_with_every_pack(foreign.app)
    foreign.app.synth()  # raises when something is found


def test_constructs_bring_them_also_where_account_and_region_are_unknown(tmp_path: Path) -> None:
    foreign = ForeignStack(tmp_path, account=None, region=None)
    assert foreign.customization()
    assert foreign.throughput()
    assert foreign.notifications(email=["any@example.com"])
    check_with_every_pack(foreign.app)
    foreign.app.synth()


@pytest.mark.parametrize("account", [ACCOUNT, None], ids=["known", "unknown"])
def test_access_to_invoke_brings_its_acknowledgement_along(tmp_path: Path, account: str | None) -> None:
    foreign = ForeignStack(tmp_path, account=account, region=REGION if account else None)
    role = iam.Role(foreign.stack, "Application", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    imported = iam.Role.from_role_name(foreign.stack, "Imported", "its-name")
    throughput = foreign.throughput()
    for each in (role, imported):
        throughput.grant_invoke(each)
    Validations.of(foreign.app).add_plugins(AwsSolutionsChecks(foreign.app))
    foreign.app.synth()  # raises when something is found


def test_a_finding_without_acknowledgement_is_found(mutated: tuple[App, Report]) -> None:
    _, report = mutated
    for pack, rule in {
        "AwsSolutions": "AwsSolutions-S1",
        "NIST.800.53.R5": "NIST.800.53.R5-S3BucketLoggingEnabled",
        "HIPAA.Security": "HIPAA.Security-S3BucketLoggingEnabled",
        "PCI.DSS.321": "PCI.DSS.321-S3BucketLoggingEnabled",
    }.items():
        assert f"{pack} {rule}: Mutated/NotLogged/Resource" in unanswered(report)


def test_a_needless_acknowledgement_is_found(mutated: tuple[App, Report]) -> None:
    app, report = mutated
    found = needless(acknowledgements(app), report)
    assert [each.finding for each in found] == ["AwsSolutions::AwsSolutions-IAM5[Resource::arn:of:nothing/*]"]


def test_an_acknowledgement_without_an_argument_is_found(mutated: tuple[App, Report]) -> None:
    app, _ = mutated
    expected = Acknowledgement("Mutated/NotLogged", "AwsSolutions::AwsSolutions-S10", "is fine")
    assert unreasoned(acknowledgements(app)) == [expected]


# --- the validator of the CDK ------------------------------------------------------------------------------------


def test_the_validator_of_the_cdk_is_strict_and_finds_nothing(context: dict[str, Any], syntheses: Syntheses) -> None:
    assert context["@aws-cdk/core:validateAgainstDefaultRules"] is True
    # It stands in a report only when it found something.
    assert not [each for each in unanswered(syntheses.plain.validation_report) if each.split()[0] not in PACK_NAMES]
    assert "[Warning" not in syntheses.plain.log


def test_the_validator_of_the_cdk_finds_a_misspelt_property(mutated: tuple[App, Report]) -> None:
    _, report = mutated
    found = [each for each in unanswered(report) if each.startswith("CloudFormation Validate ")]
    assert any("F3002" in each and "Misspelt" in each for each in found)


# --- cfn-lint ----------------------------------------------------------------------------------------------------


def test_cfn_lint_finds_nothing(stages: dict[str, EnvironmentStage], templates: dict[tuple[str, str], Json]) -> None:
    for (environment, stack), template in templates.items():
        assert linted(template, str(stages[environment].region)) == [], f"{environment}/{stack}"


def test_cfn_lint_finds_a_misspelt_property(templates: dict[tuple[str, str], Json]) -> None:
    template = json.loads(json.dumps(templates["dev", "Serving"]).replace('"Value":', '"Valeu":'))
    assert any("Valeu" in message for message in linted(template, "us-east-1"))


def linted(template: Json, region: str) -> list[str]:
    found = lint(json.dumps(template), config=ManualArgs(ignore_checks=IGNORED_BY_CFN_LINT, regions=[region]))
    return [f"{match.rule.id}: {match.message}" for match in found]
