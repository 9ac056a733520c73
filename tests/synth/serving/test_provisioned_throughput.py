"""A purchase: what it takes to make one, and what it hands to applications."""

import inspect
from typing import Any

import pytest
from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from bedrock_lifecycle import contract
from bedrock_tuning import DataStore, ProvisionedThroughput
from tests.support.messages import saying
from tests.synth.foreign import ACCOUNT, HAIKU, REGION, ForeignStack, RefusingStack
from tests.synth.templates import Grant, condition, grants, logical_id, properties, readable, resource

INVOKING = ("InvokeModel", "InvokeModelWithResponseStream")


def test_has_no_default_for_model_units() -> None:
    parameter = inspect.signature(ProvisionedThroughput.__init__).parameters["model_units"]
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
    assert parameter.default is inspect.Parameter.empty


def test_says_everything_that_bedrock_is_to_be_told(foreign: ForeignStack) -> None:
    throughput = foreign.throughput(model_units=3, attempt=2, tags={"b": "2", "a": "1"})
    assert readable(properties(foreign.template(), throughput.resource)) == {
        "ServiceToken": f"<{logical_id(foreign.workflow.front_door.function)}.Arn>",
        "ContractVersion": contract.CONTRACT_VERSION,
        "Name": "docstrings",
        "Environment": "dev",
        "BaseModel": HAIKU.id,
        "TrainingId": "0123456789ab",
        "Attempt": "2",
        "ModelUnits": "3",
        "CustomModelKmsKeyArn": f"<{logical_id(foreign.data_store.key)}.Arn>",
        "Quotas": {"ModelUnits": "L-EF415EF6", "UncommittedModelUnits": "L-BE77399C"},
        "DetachWhenCommitted": "false",
        "ServedModel": "ProvisionedThroughput",
        "Reconcile": "0",
        "Tags": {"a": "1", "b": "2"},
    }


def test_is_its_own_resource_type_and_goes_with_its_stack(foreign: ForeignStack) -> None:
    throughput = foreign.throughput()
    bought = resource(foreign.template(), throughput.resource)
    assert bought["Type"] == "Custom::BedrockProvisionedThroughput"
    assert (bought["DeletionPolicy"], bought["UpdateReplacePolicy"]) == ("Delete", "Delete")


@pytest.mark.parametrize(
    "policy", [RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE], ids=lambda its: its.name
)
def test_tells_its_function_of_a_policy_that_keeps_it(foreign: ForeignStack, policy: RemovalPolicy) -> None:
    throughput = foreign.throughput()
    throughput.resource.apply_removal_policy(policy)
    assert properties(foreign.template(), throughput.resource)["Retained"] == "true"


@pytest.mark.parametrize("duration", ["OneMonth", "SixMonths"])
def test_commits_when_the_commitment_is_acknowledged(foreign: ForeignStack, duration: str) -> None:
    throughput = foreign.throughput(commitment_duration=duration, acknowledge_commitment=duration)
    given = properties(foreign.template(), throughput.resource)
    assert (given["CommitmentDuration"], given["AcknowledgeCommitment"]) == (duration, duration)


@pytest.mark.parametrize(
    "terms",
    [
        {"commitment_duration": "OneMonth"},
        {"acknowledge_commitment": "OneMonth"},
        {"commitment_duration": "SixMonths", "acknowledge_commitment": "OneMonth"},
    ],
    ids=str,
)
def test_refuses_a_commitment_that_is_said_only_once(refusing: RefusingStack, terms: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=saying("acknowledge_commitment")):
        refusing.throughput(**terms)


def test_refuses_a_commitment_that_bedrock_does_not_sell(refusing: RefusingStack) -> None:
    with pytest.raises(ValueError, match=saying("`commitment_duration`", "'OneYear'", "OneMonth, SixMonths")):
        refusing.throughput(commitment_duration="OneYear", acknowledge_commitment="OneYear")


def test_stays_when_its_stack_goes_only_when_asked_to(foreign: ForeignStack) -> None:
    throughput = foreign.throughput(detach_when_committed=True)
    assert properties(foreign.template(), throughput.resource)["DetachWhenCommitted"] == "true"


@pytest.mark.parametrize("keep_models", [1, 100])
def test_keeps_as_many_models_of_one_owner_as_asked_to(foreign: ForeignStack, keep_models: int) -> None:
    throughput = foreign.throughput(keep_models=keep_models, model_owner="arn:of:a:stack")
    given = properties(foreign.template(), throughput.resource)
    assert (given["KeepModels"], given["ModelOwner"]) == (str(keep_models), "arn:of:a:stack")


@pytest.mark.parametrize("keep_models", [0, 101])
def test_refuses_to_keep_no_model_or_more_than_an_account_holds(refusing: RefusingStack, keep_models: int) -> None:
    with pytest.raises(ValueError, match=saying("`keep_models`", keep_models, 1, 100)):
        refusing.throughput(keep_models=keep_models, model_owner="arn:of:a:stack")


