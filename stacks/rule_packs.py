"""The rules that every synthesis is held against: packs of cdk-nag, and this project's own."""

from aws_cdk import App, IPolicyValidationPlugin
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks

from bedrock_tuning import BedrockTuningChecks


def rule_packs(app: App) -> tuple[IPolicyValidationPlugin, ...]:
    """Return the plugins for an app."""
    return (
        AwsSolutionsChecks(app),
        NIST80053R5Checks(app),
        HIPAASecurityChecks(app),
        PCIDSS321Checks(app),
        BedrockTuningChecks(),
    )
