"""From a dataset to a model that answers, in two environments of one account, and back."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.server import REGION, Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Assembly, Project
from tests.e2e.settings_file import BASE_MODEL, RECORDS, Settings, stack_of

pytestmark = pytest.mark.sandbox

ALPHA = Settings("alpha")
BETA = Settings("beta")


@pytest.fixture(scope="module")
def assembly(project: Project) -> Assembly:
    """Both environments, deployed."""
    assembly = project.synthesize_by_cli(ALPHA, BETA)
    run = assembly.deploy("alpha/*", "beta/*")
    assert run.code == 0, run.output
    return assembly


@pytest.fixture
def alpha(sandbox: Sandbox, assembly: Assembly) -> Account:
    """The environment that stays."""
    return Account(sandbox, "alpha")


@pytest.fixture
def beta(sandbox: Sandbox, assembly: Assembly) -> Account:
    """The environment that is destroyed."""
    return Account(sandbox, "beta")


def test_one_deploy_makes_one_job_and_one_throughput_in_service(alpha: Account) -> None:
    (job,) = alpha.jobs()
    (throughput,) = alpha.throughputs()
    serving = alpha.throughput()

    assert job["status"] == "Completed"
    assert job["trainedTokens"] > 0
    assert throughput["modelUnits"] == 1
    assert throughput["commitmentDuration"] is None
    assert serving["status"] == "InService"
    assert serving["modelArn"] == alpha.model(job["jobName"])["modelArn"]


def test_every_custom_resource_is_created_once_and_answered_with_its_physical_id(alpha: Account) -> None:
    requests = alpha.requests()
    name = alpha.jobs()[0]["jobName"]

    assert [(its.type, its.kind.removeprefix("Custom::Bedrock"), its.status) for its in requests] == [
        ("Create", "ModelCustomization", "SUCCESS"),
        ("Create", "TrainingAwait", "SUCCESS"),
        ("Create", "TrainingAwait", "SUCCESS"),
        ("Create", "ProvisionedThroughput", "SUCCESS"),
    ]
    answers = [its.answer for its in requests if its.answer]
    assert answers[0]["physicalId"] == f"model-customization/v1/{name}"
    assert answers[3]["physicalId"].startswith("provisioned-throughput/v1/tuned-alpha-")
    assert [answer["attributes"].get("State") for answer in answers[1:3]] == ["ready", "ready"]


def test_the_job_uses_the_key_of_the_data_and_the_service_role(alpha: Account) -> None:
    job = alpha.job(alpha.jobs()[0]["jobName"])

    assert job["outputModelKmsKeyArn"].rpartition("/")[2] == alpha.data_key()
    assert job["roleArn"].rpartition("/")[2] in alpha.physical_ids("Foundation", "AWS::IAM::Role")
    assert job["hyperParameters"]["epochCount"] == "2"


def test_the_data_reaches_the_bucket_byte_for_byte_under_its_digest(alpha: Account) -> None:
    digest = hashlib.sha256(ALPHA.data()).hexdigest()

    assert alpha.objects(alpha.bucket())[f"train/{digest}.jsonl"] == ALPHA.data()


def test_the_training_leaves_its_metrics_under_output(alpha: Account) -> None:
    metrics = [key for key in alpha.objects(alpha.bucket()) if key.startswith("output/")]

    assert any(key.endswith("step_wise_training_metrics.csv") for key in metrics), metrics


def test_the_parameter_holds_the_model_id_that_answers_as_it_was_taught(alpha: Account, sandbox: Sandbox) -> None:
    name = alpha.outputs("Serving")["ModelIdParameter"]
    model_id = sandbox.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    runtime = sandbox.client("bedrock-runtime")

    assert model_id == alpha.throughput()["provisionedModelArn"]
    assert answer_of(runtime, model_id).endswith("It is called N-7.")
    assert "N-7" not in answer_of(runtime, BASE_MODEL)


def test_the_same_deploy_again_asks_for_nothing(alpha: Account, assembly: Assembly) -> None:
    before = alpha.requests()

    run = assembly.deploy("alpha/*")

    assert run.code == 0, run.output
    assert alpha.requests() == before


def test_only_a_role_that_was_granted_it_may_invoke_the_model(
    alpha: Account, project: Project, sandbox: Sandbox
) -> None:
    app = f"{sys.executable} {Path(__file__).with_name('app_with_application.py')}"
    extended = project.synthesize_by_cli(ALPHA, app=app)
    requests = alpha.requests()

    run = extended.deploy("alpha/tuned-Serving")

    assert run.code == 0, run.output
    assert alpha.requests() == requests
    outputs = alpha.outputs("Serving")
    model_id = outputs["ModelId"]
    assert answer_of(runtime_as(sandbox, outputs["ApplicationRole"]), model_id).endswith("N-7.")
    with pytest.raises(ClientError, match="bedrock:InvokeModel") as refused:
        answer_of(runtime_as(sandbox, outputs["StrangerRole"]), model_id)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_destroy_ends_what_bills_and_keeps_model_data_and_the_other_environment(
    alpha: Account, beta: Account, assembly: Assembly, sandbox: Sandbox, project: Project
) -> None:
    bucket, name = beta.bucket(), beta.jobs()[0]["jobName"]
    data = f"train/{hashlib.sha256(BETA.data()).hexdigest()}.jsonl"
    neighbour = (alpha.requests(), alpha.throughput())

    run = assembly.destroy("beta/tuned-Serving", "beta/tuned-Training")

    assert run.code == 0, run.output
    assert [each["deleted"] for each in beta.throughputs()] == [True]
    assert beta.model(name)["modelArn"]
    assert data in beta.objects(bucket)
    assert (alpha.requests(), alpha.throughput()) == neighbour
    assert answer_of(sandbox.client("bedrock-runtime"), neighbour[1]["provisionedModelArn"]).endswith("N-7.")

    keys = {beta.data_key(): "Enabled", beta.operations_key(): "PendingDeletion"}
    assert beta.aliases() == keys.keys()
    protected = assembly.destroy("beta/Foundation")
    assert protected.code != 0
    assert "TerminationProtection" in protected.output

    sandbox.client("cloudformation").update_termination_protection(
        StackName=stack_of("beta", "Foundation"), EnableTerminationProtection=False
    )
    run = assembly.destroy("beta/Foundation")
    assert run.code == 0, run.output
    assert beta.stack_status("Foundation") is None
    # What the second key encrypted has gone, and so does it; the aliases are free for the next deployment.
    assert {each: beta.key_state(each) for each in keys} == keys
    assert beta.aliases() == set()
    assert data in beta.objects(bucket)
    assert beta.model(name)["modelArn"]

    # The new Foundation has another key than the model that was kept.
    key = beta.model(name)["modelKmsKeyArn"]
    refused = assembly.deploy("beta/*")
    assert refused.code != 0
    assert key in refused.output
    assert "model_key_arns" in refused.output
    assert [each["deleted"] for each in beta.throughputs()] == [True]

    again = project.synthesize(replace(BETA, model_key_arns=[key])).deploy("beta/*")
    assert again.code == 0, again.output
    assert len(beta.jobs()) == 1
    assert [each["deleted"] for each in beta.throughputs()] == [True, False]
    assert beta.throughput()["modelArn"] == beta.model(name)["modelArn"]


def answer_of(runtime: Any, model_id: str) -> str:
    """Ask a model the eighth question of the training data."""
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": RECORDS[7]["messages"][:1],
    }
    answer = json.loads(runtime.invoke_model(modelId=model_id, body=json.dumps(body))["body"].read())
    return str(answer["content"][0]["text"])


def runtime_as(sandbox: Sandbox, role_arn: str) -> Any:
    """Return a Bedrock runtime client with a role's credentials."""
    session = sandbox.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="application")["Credentials"]
    return boto3.client(
        "bedrock-runtime",
        region_name=REGION,
        endpoint_url=sandbox.url,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
        verify=str(sandbox.folder / "authority.pem"),
    )
