"""In an organization's account: with a boundary, paths, names, networks, a key, a bucket and roles that are given."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sandbox.server import ACCOUNT, Sandbox
from tests.e2e import synthesis
from tests.e2e.account import Account
from tests.e2e.administrator import Administrator, places_of_report
from tests.e2e.project import Assembly, Project
from tests.e2e.settings_file import RECORDS, Settings, stack_of

pytestmark = pytest.mark.sandbox

STACKS = ("Foundation", "Training", "Serving")
BUCKET = "acme-fine-tuning"


@pytest.fixture(scope="module")
def given(sandbox: Sandbox) -> Mapping[str, Any]:
    """What the organization gives: made beforehand, as docs/how-to/organization.md says."""
    administrator = Administrator(sandbox)
    subnets, groups = administrator.network()
    key_arn = administrator.key("key")
    administrator.bucket(BUCKET, key_arn)
    role = administrator.service_role(key_arn=key_arn, bucket=BUCKET, subnets=subnets, groups=groups)
    return {
        "boundary": administrator.boundary(),
        "key": key_arn,
        "operations_key": administrator.key("second key"),
        "service_role": role,
        "vpc": f"subnet_ids = {subnets}\nsecurity_group_ids = {groups}".replace("'", '"'),
        "subnets": subnets,
        "groups": groups,
    }


def table(given: Mapping[str, Any], *lines: str) -> str:
    return "\n".join(
        [
            "[organization]",
            'name_prefix = "acme-"',
            f'key_arn = "{given["key"]}"',
            f'operations_key_arn = "{given["operations_key"]}"',
            f'bucket = "{BUCKET}"',
            *lines,
            f"[organization.job_vpc]\n{given['vpc']}",
            f"[organization.function_vpc]\n{given['vpc']}",
        ]
    )


def everything(given: Mapping[str, Any], **changes: Any) -> Settings:
    """Return settings with everything that an organization can prescribe but roles."""
    organization = table(
        given,
        f'permissions_boundary = "{given["boundary"]}"',
        'role_path = "/fine-tuning/"',
        "log_retention_days = 400",
        f'service_role_arn = "{given["service_role"]}"',
    )
    return Settings("org", organization=organization, **changes)


@pytest.fixture(scope="module")
def organized(project: Project, given: Mapping[str, Any]) -> Assembly:
    """An environment with everything that an organization can prescribe but roles, deployed."""
    assembly = project.synthesize_by_cli(everything(given))
    run = assembly.deploy("org/*")
    assert run.code == 0, run.output
    return assembly


@pytest.fixture
def org(sandbox: Sandbox, organized: Assembly) -> Account:
    return Account(sandbox, "org")


def test_a_model_is_trained_and_served(org: Account) -> None:
    assert {job["status"] for job in org.jobs()} == {"Completed"}
    assert org.throughput()["status"] == "InService"


def test_no_role_is_without_boundary_path_and_prefix(org: Account, sandbox: Sandbox, given: Mapping[str, Any]) -> None:
    names = [name for stack in STACKS for name in org.physical_ids(stack, "AWS::IAM::Role")]
    assert len(names) >= 7
    for name in names:
        role = sandbox.client("iam").get_role(RoleName=name)["Role"]
        assert role["Path"] == "/fine-tuning/"
        assert role["RoleName"].startswith("acme-org-")
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == given["boundary"]


def test_the_given_key_bucket_role_and_network_are_those_that_the_job_used(
    org: Account, given: Mapping[str, Any]
) -> None:
    job = org.job(org.jobs()[0]["jobName"])
    assert job["roleArn"] == given["service_role"]
    assert job["outputModelKmsKeyArn"] == given["key"]
    assert job["trainingDataConfig"]["s3Uri"].startswith(f"s3://{BUCKET}/train/")
    assert job["vpcConfig"] == {"subnetIds": given["subnets"], "securityGroupIds": given["groups"]}
    assert any(key.startswith("output/") for key in org.objects(BUCKET))
    for kind in ("AWS::S3::Bucket", "AWS::KMS::Key"):
        assert org.physical_ids("Foundation", kind) == []


def test_every_function_has_the_prefix_and_is_told_its_network(org: Account, given: Mapping[str, Any]) -> None:
    names = [name for stack in STACKS for name in org.physical_ids(stack, "AWS::Lambda::Function")]
    assert len(names) >= 6
    assert [name for name in names if not name.startswith("acme-org-")] == []
    # MiniStack's CloudFormation does not hand the network on to Lambda: what was deployed is what can be asked for.
    for stack in ("Foundation", "Training"):
        template = org.cloudformation.get_template(StackName=stack_of("org", stack))["TemplateBody"]
        functions = [each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::Function"]
        assert functions
        for each in functions:
            network = each["Properties"]["VpcConfig"]
            assert (network["SubnetIds"], network["SecurityGroupIds"]) == (given["subnets"], given["groups"])


def test_every_log_group_is_encrypted_and_kept_as_long_as_it_says(
    org: Account, sandbox: Sandbox, given: Mapping[str, Any]
) -> None:
    logs = sandbox.client("logs")
    names = [name for stack in STACKS for name in org.physical_ids(stack, "AWS::Logs::LogGroup")]
    assert len(names) >= 7
    for name in names:
        (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        assert (group["retentionInDays"], group["kmsKeyId"]) == (400, given["operations_key"])


def test_another_second_key_is_taken_in_place_and_the_lifecycle_goes_on(
    org: Account, sandbox: Sandbox, project: Project, given: Mapping[str, Any]
) -> None:
    kinds = ("AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::StepFunctions::StateMachine", "AWS::Lambda::Function")
    made = {(stack, kind): org.physical_ids(stack, kind) for stack in STACKS for kind in kinds}
    other = Administrator(sandbox).key("second key")
    # Another environment may have written the same data into the bucket that both were given: it is checked again.
    changed = everything({**given, "operations_key": other}, hyper_parameters={"epochCount": 3}, reconcile=1)

    run = project.synthesize(changed).deploy("org/*")

    assert run.code == 0, run.output
    assert {(stack, kind): org.physical_ids(stack, kind) for stack in STACKS for kind in kinds} == made
    [table_name], [machine] = made["Foundation", kinds[0]], made["Foundation", kinds[2]]
    described = sandbox.client("dynamodb").describe_table(TableName=table_name)["Table"]
    assert described["SSEDescription"]["KMSMasterKeyArn"] == other
    workflow = sandbox.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    assert workflow["encryptionConfiguration"]["kmsKeyId"] == other
    # The same deployment has trained another model, and moved what serves to it.
    assert [job["status"] for job in org.jobs()] == ["Completed", "Completed"]
    assert org.throughput()["status"] == "InService"
    # And back, to what the other tests are about.
    back = project.synthesize(everything(given)).deploy("org/*")
    assert back.code == 0, back.output
    assert len(org.jobs()) == 2


def test_with_roles_that_exist_it_works_without_writing_to_iam_also_for_other_data(
    project: Project, sandbox: Sandbox, given: Mapping[str, Any]
) -> None:
    # As the page says: find the places, name the roles, have them made from the policy report, deploy.
    first = project.fresh("report")
    unnamed = Settings("pre", organization=f"{table(given)}\n[organization.roles]")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        synthesis.synthesize(project.write(unnamed), first)
    roles = {place: f"precreated/{place.replace('/', '-')}" for place in places_of_report(first, "pre")}
    named = "\n".join(f'"{place}" = "{name}"' for place, name in roles.items())
    organization = f"{table(given)}\n[organization.roles]\n{named}"
    assembly = project.synthesize_by_cli(pushed(sandbox, RECORDS, organization))
    Administrator(sandbox).make_roles_of_report(assembly.folder)
    before = {role["RoleName"] for role in sandbox.client("iam").list_roles(MaxItems=1000)["Roles"]}

    run = assembly.deploy("pre/*")

    assert run.code == 0, run.output
    pre = Account(sandbox, "pre")
    assert pre.throughput()["status"] == "InService"
    for stack in STACKS:
        for kind in ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            assert pre.physical_ids(stack, kind) == []
    arn = f"arn:aws:iam::{ACCOUNT}:role/{roles['Foundation/ServiceRole']}"
    assert pre.job(pre.jobs()[0]["jobName"])["roleArn"] == arn

    # Nobody touches the roles, and other data is trained on.
    other = project.synthesize(pushed(sandbox, RECORDS[::-1], organization))
    run = other.deploy("pre/*")

    assert run.code == 0, run.output
    assert [job["status"] for job in pre.jobs()] == ["Completed", "Completed"]
    after = {role["RoleName"] for role in sandbox.client("iam").list_roles(MaxItems=1000)["Roles"]}
    assert after == before


def pushed(sandbox: Sandbox, records: Sequence[Mapping[str, Any]], organization: str) -> Settings:
    """Return the settings for data that lies in the given bucket already."""
    data = Settings("pre", records=records).data()
    digest = hashlib.sha256(data).hexdigest()
    sandbox.client("s3").put_object(Bucket=BUCKET, Key=f"train/{digest}.jsonl", Body=data)
    return Settings("pre", sources={"train": f'{{ sha256 = "{digest}" }}'}, organization=organization)
