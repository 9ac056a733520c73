"""The CDK CLI's lines about wait steps: the first one's and failures are shown, a prompt is never held back."""

import sys
from pathlib import Path

import pytest

from tests.unit.tune.aws_stand_in import Lines
from tune.deployment import cdk_cli
from tune.deployment.wait_steps import WaitStepFilter


def event(step: int, status: str = "CREATE_COMPLETE", kind: str = "Training", color: str = "") -> str:
    end = "\x1b[39m" if color else ""
    path = f"{color}dev/faq-Training/{kind}Await/Await{step}/Default{end} ({kind}Await{step}0FB23DFC6)"
    return f"faq | {step}/20 | 10:12:01 AM | {color}{status:<20}{end} | Custom::Bedrock{kind}Await{'':9} | {path} \n"


OTHER = "faq | 1/20 | 10:12:01 AM | CREATE_COMPLETE      | AWS::IAM::Policy | dev/faq-Training/Await2/Default \n"


@pytest.mark.parametrize("color", ["", "\x1b[32m"])
@pytest.mark.parametrize("kind", ["Training", "Evaluation"])
def test_of_many_wait_steps_the_first_is_shown(kind: str, color: str) -> None:
    states = ("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE")
    text = "".join(event(step, state, kind, color) for step in range(1, 17) for state in states)
    assert WaitStepFilter().passed(text) == "".join(event(1, state, kind, color) for state in states)


def test_a_failure_and_everything_else_is_shown() -> None:
    failed = event(7, "CREATE_FAILED")
    text = f"{OTHER}{event(6)}{failed}\nFailed resources:\n{failed}"
    assert WaitStepFilter().passed(text) == f"{OTHER}{failed}\nFailed resources:\n{failed}"


def test_output_in_pieces_is_that_of_the_whole_and_a_prompt_passes_at_once() -> None:
    begins = event(3).index(" | ") + 3
    for cut in range(begins, len(event(3))):
        found = WaitStepFilter()
        assert found.passed(event(3)[:cut]) + found.passed(f"{event(3)[cut:]}{OTHER}") == OTHER
    found = WaitStepFilter()
    assert found.passed("Do you wish to deploy these changes (y/n) ") == "Do you wish to deploy these changes (y/n) "
    assert found.passed("y\n") == "y\n"
    assert found.passed(f"{event(2)}next") == "next"


def test_of_a_line_whose_beginning_was_shown_the_rest_is_too() -> None:
    found = WaitStepFilter()
    assert found.passed("fa") + found.passed(event(3)[2:]) == event(3)
    assert found.passed(event(4)) == ""


def test_the_cli_shows_what_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdk").write_text(
        f"#!{sys.executable}\nprint({(OTHER + event(2))!r}, end='')\nprint('half | a line', end='')\n"
    )
    (tmp_path / "cdk").chmod(0o700)
    monkeypatch.setattr(cdk_cli, "CDK", tmp_path / "cdk")
    screen = Lines()
    assert cdk_cli.CdkCli(screen, {}).run(["deploy"]) == 0
    assert "".join(screen.said) == f"{OTHER}half | a line\n"
