"""The parts of the demo that need no sandbox."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.conftest import ROOT
from tests.support.messages import saying, says
from tests.unit.tune.aws_stand_in import SERVING, Bedrock, CloudFormation, NoStores, target
from tune.account.inventory import FoundationStore
from tune.account.items import InventoryItem
from tune.demo import answers, checks, processes, rendering
from tune.demo.cdk_output import CdkProgress
from tune.demo.checks import DemoFailed
from tune.demo.progress import Progress
from tune.deployment.destroy import Teardown

DEPLOY = """
✨  Synthesis time: 9.09s

bedrock-tuning-local-Foundation: success: Built bedrock-tuning-local-Foundation Template
local/Foundation (bedrock-tuning-local-Foundation)
bedrock-tuning-local-Foundation: creating CloudFormation changeset...
local/Foundation (bedrock-tuning-local-Foundation): deploying... [1/3]
bedrock-tuning-local-Foundation |  1/36 | 7:41:14 AM | CREATE_COMPLETE | AWS::KMS::Key | local/Foundation/DataStore/Key

✅  local/Foundation (bedrock-tuning-local-Foundation)

local/docstrings-Training (bedrock-tuning-local-docstrings-Training): deploying... [2/3]
 ❌  local/docstrings-Training failed
"""


def story() -> tuple[Progress, io.StringIO]:
    file = io.StringIO()
    return Progress(Console(file=file, width=100, force_terminal=False)), file


def drawn(*renderables: Any) -> str:
    file = io.StringIO()
    target_console = Console(file=file, width=120, color_system=None)
    for renderable in renderables:
        target_console.print(renderable)
    return file.getvalue()


def test_the_clis_output_becomes_one_line_for_each_finished_stack() -> None:
    told, file = story()
    screen = CdkProgress(told, verbose=False)
    began = list[str]()
    screen.began = began.append
    screen.follow({"local/Foundation": "bucket and key"})
    screen.begin("cdk synth")
    for piece in (DEPLOY[:30], DEPLOY[30:101], DEPLOY[101:]):
        screen.output(piece)
    told.failed()
    lines = [line.split()[:2] for line in file.getvalue().splitlines()]
    assert lines == [["✓", "cdk"], ["✓", "local/Foundation"], ["✗", "local/docstrings-Training"]]
    assert began == ["cdk synth", "local/Foundation", "local/docstrings-Training"]
    assert "bucket and key" in file.getvalue()
    assert " ❌  local/docstrings-Training failed" in screen.lines


def test_a_destroy_is_told_as_steps_too() -> None:
    told, file = story()
    screen: Any = CdkProgress(told, verbose=False)
    screen.follow({SERVING: "seen gone"})
    cloudformation = CloudFormation({SERVING: "CREATE_COMPLETE"})
    assert Teardown(target(), {"cloudformation": cloudformation}.__getitem__, screen).run("serving") == 0
    assert file.getvalue().split()[:4] == ["✓", SERVING.removeprefix("bedrock-tuning-"), "seen", "gone"]


def test_verbose_shows_the_output_itself() -> None:
    told, file = story()
    CdkProgress(told, verbose=True).output("[bold]as it is\n")
    assert file.getvalue() == "[bold]as it is\n"


def test_finds_the_processes_of_a_group_or_session_that_live() -> None:
    assert processes.belongs("7 (a) b (c)) S 1 42 9 0", 42)
    assert processes.belongs("7 (python) S 1 9 42 0", 42)
    assert not processes.belongs("7 (python) S 42 9 9 0", 42)
    assert not processes.belongs("7 (python) Z 1 42 42 0", 42)
    assert os.getpid() in processes.of_group(os.getpgrp())


@pytest.mark.parametrize(("folder", "data_format"), [("messages", "messages"), ("converse", "converse")])
def test_questions_are_the_first_records_of_the_file(folder: str, data_format: str) -> None:
    path = ROOT / "examples" / "docstrings" / folder / "test.jsonl"
    first, second = answers.questions(path.read_bytes(), 2, data_format)
    assert first.subject.startswith("def ")
    assert first.prompt != second.prompt
    assert first.expected
    assert first.system == "You document Python code."


def test_questions_are_read_from_prompts_and_completions_too() -> None:
    data = b'{"prompt": "why?", "completion": "so"}\n'
    assert answers.questions(data, 2, "prompt_completion") == [answers.DemoQuestion("", "why?", "so")]


def test_both_answers_are_shown() -> None:
    question = answers.DemoQuestion("", "a\n\ndef f():", "so")
    shown = drawn(*rendering.answers([answers.AnsweredQuestion(question, "base", "[simulated] yes")]))
    assert "[simulated] yes" in shown
    assert "def f():" in shown


def test_a_file_is_a_link_where_there_are_links(tmp_path: Path) -> None:
    file = io.StringIO()
    Console(file=file, width=200, force_terminal=True).print(rendering.files([("curve", tmp_path / "a b.svg")]))
    assert f"{tmp_path.as_uri()}/a%20b.svg" in file.getvalue()
    assert drawn(rendering.files([("curve", Path("build/loss.svg"))])).split() == ["curve", "build/loss.svg"]


def test_how_far_a_step_is_takes_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.demo.progress._SECONDS_BETWEEN_LINES", 0.0)
    told, file = story()
    told.begin("asking")
    told.detail("answered: 12 of 30; " * 20)
    assert len(file.getvalue().splitlines()) == 1
    told.done("asked " * 40)
    assert len(file.getvalue().splitlines()) > 2


def test_the_bill_is_told_by_its_nature() -> None:
    asked = [{"inputTokens": 1000, "outputTokens": 200}, {"inputTokens": 30, "outputTokens": 4}]
    meter = {
        "jobs": [{}],
        "throughputs": [{}, {}],
        "trainedTokens": 151616,
        "modelUnitSeconds": 5400,
        "invocations": asked,
    }
    once, by_token, hourly, monthly = (text for _, text in rendering.bill(meter))
    assert says(once, "151,616 tokens", "estimated", "1 training")
    assert says(by_token, "1,234 tokens")
    assert says(hourly, "1.5", 2, "Provisioned Throughputs")
    assert monthly


def test_what_is_kept_is_shown_with_its_command() -> None:
    assert "$ remove it" in drawn(rendering.kept([InventoryItem("Key", "k", "by the month", "remove it")]))


def test_what_needs_no_command_has_no_prompt() -> None:
    assert "$" not in drawn(rendering.kept([InventoryItem("Key", "k", "is deleted soon", "")]))


def test_a_claim_that_does_not_hold_fails_the_demo() -> None:
    checks.expect(condition=True, otherwise="never")
    services: dict[str, Any] = {"bedrock": Bedrock({}), "cloudformation": CloudFormation({})}
    services |= dict.fromkeys(("s3", "kms"), NoStores())
    with pytest.raises(DemoFailed, match=r"docstrings-local-"):
        checks.kept(services.__getitem__, target(), FoundationStore(("b",), ("k",)))
    with pytest.raises(DemoFailed, match=saying("bucket", "key")):
        checks.kept(services.__getitem__, target(), FoundationStore())
