"""The role that Bedrock assumes: who may assume it, and everything it may do."""

import json
from collections.abc import Callable
from typing import Final

from aws_cdk import Aspects

from bedrock_tuning import ResourceNaming, ServiceRole
from stacks.environment_stage import EnvironmentStage
from stacks.foundation_stack import FoundationStack
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack
from tests.synth.templates import Grant, Json, condition, grants, logical_id, properties, readable

# The trust relationship of the blog post that this project implements ("Fine-tune Anthropic's Claude 3 Haiku in
# Amazon Bedrock to boost model accuracy and quality"), word for word, with straight quotes.
PUBLISHED_TRUST: Final = """
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Service": "bedrock.amazonaws.com"
      },
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {
          "aws:SourceAccount": "account-id"
        },
        "ArnEquals": {
          "aws:SourceArn": "arn:aws:bedrock:us-west-2:account-id:model-customization-job/*"
        }
      }
    }
  ]
}
"""


def published_trust(account: str, region: str) -> Json:
    document: Json = json.loads(PUBLISHED_TRUST.replace("account-id", account).replace("us-west-2", region))
    return document


def test_is_assumed_exactly_as_published(foreign: ForeignStack) -> None:
    role = foreign.service_role
    trust = properties(foreign.template(), role)["AssumeRolePolicyDocument"]
    assert readable(trust) == published_trust(ACCOUNT, REGION)


def test_is_assumed_for_the_account_and_region_of_each_environment(
    stages: dict[str, EnvironmentStage], templates: dict[tuple[str, str], Json]
) -> None:
    for name, stage in stages.items():
        foundation = stage.node.find_child("Foundation")
        assert isinstance(foundation, FoundationStack)
        trust = properties(templates[name, "Foundation"], foundation.service_role)["AssumeRolePolicyDocument"]
        assert trust == published_trust(foundation.account, foundation.region)


def test_names_account_and_region_also_where_they_are_known_only_at_deployment(
    foreign_stack: Callable[..., ForeignStack],
) -> None:
    foreign = foreign_stack(account=None, region=None)
    role = foreign.service_role
    trust = readable(properties(foreign.template(), role)["AssumeRolePolicyDocument"])
    assert trust == published_trust("<AWS::AccountId>", "<AWS::Region>")


def test_may_do_only_what_a_training_needs(foreign: ForeignStack) -> None:
    role = foreign.service_role
    bucket = f"<{logical_id(foreign.data_store.bucket)}.Arn>"
    key = f"<{logical_id(foreign.data_store.key)}.Arn>"
    listed = condition(StringLike={"s3:prefix": ["train/*", "validation/*", "output/*"]})
    through_s3 = condition(StringEquals={"kms:ViaService": f"s3.{REGION}.amazonaws.com"})
    through_bedrock = condition(StringEquals={"kms:ViaService": f"bedrock.{REGION}.amazonaws.com"})
    assert grants(foreign.template(), role) == {
        Grant("s3:GetObject", f"{bucket}/train/*"),
        Grant("s3:GetObject", f"{bucket}/validation/*"),
        Grant("s3:GetObject", f"{bucket}/output/*"),
        Grant("s3:PutObject", f"{bucket}/output/*"),
        Grant("s3:ListBucket", bucket, listed),
        Grant("kms:Decrypt", key, through_s3),
        Grant("kms:GenerateDataKey", key, through_s3),
        Grant("kms:Decrypt", key, through_bedrock),
        Grant("kms:GenerateDataKey", key, through_bedrock),
        Grant("kms:DescribeKey", key, through_bedrock),
        Grant("kms:CreateGrant", key, through_bedrock),
    }


def test_may_touch_neither_test_data_nor_anything_at_large(foreign: ForeignStack) -> None:
    role = foreign.service_role
    held = grants(foreign.template(), role)
    assert held
    assert not [each for each in held if each.resource == "*" or "/test/" in each.resource or "*" in each.action]
    assert not [each for each in held if each.resource.endswith(".Arn>/*")]


def test_may_not_be_given_more_by_its_environment(
    stages: dict[str, EnvironmentStage], templates: dict[tuple[str, str], Json]
) -> None:
    for name, stage in stages.items():
        foundation = stage.node.find_child("Foundation")
        assert isinstance(foundation, FoundationStack)
        held = grants(templates[name, "Foundation"], foundation.service_role)
        assert {each.action.partition(":")[0] for each in held} == {"s3", "kms"}
        assert len(held) == 11


def test_has_a_path_of_its_own_whatever_others_have(foreign: ForeignStack) -> None:
    Aspects.of(foreign.app).add(ResourceNaming(prefix="acme-", role_path="/others/"))
    roles = [
        ServiceRole(foreign.stack, name, data_store=foreign.data_store, path=path).role
        for name, path in (("Root", "/"), ("Own", "/own/"), ("Other", None))
    ]
    template = foreign.template()
    assert [properties(template, each).get("Path") for each in roles] == [None, "/own/", "/others/"]
