"""Every permission exists: actions, the resource types that they support, and the conditions that they know."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_iam as iam

from bedrock_tuning.checks.policies import arns_overlap
from tests.synth.evaluation.evaluated import EVALUATION
from tests.synth.evaluation.evaluated import templates as templates_of_evaluated
from tests.synth.foreign import ForeignStack
from tests.synth.iam_reference import BEYOND_THE_REFERENCE, counted, exported_arns, problems
from tests.synth.templates import Json
from tests.unit.settings.evaluation_files import STRONGER

Templates = dict[tuple[str, str], Json]


def test_every_permission_of_every_stack_exists(templates: Templates) -> None:
    for (environment, stack), template in templates.items():
        exported = exported_arns(templates[environment, "Foundation"])
        assert problems(template, exported) == [], f"{environment}/{stack}"
    assert counted(templates["dev", "Foundation"]) > 20
    assert counted(templates["dev", "Training"]) > 3


def test_every_permission_of_an_application_exists(foreign: ForeignStack) -> None:
    role = iam.Role(foreign.stack, "Application", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    foreign.throughput().grant_invoke(role)
    assert problems(foreign.template()) == []


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("bedrock:GetCustomModel", "bedrock:GetCustomModle", "bedrock:GetCustomModle is no action"),
        ("kms:CreateGrant", "km:CreateGrant", "km:CreateGrant is no action"),
        (
            "bedrock:DeleteProvisionedModelThroughput",
            "bedrock:GetGuardrail",
            "does not support arn:aws:bedrock",
        ),
        ("bedrock:ListFoundationModels", "bedrock:GetFoundationModel", "but is granted on *"),
        ("states:DescribeExecution", "states:ListStateMachines", "supports no resource types, but is granted on"),
        ("kms:ViaService", "kms:ViaServices", "knows no condition kms:ViaServices"),
        ("iam:PassedToService", "iam:PassedService", "iam:PassRole knows no condition iam:PassedService"),
        ("kms:Decrypt*", "kms:Dekrypt*", "kms:Dekrypt* is no action"),
    ],
)
def test_a_permission_that_does_not_exist_is_found(templates: Templates, right: str, wrong: str, problem: str) -> None:
    text = json.dumps(templates["dev", "Foundation"])
    assert f'"{right}"' in text
    found = problems(json.loads(text.replace(f'"{right}"', f'"{wrong}"')))
    assert any(problem in each for each in found), found


def test_what_is_granted_beyond_the_reference_is_granted_and_has_a_reason(
    templates: Templates, foreign: ForeignStack
) -> None:
    role = iam.Role(foreign.stack, "Application", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
    foreign.throughput().grant_invoke(role)
    text = json.dumps([templates["local", "Foundation"], foreign.template()])
    for (action, resource_type), reason in BEYOND_THE_REFERENCE.items():
        assert f'"{action}"' in text
        assert f":{resource_type}/" in text
        assert len(reason.split()) > 5


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("arn:aws:s3:::bucket/train/*", "arn:*:s3:::*/*", True),
        ("arn:aws:s3:::bucket", "arn:*:s3:::*/*", False),
        ("arn:aws:logs:r:a:log-group:name:*", "arn:*:logs:*:*:log-group:*:log-stream:*", True),
        ("arn:aws:bedrock:r:a:custom-model/*", "arn:*:bedrock:*:*:guardrail/*", False),
        ("arn:aws:bedrock:r::foundation-model/*", "arn:*:bedrock:*::foundation-model/*", True),
        ("bucket", "arn:*:s3:::*", False),
    ],
)
def test_arns_overlap_where_one_resource_matches_both(one: str, other: str, expected: bool) -> None:
    assert arns_overlap(one, other) is expected
    assert arns_overlap(other, one) is expected


def test_every_permission_of_an_evaluation_exists(tmp_path: Path, context: dict[str, Any]) -> None:
    evaluation = {**EVALUATION, "metrics": [{"name": "own", "path": "own.py", "function": "score"}]}
    judge = {"model": STRONGER, "rubric": "rubric.md", "records": 1}
    made = templates_of_evaluated(tmp_path, context, ("evaluation", {**evaluation, "judge": judge}))
    exported = exported_arns(made["Foundation"])
    assert {kind: found for kind, each in made.items() if (found := problems(each, exported))} == {}
