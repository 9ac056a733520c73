"""A role for another account: whom it trusts, what it may do, and that both follow what serves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import Aspects

from bedrock_tuning import ModelAccess, ResourceNaming
from bedrock_tuning.serving.served_model import ServedModel
from tests.support.messages import saying
from tests.synth.foreign import ACCOUNT, NOVA_MICRO, ForeignStack
from tests.synth.templates import Grant, condition, grants, logical_id, properties, readable

OTHER: Final = "222222222222"
PRINCIPALS: Final = [f"arn:aws:iam::{OTHER}:role/app/answers", f"arn:aws:iam::{OTHER}:user/somebody"]
REGION: Final = "us-east-1"
Serve = Callable[[ForeignStack], ServedModel]


def access(foreign: ForeignStack, served: ServedModel, **changes: Any) -> ModelAccess:
    given = {"account": OTHER, "principals": PRINCIPALS, "role_name": "invoker", **changes}
    return ModelAccess(foreign.stack, "Access", served_model=served, **given)


def on_demand(foreign: ForeignStack) -> ServedModel:
    return foreign.deployment()


def bought(foreign: ForeignStack) -> ServedModel:
    return foreign.throughput(base_model=NOVA_MICRO)


@pytest.fixture
def foreign(tmp_path: Path) -> ForeignStack:
    """A stack of another app, in a Region with both ways to serve."""
    return ForeignStack(tmp_path, region=REGION)


@pytest.mark.parametrize(
    ("organization", "condition_of_it"), [(None, {}), ("o-abcdefghij", {"aws:PrincipalOrgID": "o-abcdefghij"})]
)
def test_trusts_the_named_principals_of_the_account_alone(
    foreign: ForeignStack, organization: str | None, condition_of_it: dict[str, str]
) -> None:
    made = access(foreign, on_demand(foreign), organization_id=organization)
    held = properties(foreign.template(), made.role)
    (statement,) = held["AssumeRolePolicyDocument"]["Statement"]
    in_it = {"StringEquals": condition_of_it} if condition_of_it else {}
    assert readable(statement) == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Condition": {"ArnEquals": {"aws:PrincipalArn": PRINCIPALS}, **in_it},
    }
    assert held["RoleName"] == "invoker"


@pytest.mark.parametrize(
    ("serve", "arn", "reads"),
    [
        (on_demand, "CustomModelDeploymentArn", ()),
        (bought, "ProvisionedModelArn", ("bedrock:GetProvisionedModelThroughput",)),
    ],
)
def test_lets_the_role_invoke_what_serves_read_its_parameter_and_nothing_else(
    foreign: ForeignStack, serve: Serve, arn: str, reads: tuple[str, ...]
) -> None:
    served = serve(foreign)
    role = access(foreign, served).role
    what, own = f"<{logical_id(served.resource)}.{arn}>", f"arn:aws:bedrock:{REGION}:{ACCOUNT}"
    key = f"<{logical_id(foreign.data_store.key)}.Arn>"
    through_bedrock = condition(StringEquals={"kms:ViaService": f"bedrock.{REGION}.amazonaws.com"})
    invoking = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
    assert grants(foreign.template(), role) == {
        *(Grant(action, on) for action in invoking for on in (what, f"{own}:project/default")),
        Grant("bedrock:GetCustomModel", f"{own}:custom-model/{NOVA_MICRO.foundation_model_id}*"),
        *(Grant(action, what) for action in reads),
        Grant("kms:Decrypt", key, through_bedrock),
        Grant("kms:GenerateDataKey", key, through_bedrock),
        Grant("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter<{logical_id(served.parameter)}>"),
    }


def test_keeps_the_name_that_the_other_account_knows_and_takes_the_path(foreign: ForeignStack) -> None:
    made = access(foreign, on_demand(foreign))
    Aspects.of(foreign.stack).add(ResourceNaming(prefix="acme-", role_path="/teams/"))
    template = foreign.template()
    assert (properties(template, made.role)["RoleName"], properties(template, made.role)["Path"]) == (
        "invoker",
        "/teams/",
    )
    assert properties(template, foreign.service_role)["RoleName"].startswith("acme-")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"account": "123"}, "'123'"),
        ({"principals": []}, "none"),
        ({"principals": [f"arn:aws:iam::{OTHER}:role/*"]}, f"arn:aws:iam::{OTHER}:role/*"),
        ({"principals": [f"arn:aws:iam::{ACCOUNT}:role/a"]}, f"arn:aws:iam::{ACCOUNT}:role/a"),
        ({"principals": [f"arn:aws:iam::{OTHER}:root"]}, f"arn:aws:iam::{OTHER}:root"),
    ],
)
def test_refuses_whom_it_could_not_tell_apart(foreign: ForeignStack, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=saying(f"`{next(iter(changes))}`", named)):
        access(foreign, on_demand(foreign), **changes)