def test_refuses_to_delete_models_whose_owner_it_is_not_told(refusing: RefusingStack) -> None:
    with pytest.raises(ValueError, match=saying("`keep_models`", "`model_owner`")):
        refusing.throughput(keep_models=3)


@pytest.mark.parametrize("model_units", [0, -1])
def test_refuses_to_buy_nothing(refusing: RefusingStack, model_units: int) -> None:
    with pytest.raises(ValueError, match=saying("`model_units`", model_units, 1)):
        refusing.throughput(model_units=model_units)


def test_refuses_a_base_model_that_is_not_served_so(foreign: ForeignStack) -> None:
    on_demand = HAIKU.model_copy(update={"serving": HAIKU.serving.model_copy(update={"provisioned_throughput": None})})
    with pytest.raises(ValueError, match=saying("provisioned_throughput", "Claude 3 Haiku")):
        foreign.throughput(base_model=on_demand)


@pytest.mark.parametrize("changes", [{"name": "a_b"}, {"environment": "Dev"}], ids=str)
def test_refuses_names_that_bedrock_does_not_take(refusing: RefusingStack, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(changes))}`"):
        refusing.throughput(**changes)


def test_tells_applications_the_model_id_in_a_parameter(foreign: ForeignStack) -> None:
    throughput = foreign.throughput()
    assert readable(properties(foreign.template(), throughput.parameter)) == {
        "Description": "modelId for invoking the fine-tuned model with Amazon Bedrock",
        "Name": "/bedrock-tuning/dev/docstrings/model-id",
        "Type": "String",
        "Value": f"<{logical_id(throughput.resource)}.ProvisionedModelArn>",
    }


def test_takes_another_name_for_the_parameter(foreign: ForeignStack) -> None:
    throughput = foreign.throughput(parameter_name="/team/model")
    assert properties(foreign.template(), throughput.parameter)["Name"] == "/team/model"


def test_lets_an_application_invoke_this_model_and_nothing_else(foreign: ForeignStack) -> None:
    throughput = foreign.throughput()
    role = iam.Role(foreign.stack, "Application", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    throughput.grant_invoke(role).assert_success()
    model = f"<{logical_id(throughput.resource)}.ProvisionedModelArn>"
    key = f"<{logical_id(foreign.data_store.key)}.Arn>"
    # The reference is the parameter's name, which begins with the slash.
    parameter = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter<{logical_id(throughput.parameter)}>"
    through_bedrock = condition(StringEquals={"kms:ViaService": f"bedrock.{REGION}.amazonaws.com"})
    assert grants(foreign.template(), role) == {
        *(Grant(f"bedrock:{each}", model) for each in INVOKING),
        *(Grant(f"bedrock:{each}", f"arn:aws:bedrock:{REGION}:{ACCOUNT}:project/default") for each in INVOKING),
        Grant("bedrock:GetProvisionedModelThroughput", model),
        Grant(
            "bedrock:GetCustomModel", f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model/{HAIKU.foundation_model_id}*"
        ),
        Grant("kms:Decrypt", key, through_bedrock),
        Grant("kms:GenerateDataKey", key, through_bedrock),
        Grant("ssm:GetParameter", parameter),
    }


def test_lets_the_lifecycle_and_an_application_use_the_further_keys_through_bedrock(foreign: ForeignStack) -> None:
    other = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    given = kms.Key.from_key_arn(foreign.stack, "Other", other)
    foreign.data_store = DataStore(foreign.stack, "DataStore", model_keys=[given])
    throughput = foreign.throughput()
    role = iam.Role(foreign.stack, "Application", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    throughput.grant_invoke(role).assert_success()
    template = foreign.template()
    assert properties(template, throughput.resource)["ServedModelKmsKeyArns"] == [other]

    def on_other(holder: iam.Role) -> set[Grant]:
        return {each for each in grants(template, holder) if each.resource == other}

    through_bedrock = condition(StringEquals={"kms:ViaService": f"bedrock.{REGION}.amazonaws.com"})
    invoking = {Grant(f"kms:{each}", other, through_bedrock) for each in ("Decrypt", "GenerateDataKey")}
    assert on_other(role) == invoking
    making = {Grant("kms:CreateGrant", other, through_bedrock), Grant("kms:DescribeKey", other)}
    assert on_other(foreign.serving.function.role) == invoking | making
    assert not on_other(foreign.training.function.role)
    # What the bucket holds since it had that key.
    through_s3 = condition(StringEquals={"kms:ViaService": f"s3.{REGION}.amazonaws.com"})
    assert on_other(foreign.service_role) == {Grant("kms:Decrypt", other, through_s3)}
