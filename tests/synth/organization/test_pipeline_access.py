"""Who may deploy from GitHub Actions: a token of one repository and environment gets one role, which assumes three."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import pytest
from aws_cdk import App, Validations

from bedrock_tuning import PipelineAccess
from settings import Bootstrap, EnvironmentLocation, Pipeline
from stacks.pipeline_access_stack import PipelineAccessStack
from stacks.rule_packs import rule_packs
from tests.synth.acknowledgements import acknowledgements, needless, unanswered, unreasoned
from tests.synth.foreign import ForeignStack
from tests.synth.templates import Json, readable, resources_of_type, to_json

ISSUER: Final = "token.actions.githubusercontent.com"
PROVIDER: Final = f"arn:aws:iam::999988887777:oidc-provider/{ISSUER}"
SETTINGS: Final = Pipeline.model_validate(
    {
        "repository": "acme/models",
        "account": "999988887777",
        "region": "eu-west-1",
        "environments": ["dev", "prod"],
    }
)
PLACES: Final = (
    EnvironmentLocation(name="dev", account="111122223333", region="us-east-1"),
    EnvironmentLocation(
        name="prod",
        account="444455556666",
        region="us-west-2",
        bootstrap=Bootstrap(qualifier="acme", lookup_role="acme-reader"),
    ),
)


def made(folder: Path, context: Mapping[str, Any], settings: Pipeline = SETTINGS) -> PipelineAccessStack:
    app = App(context={**context, "@aws-cdk/core:failSynthOnValidationErrors": False}, outdir=str(folder))
    Validations.of(app).add_plugins(*rule_packs(app))
    return PipelineAccessStack(app, settings, PLACES)


def roles(template: Json) -> dict[str, Json]:
    """Return the statement of trust of each role, by the subject of the token."""
    found = [readable(each["Properties"]) for each in resources_of_type(template, "AWS::IAM::Role").values()]
    statements = [its["AssumeRolePolicyDocument"]["Statement"] for its in found]
    return {its["Condition"]["StringEquals"][f"{ISSUER}:sub"]: its for (its,) in statements}


def test_a_role_trusts_the_tokens_of_one_repository_and_one_environment(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    template = to_json(made(tmp_path, context))
    (provider,) = resources_of_type(template, "AWS::IAM::OIDCProvider").items()
    assert provider[1]["Properties"] == {"Url": f"https://{ISSUER}", "ClientIdList": ["sts.amazonaws.com"]}
    assert roles(template) == {
        f"repo:acme/models:environment:{name}": {
            "Effect": "Allow",
            "Principal": {"Federated": f"<{provider[0]}>"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                    f"{ISSUER}:sub": f"repo:acme/models:environment:{name}",
                }
            },
        }
        for name in ("dev", "prod")
    }


def test_each_role_may_assume_the_bootstrap_roles_of_its_environment_alone(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    template = to_json(made(tmp_path, context))
    policies = [readable(each["Properties"]) for each in resources_of_type(template, "AWS::IAM::Policy").values()]
    found = [its for each in policies for its in each["PolicyDocument"]["Statement"]]
    dev, prod = "arn:aws:iam::111122223333:role/", "arn:aws:iam::444455556666:role/"
    assert {its["Action"] for its in found} == {"sts:AssumeRole"}
    assert sorted(sorted(its["Resource"]) for its in found) == [
        [f"{dev}cdk-hnb659fds-{kind}-role-111122223333-us-east-1" for kind in ("deploy", "file-publishing", "lookup")],
        [
            f"{prod}acme-reader",
            f"{prod}cdk-acme-deploy-role-444455556666-us-west-2",
            f"{prod}cdk-acme-file-publishing-role-444455556666-us-west-2",
        ],
    ]
    kinds = {each["Type"] for each in template["Resources"].values()}
    assert kinds == {"AWS::IAM::OIDCProvider", "AWS::IAM::Role", "AWS::IAM::Policy"}


def test_a_provider_that_exists_is_used_and_none_is_created(tmp_path: Path, context: dict[str, Any]) -> None:
    template = to_json(made(tmp_path, context, SETTINGS.model_copy(update={"provider_arn": PROVIDER})))
    assert resources_of_type(template, "AWS::IAM::OIDCProvider") == {}
    assert {its["Principal"]["Federated"] for its in roles(template).values()} == {PROVIDER}


def test_no_rule_is_broken_and_its_account_needs_no_bootstrap(tmp_path: Path, context: dict[str, Any]) -> None:
    stack = made(tmp_path, context)
    assembly = cast("App", stack.node.root).synth()
    report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
    assert unanswered(report) == []
    given = list(acknowledgements(stack))
    assert given
    assert needless(iter(given), report) == unreasoned(iter(given)) == []
    (artifact,) = assembly.stacks
    assert (artifact.assume_role_arn, artifact.cloud_formation_execution_role_arn) == (None, None)
    assert artifact.stack_template_asset_object_url is None
    assert "BootstrapVersion" not in artifact.template.get("Parameters", {})


def test_what_a_job_needs_is_an_output_and_ids_stay(tmp_path: Path, context: dict[str, Any]) -> None:
    template = to_json(made(tmp_path, context))
    # Another id is another role, whose ARN the repository's variables do not have.
    assert resources_of_type(template, "AWS::IAM::Role").keys() == {"AccessdevRole53740E1B", "AccessprodRoleDC8332C0"}
    values = {readable(each["Value"]) for each in template["Outputs"].values()}
    assert values == {f"<{name}.Arn>" for name in resources_of_type(template, "AWS::IAM::Role")}


@pytest.mark.parametrize("provider_arn", [None, PROVIDER])
def test_the_construct_stands_in_another_app(foreign: ForeignStack, provider_arn: str | None) -> None:
    access = PipelineAccess(
        foreign.stack,
        "Access",
        repository="acme/models",
        assumable={"dev": ["arn:aws:iam::111122223333:role/x"]},
        provider_arn=provider_arn,
    )
    assert access.roles.keys() == {"dev"}
    assert roles(foreign.template()).keys() == {"repo:acme/models:environment:dev"}
