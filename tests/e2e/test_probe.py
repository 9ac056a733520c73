"""`tune probe` against the local AWS: it answers as the register says, or as the file with which it was started."""

import json
import sys
from pathlib import Path
from typing import Final

import pytest

from sandbox.assumptions.answers import VERSION, AssumptionAnswers, read_answers
from sandbox.options import Options
from sandbox.server import Sandbox, running
from tests.e2e.project import Project, Run

pytestmark = pytest.mark.sandbox

OTHERWISE: Final = {"unknown-deployment": "ValidationException", "variant-tunable": "not-listed"}
# What needs something in the account, or another date; the emulator's EC2 knows no services with endpoints.
UNANSWERED: Final = {"found-by-name", "base-model-arn", "end-of-life-read", "quota-endpoint"}


def probe(sandbox: Sandbox, folder: Path, *arguments: str) -> Run:
    folder.mkdir()
    project = Project(sandbox, folder)
    try:
        return project.start(sys.executable, "-m", "tune", "probe", *arguments).wait()
    finally:
        project.end()


def test_the_local_aws_answers_as_the_register_says(project: Project, sandbox: Sandbox) -> None:
    before = sandbox.control("meter")["calls"]
    told = project.document(sys.executable, "-m", "tune", "probe", "local", "--json")
    answered = {each["id"]: each["answer"] for each in told["questions"] if each["answer"] is not None}
    assert answered == {name: AssumptionAnswers()[name] for name in answered}
    assert {each["id"] for each in told["questions"]} - answered.keys() <= UNANSWERED
    asked = {name for name, times in sandbox.control("meter")["calls"].items() if times > before.get(name, 0)}
    assert asked
    assert all(name.startswith(("Get", "List")) for name in asked)


def test_a_local_aws_that_is_started_with_a_file_of_answers_gives_them_back(tmp_path: Path) -> None:
    given, written = tmp_path / "given.json", tmp_path / "written.json"
    given.write_text(json.dumps({"version": VERSION, "answers": OTHERWISE}), encoding="utf-8")
    with running(Options(answers=read_answers(given).given)) as played:
        run = probe(played, tmp_path / "project", "--answers", str(written))
    assert run.code == 1, run.output
    assert read_answers(written).differing() == OTHERWISE
