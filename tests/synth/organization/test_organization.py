"""The organization's table of the settings: what each key does to the templates."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Aspects, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks

from bedrock_lifecycle import contract
from bedrock_tuning import BedrockTuningChecks, ResourceNaming
from settings import EnvironmentSettings, Model, Notifications, Organization
from settings.organization import LOG_RETENTION_DAYS
from tests.support.messages import saying, says
from tests.synth.organized import (
    BOOTSTRAP_KEY,
    BOUNDARY,
    BUCKET,
    KEY,
    OPERATIONS_KEY,
    SERVICE_ROLE,
    VPC,
    Organized,
    grants_of,
    pushed,
    use_of,
)
from tests.synth.stages import elsewhere, stage_of
from tests.synth.templates import resources_of_type, to_json

Organize = Callable[..., Organized]

# What takes no tags, or is not made in AWS: the copy of a data file, and the waiting.
UNTAGGABLE = {
    "AWS::IAM::Policy",
    "AWS::KMS::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    contract.DATASET,
    contract.TRAINING_AWAIT,
}

EVERYTHING: dict[str, Any] = {
    "permissions_boundary": BOUNDARY,
    "role_path": "/teams/search/",
    "name_prefix": "acme-",
    "log_retention_days": 400,
    "key_arn": KEY,
    "operations_key_arn": OPERATIONS_KEY,
    "bucket": BUCKET,
    "service_role_arn": SERVICE_ROLE,
    "job_vpc": VPC,
    "function_vpc": VPC,
}


@pytest.fixture
def organize(dev: Model, context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Organize:
    """Make the `dev` environment with keys of `[organization]`, or that of a model that is given."""

    def made(settings: Model = dev, **organization: Any) -> Organized:
        return Organized(settings, context, tmp_path_factory.mktemp("organized"), **organization)

    return made


def names(organized: Organized, kind: str, name: str) -> list[str]:
    return [each[name] for each in organized.resources(kind)]


# --- roles -------------------------------------------------------------------------------------------------------


def test_every_role_has_the_boundary(organize: Organize) -> None:
    roles = organize(permissions_boundary=BOUNDARY).resources("AWS::IAM::Role")
    assert len(roles) >= 8
    assert {each["PermissionsBoundary"] for each in roles} == {BOUNDARY}


def test_every_role_has_the_path(organize: Organize) -> None:
    roles = organize(role_path="/teams/search/").resources("AWS::IAM::Role")
    assert {each["Path"] for each in roles} == {"/teams/search/"}


def test_every_role_and_function_and_the_table_have_the_prefix(organize: Organize) -> None:
    organized = organize(name_prefix="acme-")
    roles = names(organized, "AWS::IAM::Role", "RoleName")
    functions = names(organized, "AWS::Lambda::Function", "FunctionName")
    tables = names(organized, "AWS::DynamoDB::Table", "TableName")
    assert (len(roles), len(functions), len(tables)) >= (8, 6, 1)
    for each in (*roles, *functions, *tables):
        assert re.fullmatch(r"acme-dev-(Foundation|docstrings-Training)-[a-zA-Z-]+-[0-9a-f]{8}", each)
        assert len(each) <= 64
    assert len({*roles}) == len(roles)
    assert len({*functions}) == len(functions)


def test_every_log_group_and_the_workflow_have_the_prefix(organize: Organize) -> None:
    organized = organize(name_prefix="acme-")
    (workflow,) = names(organized, "AWS::StepFunctions::StateMachine", "StateMachineName")
    groups = names(organized, "AWS::Logs::LogGroup", "LogGroupName")
    assert workflow.startswith("acme-bedrocktuningdevFoundation-Lifecycle-")
    assert f"/aws/vendedlogs/states/{workflow}" in groups
    assert all(re.match(r"/aws/(lambda|vendedlogs/states)/acme-(bedrocktuning)?dev", each) for each in groups)
    assert len({*groups}) == len(groups)


# Where each type has its name, and what stands before the prefix.
NAMED = {
    "AWS::DynamoDB::Table": ("TableName", ""),
    "AWS::Events::Rule": ("Name", ""),
    "AWS::IAM::Role": ("RoleName", ""),
    "AWS::KMS::Alias": ("AliasName", "alias/"),
    "AWS::Lambda::Function": ("FunctionName", ""),
    "AWS::Lambda::LayerVersion": ("LayerName", ""),
    "AWS::Logs::LogGroup": ("LogGroupName", "/aws/(lambda|vendedlogs/states)/"),
    "AWS::SNS::Topic": ("TopicName", ""),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", ""),
}
NOT_NAMED = {
    "AWS::KMS::Key",  # has an alias
    "AWS::S3::Bucket",  # another name is another, empty bucket: CloudFormation's begins with the stack's
    "AWS::SSM::Parameter",  # applications read it under its name
    # Parts of something that has a name.
    "AWS::CDK::Metadata",
    "AWS::IAM::Policy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
}


def test_everything_that_takes_a_name_has_the_prefix_but_what_must_keep_another(organize: Organize, dev: Model) -> None:
    told = elsewhere(dev, notifications=Notifications.model_validate({"email": ["a@example.com"]}))
    organized = organize(told, name_prefix="acme-")
    made = [
        (each["Type"], each.get("Properties", {}))
        for template in organized.templates().values()
        for each in template["Resources"].values()
        if each["Type"].startswith("AWS::")
    ]
    assert {kind for kind, _ in made} - NOT_NAMED == NAMED.keys()
    for kind, its in made:
        if kind in NAMED:
            name, before = NAMED[kind]
            assert re.match(f"{before}acme-(bedrocktuning)?dev", its[name]), f"{kind} {its[name]}"
    buckets = [its for kind, its in made if kind == "AWS::S3::Bucket"]
    assert not [its for its in buckets if "BucketName" in its]


@pytest.mark.parametrize("prefix", [None, "acme-"])
def test_each_key_is_found_by_an_alias_that_goes_with_the_stack(organize: Organize, prefix: str | None) -> None:
    template = organize(name_prefix=prefix).templates()["Foundation"]
    aliases = {
        each["Properties"]["TargetKeyId"]["Fn::GetAtt"][0]: each
        for each in template["Resources"].values()
        if each["Type"] == "AWS::KMS::Alias"
    }
    keys = {name for name, each in template["Resources"].items() if each["Type"] == "AWS::KMS::Key"}
    assert aliases.keys() == keys
    names = {each["Properties"]["AliasName"] for each in aliases.values()}
    assert len(names) == 2
    assert all(re.fullmatch("alias/[a-zA-Z0-9_/-]{1,250}", name) for name in names)
    # A retained one would be in the way of the next deployment's.
    assert {each.get("DeletionPolicy", "Delete") for each in aliases.values()} == {"Delete"}


def test_executions_are_granted_by_the_name_that_the_workflow_has(organize: Organize) -> None:
    organized = organize(name_prefix="acme-")
    (workflow,) = names(organized, "AWS::StepFunctions::StateMachine", "StateMachineName")
    granted = {each.resource for held in organized.grants().values() for each in held if "execution" in each.resource}
    assert granted == {f"arn:aws:states:us-east-1:111122223333:execution:{workflow}:*"}


def test_names_are_the_same_in_every_synthesis_and_others_with_another_path_or_region(organize: Organize) -> None:
    def roles(**organization: Any) -> set[str]:
        return set(names(organize(name_prefix="acme-", **organization), "AWS::IAM::Role", "RoleName"))

    assert roles() == roles()
    # CloudFormation cannot replace a role by one of the same name.
    assert not roles() & roles(role_path="/teams/search/")


def test_another_prefix_of_stacks_separates_only_what_has_no_prefix_of_its_own(organize: Organize, dev: Model) -> None:
    other = elsewhere(dev, stack_prefix="other-")

    def taken(model: Model, **organization: Any) -> set[str]:
        organized = organize(model, **organization)
        named = {kind: name for kind, (name, _) in NAMED.items()}
        return {
            str(each["Properties"][named[each["Type"]]])
            for template in organized.templates().values()
            for each in template["Resources"].values()
            if each["Type"] in named and named[each["Type"]] in each.get("Properties", {})
        }

    mine, theirs = (taken(each, name_prefix="acme-") for each in (dev, other))
    assert mine & theirs
    assert all("Lifecycle" in name for name in mine ^ theirs), "the workflow alone has its stack's name in its own"
    assert not taken(dev, name_prefix="acme-") & taken(other, name_prefix="beta-")
    assert taken(dev)
    assert not taken(dev) & taken(other)


def test_another_path_of_roles_renames_nothing_else(organize: Organize) -> None:
    def others(**organization: Any) -> list[list[str]]:
        organized = organize(name_prefix="acme-", **organization)
        kinds = {
            "AWS::Lambda::Function": "FunctionName",
            "AWS::DynamoDB::Table": "TableName",
            "AWS::Logs::LogGroup": "LogGroupName",
            "AWS::StepFunctions::StateMachine": "StateMachineName",
        }
        return [names(organized, kind, name) for kind, name in kinds.items()]

    # A function of another name is another function, and the other stacks use the one that there is.
    assert others() == others(role_path="/teams/search/")


@pytest.mark.parametrize("prefix", ["", "-a", "1a", "a" * 21, "a_b", "ä"])
def test_refuses_a_prefix_that_is_none(prefix: str) -> None:
    with pytest.raises(ValueError, match=saying(1, 20)):
        ResourceNaming(prefix=prefix)


@pytest.mark.parametrize("path", ["", "/", "a/", "/a", "/a//b/", "/a b/"])
def test_refuses_a_role_path_that_is_none(path: str) -> None:
    with pytest.raises(ValueError, match="slash"):
        ResourceNaming(role_path=path)


def test_another_app_can_have_its_names_so() -> None:
    app = App(builtin_cloud_formation_validation=False)
    stack = Stack(app, "Foreign")
    Aspects.of(app).add(ResourceNaming(prefix="acme-", role_path="/own/"))
    iam.Role(stack, "A" * 80, assumed_by=iam.AccountRootPrincipal())
    (role,) = (each["Properties"] for each in to_json(stack)["Resources"].values())
    assert role["Path"] == "/own/"
    assert len(role["RoleName"]) == 64


# --- logs and networks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 90, 3653])
def test_every_log_group_is_kept_as_long_as_it_says_and_encrypted(organize: Organize, days: int) -> None:
    groups = organize(log_retention_days=days).resources("AWS::Logs::LogGroup")
    assert len(groups) >= 7
    assert {each["RetentionInDays"] for each in groups} == {days}
    assert all("KmsKeyId" in each for each in groups)


def test_knows_what_cloudwatch_logs_and_the_cdk_know() -> None:
    stack = Stack(App(builtin_cloud_formation_validation=False), "Logs")
    for days, name in LOG_RETENTION_DAYS.items():
        logs.LogGroup(stack, f"Days{days}", retention=logs.RetentionDays[name])
    kept = {name: each["Properties"]["RetentionInDays"] for name, each in to_json(stack)["Resources"].items()}
    assert len(kept) == len(LOG_RETENTION_DAYS)
    assert all(name.startswith(f"Days{days}") for name, days in kept.items())
    assert {each.name for each in logs.RetentionDays} == {*LOG_RETENTION_DAYS.values(), "INFINITE"}


def test_every_function_is_in_its_network_and_no_training(organize: Organize) -> None:
    organized = organize(function_vpc=VPC)
    functions = organized.resources("AWS::Lambda::Function")
    assert len(functions) >= 6
    for each in functions:
        assert each["VpcConfig"]["SubnetIds"] == VPC["subnet_ids"]
    (job,) = organized.resources(contract.MODEL_CUSTOMIZATION)
    assert "SubnetIds" not in job


def test_the_training_is_in_its_network_and_no_function(organize: Organize) -> None:
    organized = organize(job_vpc=VPC)
    (job,) = organized.resources(contract.MODEL_CUSTOMIZATION)
    assert (job["SubnetIds"], job["SecurityGroupIds"]) == (VPC["subnet_ids"], VPC["security_group_ids"])
    assert not [each for each in organized.resources("AWS::Lambda::Function") if "VpcConfig" in each]
    held = organized.grants()["dev/Foundation/ServiceRole/Role"]
    assert "ec2:CreateNetworkInterface" in {each.action for each in held}


def test_the_network_changes_no_training_id(organize: Organize) -> None:
    ids = {
        organize(**table).resources(contract.MODEL_CUSTOMIZATION)[0]["TrainingId"] for table in ({}, {"job_vpc": VPC})
    }
    assert len(ids) == 1


# --- what is given is used as it is ------------------------------------------------------------------------------


def test_given_keys_encrypt_everything_and_are_not_made(organize: Organize) -> None:
    organized = organize(key_arn=KEY, operations_key_arn=OPERATIONS_KEY)
    assert organized.resources("AWS::KMS::Key", "AWS::KMS::Alias") == []
    (job,) = organized.resources(contract.MODEL_CUSTOMIZATION)
    assert job["CustomModelKmsKeyArn"] == KEY
    assert {each["KmsKeyId"] for each in organized.resources("AWS::Logs::LogGroup")} == {OPERATIONS_KEY}
    (table,) = organized.resources("AWS::DynamoDB::Table")
    assert table["SSESpecification"]["KMSMasterKeyId"] == OPERATIONS_KEY
    (workflow,) = organized.resources("AWS::StepFunctions::StateMachine")
    assert workflow["EncryptionConfiguration"]["KmsKeyId"] == OPERATIONS_KEY
    keys = {each.resource for held in organized.grants().values() for each in held if each.action.startswith("kms:")}
    assert keys == {KEY, OPERATIONS_KEY}


def test_a_given_bucket_is_used_and_neither_made_nor_changed(organize: Organize) -> None:
    organized = organize(key_arn=KEY, bucket=BUCKET)
    assert organized.resources("AWS::S3::Bucket", "AWS::S3::BucketPolicy") == []
    (job,) = organized.resources(contract.MODEL_CUSTOMIZATION)
    assert job["OutputUri"] == f"s3://{BUCKET}/output/"
    held = organized.grants()["dev/Foundation/ServiceRole/Role"]
    written = {each.resource for each in held if each.action == "s3:PutObject"}
    assert written == {f"arn:aws:s3:::{BUCKET}/output/*"}


def test_a_given_service_role_is_passed_and_not_made(organize: Organize) -> None:
    organized = organize(service_role_arn=SERVICE_ROLE)
    trusted = [
        each["Principal"].get("Service")
        for role in organized.resources("AWS::IAM::Role")
        for each in role["AssumeRolePolicyDocument"]["Statement"]
    ]
    assert "bedrock.amazonaws.com" not in trusted
    (job,) = organized.resources(contract.MODEL_CUSTOMIZATION)
    assert job["RoleArn"] == SERVICE_ROLE
    passed = {each.resource for held in organized.grants().values() for each in held if each.action == "iam:PassRole"}
    assert passed == {SERVICE_ROLE}


def test_the_key_of_the_bootstrap_bucket_reaches_who_reads_the_files_in_it_and_nobody_else(organize: Organize) -> None:
    organized = organize(bootstrap_key=BOOTSTRAP_KEY)
    users = {
        (path, each.action)
        for path, held in organized.grants().items()
        for each in held
        if each.resource == BOOTSTRAP_KEY
    }
    assert users == {("dev/docstrings-Training/DatasetReader/Reader/Role", "kms:Decrypt")}
    plain = organize().templates()
    assert organized.templates()["Foundation"] == plain["Foundation"]


# --- roles that exist --------------------------------------------------------------------------------------------


@pytest.fixture
def role_names(organize: Organize) -> dict[str, str]:
    return organize().roles()


def test_with_roles_that_exist_nothing_in_iam_is_written(organize: Organize, role_names: dict[str, str]) -> None:
    organized = organize(roles=role_names)
    assert len(organize().iam_resources()) >= 16
    assert organized.iam_resources() == []
    arns = {f"arn:aws:iam::111122223333:role/{name}" for name in role_names.values()}
    used = {each["Role"] for each in organized.resources("AWS::Lambda::Function")}
    used |= {each["RoleArn"] for each in organized.resources("AWS::StepFunctions::StateMachine")}
    used |= {each["RoleArn"] for each in organized.resources(contract.MODEL_CUSTOMIZATION)}
    assert used == arns


def test_the_policy_report_says_of_each_role_what_our_own_would_be_allowed(
    organize: Organize, role_names: dict[str, str]
) -> None:
    own = organize().grants()
    arns = {f"({path}/Resource.Arn)": f"arn:aws:iam::111122223333:role/{role_names[use_of(path)]}" for path in own}
    report = organize(roles=role_names).policy_report()
    assert own.keys() <= report.keys()
    for path, held in own.items():
        reported = {each for statement in report[path]["identityPolicyStatements"] for each in grants_of(statement)}
        assert reported == {each._replace(resource=arns.get(each.resource, each.resource)) for each in held}, path
        assert report[path]["managedPolicyArns"] == []


def test_the_policy_report_says_whom_each_role_trusts(organize: Organize, role_names: dict[str, str]) -> None:
    report = organize(roles=role_names).policy_report()
    trust = report["dev/Foundation/ServiceRole/Role"]["assumeRolePolicy"]
    own = organize().templates()["Foundation"]["Resources"]
    (expected,) = (
        each["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        for name, each in own.items()
        if name.startswith("ServiceRole") and each["Type"] == "AWS::IAM::Role"
    )
    assert trust == expected


def test_a_role_that_is_not_named_is_told_and_the_report_is_written(
    organize: Organize, role_names: dict[str, str]
) -> None:
    del role_names["Foundation/ServiceRole"]
    organized = organize(roles=role_names)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        organized.app.synth()
    report = (organized.folder / "validation-report.json").read_text(encoding="utf-8")
    assert says(report, "organization.roles", "Foundation/ServiceRole")
    assert (organized.folder / "iam-policy-report.txt").exists()


@pytest.mark.parametrize("needless", ["Foundation/Servicerole", "Serving/DatasetReader/Reader"])
def test_a_role_that_is_not_needed_is_a_warning(organize: Organize, role_names: dict[str, str], needless: str) -> None:
    organized = organize(roles={**role_names, needless: "x"})
    organized.app.synth()
    report = json.loads((organized.folder / "validation-report.json").read_text(encoding="utf-8"))
    (found,) = (each for plugin in report["pluginReports"] for each in plugin["violations"])
    assert (found["severity"], found["ruleName"]) == ("warning", "Annotation::bedrock-tuning:needlessRole")
    assert says(found["description"], "organization.roles", needless)


def test_one_role_serves_the_dataset_functions_of_every_model(
    dev: Model, context: dict[str, Any], tmp_path: Path, role_names: dict[str, str]
) -> None:
    settings = elsewhere(dev, organization=Organization.model_validate({"roles": role_names}))
    models = tuple(settings.model_copy(update={"name": name}) for name in ("a", "a-b"))
    stage = stage_of(EnvironmentSettings(settings.environment, models), tmp_path, context)
    for name in ("a", "a-b"):
        template = to_json(stage.node.find_child(f"{name}-Training"))  # type: ignore[arg-type]
        functions = [each["Properties"] for each in resources_of_type(template, "AWS::Lambda::Function").values()]
        used = {each["Role"] for each in functions}
        assert used == {f"arn:aws:iam::111122223333:role/{role_names['Training/DatasetReader/Reader']}"}
        assert not resources_of_type(template, "AWS::IAM::Role") | resources_of_type(template, "AWS::IAM::Policy")
    app = stage.node.root
    assert isinstance(app, App)
    app.synth()  # raises when a role is missing


def test_with_roles_that_exist_other_pushed_data_asks_for_no_other_role(
    organize: Organize, dev: Model, role_names: dict[str, str]
) -> None:
    one, other = (organize(pushed(dev, digit), roles=role_names) for digit in "12")
    report = one.policy_report()
    assert "dev/docstrings-Training/DatasetReader/Reader/Role" in report
    assert other.policy_report() == report
    written = [(each.folder / "iam-policy-report.txt").read_text(encoding="utf-8") for each in (one, other)]
    assert written[0] == written[1]
    assert one.templates() != other.templates()


# --- all of it ---------------------------------------------------------------------------------------------------


KEPT: dict[str, Any] = {
    **EVERYTHING,
    "keep": {"key": True, "operations_key": True, "bucket": True, "service_role": "/"},
}
MOVED: dict[str, Any] = {"role_path": "/teams/search/", "keep": {"service_role": "/"}}


@pytest.mark.parametrize(
    "table", [EVERYTHING, KEPT, MOVED, "roles"], ids=["everything", "kept", "another role", "roles"]
)
def test_no_rule_is_broken(organize: Organize, role_names: dict[str, str], table: Any) -> None:
    keys = ("name_prefix", "key_arn", "operations_key_arn", "bucket", "function_vpc", "job_vpc")
    given = {key: EVERYTHING[key] for key in keys} | {"roles": role_names}
    organized = organize(**(given if table == "roles" else table))
    packs = (AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks)
    Validations.of(organized.app).add_plugins(*(pack(organized.app) for pack in packs), BedrockTuningChecks())
    organized.app.synth()  # raises when something is found


def test_without_given_roles_there_is_no_policy_report(organize: Organize) -> None:
    organized = organize()
    organized.app.synth()
    assert not (Path(organized.folder) / "iam-policy-report.txt").exists()


def test_the_owner_s_tags_are_on_everything_that_takes_tags(organize: Organize) -> None:
    tags = {"Owner": "search", "CostCentre": "1234"}
    organized = organize(tags=tags)
    tagged: set[str] = set()
    for template in organized.templates().values():
        for name, each in template["Resources"].items():
            if each["Type"] in UNTAGGABLE:
                continue
            held = each["Properties"].get("Tags", {})
            found = {tag["Key"]: tag["Value"] for tag in held} if isinstance(held, list) else held
            assert found.items() >= tags.items(), f"{name} of type {each['Type']}"
            tagged.add(each["Type"])
    assert {"AWS::IAM::Role", "AWS::KMS::Key", "AWS::S3::Bucket", contract.MODEL_CUSTOMIZATION} <= tagged
