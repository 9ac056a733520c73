"""A deployment: what it takes to make one, that it is told from a throughput by nothing an application sees."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match

from bedrock_lifecycle import contract
from tests.support.messages import saying
from tests.synth.foreign import ACCOUNT, HAIKU, NOVA_MICRO, ForeignStack
from tests.synth.templates import (
    Grant,
    condition,
    grants,
    logical_id,
    properties,
    readable,
    resource,
    resources_of_type,
)

INVOKING = ("InvokeModel", "InvokeModelWithResponseStream")
Foreign = Callable[..., ForeignStack]
REGION = "us-east-1"
MODEL_ARN = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model/{NOVA_MICRO.id}/abcdefghijkl"


@pytest.fixture
def foreign(tmp_path: Path) -> ForeignStack:
    """A stack of another app, where custom models can be deployed on demand."""
    return ForeignStack(tmp_path, region=REGION)


def test_says_everything_that_bedrock_is_to_be_told(foreign: ForeignStack) -> None:
    deployment = foreign.deployment(attempt=2, reconcile=3, tags={"b": "2", "a": "1"})
    assert readable(properties(foreign.template(), deployment.resource)) == {
        "ServiceToken": f"<{logical_id(foreign.workflow.front_door.function)}.Arn>",
        "ContractVersion": contract.CONTRACT_VERSION,
        "Name": "docstrings",
        "Environment": "dev",
        "BaseModel": NOVA_MICRO.id,
        "TrainingId": "0123456789ab",
        "Attempt": "2",
        "ServedModel": "CustomModelDeployment",
        "CustomModelKmsKeyArn": f"<{logical_id(foreign.data_store.key)}.Arn>",
        "Quotas": {"Deployments": "L-1EF80F3E"},
        "Reconcile": "3",
        "Tags": {"a": "1", "b": "2"},
    }


def test_is_its_own_resource_type_and_goes_with_its_stack(foreign: ForeignStack) -> None:
    deployment = foreign.deployment()
    made = resource(foreign.template(), deployment.resource)
    assert made["Type"] == "Custom::BedrockCustomModelDeployment"
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_refuses_a_base_model_that_is_not_served_so(foreign: ForeignStack) -> None:
    with pytest.raises(ValueError, match=saying("on_demand", "Claude 3 Haiku", "provisioned_throughput")):
        foreign.deployment(base_model=HAIKU)


@pytest.mark.parametrize("changes", [{"name": "a_b"}, {"environment": "Dev"}], ids=str)
def test_refuses_names_that_bedrock_does_not_take(foreign: ForeignStack, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(changes))}`"):
        foreign.deployment(**changes)


def test_keeps_as_many_models_of_one_owner_as_asked_to(foreign: ForeignStack) -> None:
    deployment = foreign.deployment(keep_models=2, model_owner="arn:of:a:stack")
    given = properties(foreign.template(), deployment.resource)
    assert (given["KeepModels"], given["ModelOwner"]) == ("2", "arn:of:a:stack")


def test_tells_applications_the_model_id_in_the_same_parameter_as_a_throughput(foreign: ForeignStack) -> None:
    deployment = foreign.deployment()
    assert readable(properties(foreign.template(), deployment.parameter)) == {
        "Description": "modelId for invoking the fine-tuned model with Amazon Bedrock",
        "Name": "/bedrock-tuning/dev/docstrings/model-id",
        "Type": "String",
        "Value": f"<{logical_id(deployment.resource)}.CustomModelDeploymentArn>",
    }


def test_a_role_of_another_stack_is_a_warning_since_it_would_hold_what_serves_as_it_is(foreign: ForeignStack) -> None:
    deployment = foreign.deployment()
    other = Stack(foreign.app, "Application", env=Environment(account=ACCOUNT, region=REGION))
    deployment.grant_invoke(iam.Role(other, "Role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")))
    [warning] = Annotations.from_stack(foreign.stack).find_warning("*", Match.string_like_regexp("Application/Role"))
    assert "iam.Role.from_role_name" in str(warning.entry.data)


def test_a_role_of_another_stack_is_granted_by_its_name_without_an_export(foreign: ForeignStack) -> None:
    deployment = foreign.deployment()
    deployment.grant_invoke(iam.Role.from_role_name(foreign.stack, "Application", "application"))
    assert Annotations.from_stack(foreign.stack).find_warning("*", Match.string_like_regexp("another stack")) == []
    template = foreign.template()
    policies = resources_of_type(template, "AWS::IAM::Policy").values()
    [policy] = [each for each in policies if each["Properties"].get("Roles") == ["application"]]
    assert "bedrock:InvokeModel" in str(policy)
    assert not any("ModelArn" in name or "DeploymentArn" in name for name in template.get("Outputs", {}))


def test_lets_an_application_invoke_this_model_and_nothing_else(foreign: ForeignStack) -> None:
    deployment = foreign.deployment()
    role = iam.Role(foreign.stack, "Application", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    deployment.grant_invoke(role).assert_success()
    model = f"<{logical_id(deployment.resource)}.CustomModelDeploymentArn>"
    key = f"<{logical_id(foreign.data_store.key)}.Arn>"
    through_bedrock = condition(StringEquals={"kms:ViaService": f"bedrock.{REGION}.amazonaws.com"})
    assert grants(foreign.template(), role) == {
        *(Grant(f"bedrock:{each}", model) for each in INVOKING),
        *(Grant(f"bedrock:{each}", f"arn:aws:bedrock:{REGION}:{ACCOUNT}:project/default") for each in INVOKING),
        Grant(
            "bedrock:GetCustomModel",
            f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model/{NOVA_MICRO.foundation_model_id}*",
        ),
        Grant("kms:Decrypt", key, through_bedrock),
        Grant("kms:GenerateDataKey", key, through_bedrock),
        Grant("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter<{logical_id(deployment.parameter)}>"),
    }


def test_lets_an_application_read_the_given_model_that_it_invokes_and_no_other(foreign: ForeignStack) -> None:
    given = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model/{NOVA_MICRO.id}/abcdefghijkl"
    deployment = foreign.deployment(training_id=None, model_arn=given)
    role = iam.Role(foreign.stack, "Application", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    deployment.grant_invoke(role).assert_success()
    reads = {each for each in grants(foreign.template(), role) if each.action.startswith("bedrock:Get")}
    assert reads == {Grant("bedrock:GetCustomModel", given)}


def test_the_lifecycle_is_told_from_when_on_a_given_model_has_to_be(foreign: ForeignStack) -> None:
    trained, given = foreign.deployment("Trained"), foreign.deployment("Given", training_id=None, model_arn=MODEL_ARN)
    template = foreign.template()
    assert "CustomizedFrom" not in properties(template, trained.resource)
    assert properties(template, given.resource)["CustomizedFrom"] == "2025-07-16"


def test_under_one_construct_id_the_parameter_is_one_resource_and_what_serves_is_two(foreign_stack: Foreign) -> None:
    bought, deployed = foreign_stack(region=REGION), foreign_stack(region=REGION)
    throughput = bought.throughput("Any", base_model=NOVA_MICRO)
    deployment = deployed.deployment("Any")
    assert logical_id(throughput.parameter) == logical_id(deployment.parameter)
    assert logical_id(throughput.resource) != logical_id(deployment.resource)
    names = [
        properties(stack.template(), serving.resource)["ServedModel"]
        for stack, serving in ((bought, throughput), (deployed, deployment))
    ]
    assert names == ["Any", "Any"]


def test_is_named_in_tags_by_its_place_in_the_stack_in_the_alphabet_of_tags(foreign: ForeignStack) -> None:
    deployment = foreign.deployment("Any (thing), ä")
    assert properties(foreign.template(), deployment.resource)["ServedModel"] == "Any--thing----"


# A model that is there already.


def test_serves_a_model_that_is_given(foreign: ForeignStack) -> None:
    deployment = foreign.deployment(training_id=None, model_arn=MODEL_ARN)
    given = properties(foreign.template(), deployment.resource)
    assert given["ModelArn"] == MODEL_ARN
    assert not given.keys() & {"TrainingId", "Attempt"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model_arn": MODEL_ARN}, ["`training_id`", "`model_arn`"]),
        ({"training_id": None}, ["`training_id`", "`model_arn`"]),
        ({"training_id": None, "model_arn": "any"}, ["'any'", "arn:aws:bedrock"]),
        (
            {"training_id": None, "model_arn": MODEL_ARN.replace(REGION, "eu-west-1")},
            ["`model_arn`", "eu-west-1", REGION, "copy"],
        ),
        (
            {"training_id": None, "model_arn": MODEL_ARN.replace(ACCOUNT, "444455556666")},
            ["`model_arn`", "444455556666", ACCOUNT, "copy"],
        ),
        (
            {"training_id": None, "model_arn": MODEL_ARN.replace("micro", "lite")},
            ["`model_arn`", "amazon.nova-lite-v1:0:128k", "amazon.nova-micro-v1:0:128k"],
        ),
        (
            {"training_id": None, "model_arn": MODEL_ARN, "keep_models": 2, "model_owner": "any"},
            ["`keep_models`", "`model_arn`", "leave"],
        ),
    ],
)
def test_refuses_a_given_model_that_does_not_fit(
    foreign: ForeignStack, changes: dict[str, Any], named: list[str]
) -> None:
    with pytest.raises(ValueError, match=saying(*named)):
        foreign.deployment(**changes)


def test_takes_a_given_model_in_a_stack_whose_place_is_not_known_yet(foreign_stack: Foreign) -> None:
    anywhere = foreign_stack(region=None, account=None)
    deployment = anywhere.deployment(training_id=None, model_arn=MODEL_ARN)
    assert properties(anywhere.template(), deployment.resource)["ModelArn"] == MODEL_ARN
