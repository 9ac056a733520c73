"""What is refused, by whom, in which words, and that nothing is paid for it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Assembly, Project
from tests.e2e.settings_file import Settings
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

Template = dict[str, Any]


@pytest.fixture(scope="module")
def assembly(project: Project) -> Assembly:
    """Environments that only train, one for each refusal."""
    return project.synthesize(Settings("unread", model_units=None), Settings("untrusted", model_units=None))


def test_a_service_role_that_may_not_read_the_data_fails_the_deploy_before_there_is_a_job(
    project: Project, sandbox: Sandbox, assembly: Assembly
) -> None:
    account = Account(sandbox, "unread")
    narrowed = edited(project, assembly, "unread", without_read_permission)

    run = narrowed.deploy("unread/*")

    assert run.code != 0
    (reason,) = (its for its in account.reasons("Training") if says(its, "s3:GetObject"))
    assert says(reason, "s3:GetObject on arn:aws:s3:::")
    assert reason in run.output, run.output
    assert account.jobs() == []
    assert account.throughputs() == []


def test_a_service_role_that_trusts_other_jobs_fails_the_deploy_before_there_is_a_job(
    project: Project, sandbox: Sandbox, assembly: Assembly
) -> None:
    account = Account(sandbox, "untrusted")
    distrustful = edited(project, assembly, "untrusted", with_another_source_arn)

    run = distrustful.deploy("untrusted/*")

    assert run.code != 0
    (reason,) = (its for its in account.reasons("Training") if says(its, "aws:SourceArn"))
    assert "aws:SourceArn arn:aws:bedrock:us-west-2:000000000000:model-customization-job/*" in reason
    assert reason in run.output, run.output
    assert account.jobs() == []
    assert account.throughputs() == []


def edited(project: Project, assembly: Assembly, environment: str, edit: Callable[[Template], None]) -> Assembly:
    """Return a copy of an assembly with another template of an environment's Foundation, not deployed before."""
    copy = project.copy(assembly)
    (path,) = copy.folder.glob(f"*/{environment}Foundation*.template.json")
    template = json.loads(path.read_text())
    edit(template)
    path.write_text(json.dumps(template))
    return copy


def without_read_permission(template: Template) -> None:
    policies = resources(template, "AWS::IAM::Policy", "ServiceRole")
    for policy in policies:
        document = policy["Properties"]["PolicyDocument"]
        kept = [its for its in document["Statement"] if its.get("Sid") != "ReadTrainingData"]
        assert len(kept) == len(document["Statement"]) - 1
        document["Statement"] = kept


def with_another_source_arn(template: Template) -> None:
    for role in resources(template, "AWS::IAM::Role", "ServiceRole"):
        (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        trusted = {"aws:SourceArn": "arn:aws:bedrock:us-west-2:000000000000:evaluation-job/*"}
        assert statement["Condition"]["ArnEquals"] != trusted
        statement["Condition"]["ArnEquals"] = trusted


def resources(template: Template, resource_type: str, beginning: str) -> list[dict[str, Any]]:
    """Return the resources of a type whose logical ids begin so; there is at least one."""
    found = [
        resource
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == resource_type and logical_id.startswith(beginning)
    ]
    assert found
    return found
