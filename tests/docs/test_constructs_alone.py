"""The examples of constructs/README.md, as they stand there, are apps."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack, Validations
from aws_cdk import aws_iam as iam

import bedrock_tuning
from bedrock_lifecycle import contract
from tests.conftest import ROOT
from tests.docs import constructs_page
from tests.synth.foreign import ACCOUNT
from tests.synth.templates import resources_of_type, to_json

TRAIN = ROOT / "examples" / "docstrings" / "converse" / "train.jsonl"


EXAMPLES = constructs_page.examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=["at once", "from single constructs"])
def test_an_example_makes_what_it_says(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.jsonl").write_bytes(TRAIN.read_bytes())
    monkeypatch.chdir(tmp_path)
    app = App(builtin_cloud_formation_validation=False, outdir=str(tmp_path / "cdk.out"))
    stack = Stack(app, "Example", env=Environment(account=ACCOUNT, region="us-east-1"))
    application = iam.Role(stack, "Application", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    names: dict[str, Any] = {name: getattr(bedrock_tuning, name) for name in bedrock_tuning.__all__}
    names |= {"app": app, "stack": stack, "application": application, "Path": Path}
    exec(example, names | {"Duration": Duration, "Validations": Validations})
    template = to_json(stack)
    ((logical_id, job),) = resources_of_type(template, contract.MODEL_CUSTOMIZATION).items()
    rungs = resources_of_type(template, contract.TRAINING_AWAIT)
    (deployment,) = resources_of_type(template, contract.CUSTOM_MODEL_DEPLOYMENT).values()
    assert job["Properties"]["HyperParameters"] == {"epochCount": "2"}
    assert ("Serving" in job["Properties"]) is (example == EXAMPLES[0])
    assert logical_id in str(rungs)
    assert set(rungs) <= set(deployment["DependsOn"])
    assert deployment["Properties"]["TrainingId"] == job["Properties"]["TrainingId"]
    assert "bedrock:InvokeModel" in str(resources_of_type(template, "AWS::IAM::Policy"))
