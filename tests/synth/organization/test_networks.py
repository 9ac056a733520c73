"""Trainings and functions inside a VPC: what the templates say, and what the roles may do there."""

from collections.abc import Callable

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks

from bedrock_lifecycle import contract
from bedrock_tuning import BedrockTuningChecks, FunctionSettings, ServiceRole, VpcConfig
from sandbox import job_network
from tests.support.messages import saying
from tests.synth.acknowledgements import acknowledgements
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack
from tests.synth.iam_reference import problems
from tests.synth.templates import Grant, condition, grants, logical_id, properties, resources_of_type

NETWORK = VpcConfig(
    subnet_ids=("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"), security_group_ids=("sg-0123456789abcdef0",)
)
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
JOBS = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-customization-job/*"
SUBNETS = [f"{EC2}:subnet/{each}" for each in NETWORK.subnet_ids]
FUNCTION_ACTIONS = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}

Foreign = Callable[..., ForeignStack]


@pytest.fixture
def networked(foreign_stack: Foreign) -> ForeignStack:
    """Everything inside the network."""
    foreign = foreign_stack(functions=FunctionSettings(vpc_config=NETWORK), vpc_config=NETWORK)
    assert foreign.customization(vpc_config=NETWORK)
    assert foreign.throughput()
    return foreign


def ec2_grants(foreign: ForeignStack, role: iam.IRole) -> set[Grant]:
    return {each for each in grants(foreign.template(), role) if each.action.startswith("ec2:")}


# --- the job -----------------------------------------------------------------------------------------------------


def test_a_training_says_its_network_and_needs_a_foundation_that_knows_networks(networked: ForeignStack) -> None:
    (job,) = resources_of_type(networked.template(), contract.MODEL_CUSTOMIZATION).values()
    given = job["Properties"]
    assert given["SubnetIds"] == list(NETWORK.subnet_ids)
    assert given["SecurityGroupIds"] == list(NETWORK.security_group_ids)
    assert given["ContractVersion"] == contract.VPC_CONTRACT_VERSION


def test_a_training_without_a_network_says_nothing_of_it(foreign: ForeignStack) -> None:
    job = foreign.customization()
    given = properties(foreign.template(), job.resource)
    assert not given.keys() & {"SubnetIds", "SecurityGroupIds"}
    assert given["ContractVersion"] == "1"


def test_the_network_is_no_part_of_the_identity(foreign_stack: Foreign) -> None:
    ids = {foreign_stack().customization(vpc_config=network).training_id for network in (None, NETWORK)}
    assert len(ids) == 1


def test_the_service_role_may_make_interfaces_of_jobs_in_these_subnets_alone(foreign: ForeignStack) -> None:
    role = ServiceRole(foreign.stack, "Role", data_store=foreign.data_store, vpc_config=NETWORK).role
    interfaces = f"{EC2}:network-interface/*"
    of_jobs = condition(
        StringEquals={"aws:RequestTag/BedrockManaged": "true"},
        ArnEquals={"aws:RequestTag/BedrockModelCustomizationJobArn": JOBS},
    )
    theirs = condition(
        ArnEquals={"ec2:Subnet": SUBNETS, "ec2:ResourceTag/BedrockModelCustomizationJobArn": JOBS},
        StringEquals={"ec2:ResourceTag/BedrockManaged": "true"},
    )
    tagging: dict[str, dict[str, object]] = {
        "StringEquals": {"ec2:CreateAction": "CreateNetworkInterface"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["BedrockManaged", "BedrockModelCustomizationJobArn"]},
    }
    described = ("NetworkInterfaces", "Vpcs", "DhcpOptions", "Subnets", "SecurityGroups")
    assert ec2_grants(foreign, role) == {
        *(Grant(f"ec2:Describe{each}", "*") for each in described),
        Grant("ec2:CreateNetworkInterface", interfaces, of_jobs),
        *(Grant("ec2:CreateNetworkInterface", each) for each in SUBNETS),
        Grant("ec2:CreateNetworkInterface", f"{EC2}:security-group/sg-0123456789abcdef0"),
        Grant("ec2:CreateNetworkInterfacePermission", interfaces, theirs),
        Grant("ec2:DeleteNetworkInterface", interfaces, theirs),
        Grant("ec2:DeleteNetworkInterfacePermission", interfaces, theirs),
        Grant("ec2:CreateTags", interfaces, condition(**tagging)),
    }


def test_the_service_role_without_a_network_may_do_nothing_there(foreign: ForeignStack) -> None:
    role = foreign.service_role
    assert ec2_grants(foreign, role) == set()


def test_every_permission_for_networks_exists(networked: ForeignStack) -> None:
    found = problems(networked.template())
    # Lambda asks for these on everything (Lambda developer guide, "Giving Lambda functions access to an Amazon VPC").
    assert {each.split(": ")[1].split()[0] for each in found} <= FUNCTION_ACTIONS
    assert not [each for each in found if logical_id(networked.service_role) in each]


def test_the_sandbox_asks_for_what_the_service_role_is_given(foreign: ForeignStack) -> None:
    role = ServiceRole(foreign.stack, "Role", data_store=foreign.data_store, vpc_config=NETWORK).role
    job = JOBS.replace("*", "any")
    asked = {each.action for each in job_network.requests(job, NETWORK.subnet_ids, NETWORK.security_group_ids)}
    assert asked <= {each.action for each in ec2_grants(foreign, role)}


# --- the functions -----------------------------------------------------------------------------------------------


def test_every_function_runs_in_the_network(networked: ForeignStack) -> None:
    functions = resources_of_type(networked.template(), "AWS::Lambda::Function")
    assert len(functions) == 6
    for each in functions.values():
        assert each["Properties"]["VpcConfig"] == {
            "SubnetIds": list(NETWORK.subnet_ids),
            "SecurityGroupIds": list(NETWORK.security_group_ids),
        }


def test_every_function_may_make_its_interfaces(networked: ForeignStack) -> None:
    template = networked.template()
    functions = resources_of_type(template, "AWS::Lambda::Function").values()
    for role in {each["Properties"]["Role"]["Fn::GetAtt"][0] for each in functions}:
        (policy,) = (
            each["Properties"]["PolicyDocument"]["Statement"]
            for each in resources_of_type(template, "AWS::IAM::Policy").values()
            if {"Ref": role} in each["Properties"]["Roles"]
        )
        allowed = {action for each in policy if each.get("Sid") == "RunInTheNetwork" for action in each["Action"]}
        assert allowed == FUNCTION_ACTIONS


def test_no_function_is_in_a_network_by_default(foreign: ForeignStack) -> None:
    assert foreign.customization()
    functions = resources_of_type(foreign.template(), "AWS::Lambda::Function")
    assert functions
    assert not [each for each in functions.values() if "VpcConfig" in each["Properties"]]


def test_no_pack_finds_anything_and_nothing_says_that_functions_are_outside(networked: ForeignStack) -> None:
    packs = (AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks)
    app = networked.app
    Validations.of(app).add_plugins(*(pack(app) for pack in packs), BedrockTuningChecks())
    app.synth()  # raises when something is found
    assert not [each for each in acknowledgements(app) if "LambdaInsideVPC" in each.finding]


def test_logs_are_kept_as_long_as_the_organization_says(foreign_stack: Foreign) -> None:
    foreign = foreign_stack(functions=FunctionSettings(log_retention=logs.RetentionDays.SIX_MONTHS))
    assert foreign.customization()
    assert foreign.throughput()
    groups = resources_of_type(foreign.template(), "AWS::Logs::LogGroup")
    assert len(groups) == 7
    assert {each["Properties"]["RetentionInDays"] for each in groups.values()} == {180}


# --- what is no network ------------------------------------------------------------------------------------------

ONE, GROUP = ("subnet-0123456789abcdef0",), ("sg-0123456789abcdef0",)


@pytest.mark.parametrize(
    ("subnets", "groups", "named"),
    [
        ((), GROUP, ["`subnet_ids`", 0, "1 to 16"]),
        (ONE * 17, GROUP, ["`subnet_ids`", 17, "1 to 16"]),
        (ONE, (), ["`security_group_ids`", 0, "1 to 5"]),
        (ONE, GROUP * 6, ["`security_group_ids`", 6, "1 to 5"]),
        (("vpc-0123456789abcdef0",), GROUP, ["`subnet_ids`", "'vpc-0123456789abcdef0'", "subnet-0123456789abcdef0"]),
        (ONE, ("default",), ["`security_group_ids`", "'default'", "sg-0123456789abcdef0"]),
    ],
)
def test_refuses_what_is_no_network(subnets: tuple[str, ...], groups: tuple[str, ...], named: list[object]) -> None:
    with pytest.raises(ValueError, match=saying(*named)):
        VpcConfig(subnet_ids=subnets, security_group_ids=groups)


@pytest.mark.parametrize("count", [1, 16])
def test_takes_up_to_16_subnets_and_5_security_groups(count: int) -> None:
    assert VpcConfig(subnet_ids=ONE * count, security_group_ids=GROUP * min(count, 5))


def test_takes_a_vpc_of_the_cdk() -> None:
    stack = Stack(App(builtin_cloud_formation_validation=False), "Network")
    vpc = ec2.Vpc(stack, "Vpc")
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    chosen = vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
    assert VpcConfig(subnet_ids=chosen.subnet_ids, security_group_ids=[group.security_group_id])
