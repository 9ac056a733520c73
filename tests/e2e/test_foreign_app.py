"""The installed package in somebody else's app, deployed by the real CDK CLI: a model is trained, once, and served."""

import shutil
from pathlib import Path

import pytest

from sandbox import cdk
from sandbox.server import ACCOUNT, Sandbox
from tests.conftest import ROOT
from tests.e2e.account import Account
from tests.e2e.project import QUICK, Project
from tests.support import package

pytestmark = pytest.mark.sandbox

APP = Path(__file__).with_name("foreign_app.py")
DATA = ROOT / "examples" / "docstrings" / "converse" / "train.jsonl"
REGION = "us-east-1"  # that of the base model


def test_a_foreign_app_trains_a_model_once_and_serves_it(project: Project, sandbox: Sandbox) -> None:
    cdk.bootstrap(sandbox, REGION, variables=QUICK)
    data = project.fresh("data").with_suffix(".jsonl")
    data.write_bytes(DATA.read_bytes())
    output = str(project.fresh("assembly"))
    python = package.install(
        package.build_wheel(project.fresh("wheel")), project.fresh("installed"), pins="requirements.txt"
    )
    app = shutil.copy(APP, project.fresh("theirs").with_suffix(".py"))
    context = [
        f"--context={name}={value}" for name, value in {"account": ACCOUNT, "region": REGION, "data": str(data)}.items()
    ]
    command = (cdk.CDK, "deploy", "Foreign", "--app", f"{python} {app}", "--output", output, *context)

    first = project.start(*command, "--require-approval", "never").wait()
    assert first.code == 0, first.output
    theirs = Account(sandbox, "theirs", name="foreign", region=REGION)
    (job,) = theirs.jobs()
    assert job["status"] == "Completed"
    outputs = theirs.cloudformation.describe_stacks(StackName="Foreign")["Stacks"][0]["Outputs"]
    assert {each["OutputKey"]: each["OutputValue"] for each in outputs} == {
        "TrainingName": job["jobName"],
        "ModelId": theirs.deployment()["customModelDeploymentArn"],
    }

    again = project.start(*command, "--require-approval", "never").wait()
    assert again.code == 0, again.output
    assert (len(theirs.jobs()), len(theirs.deployments())) == (1, 1)
