"""What a person sees: the CLI's output unharmed, and a line of ours between."""

import io
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.unit.tune.aws_stand_in import ROOT, Lines
from tune.deployment import cdk_cli
from tune.deployment.cdk_cli import CdkCli, CdkMissing
from tune.terminal.screen import LabelledScreen, PlainScreen, TerminalScreen, screen_of
from tune.terminal.signals import Stopped, stoppable


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=terminal, width=80, color_system=None), file


def test_a_log_gets_the_status_only_now_and_then() -> None:
    time = iter([0.0, 0.0, 10.0, 61.0, 61.0])
    target, file = console(terminal=False)
    screen = PlainScreen(target, clock=lambda: next(time))
    for minutes in (1, 2, 3):
        screen.status(f"{minutes} min")
    assert file.getvalue() == "1 min\n3 min\n"


def test_a_status_after_a_pause_is_shown_at_once() -> None:
    target, file = console(terminal=False)
    screen = PlainScreen(target, clock=lambda: 0.0)
    for text in ("first", None, "second"):
        screen.status(text)
    assert file.getvalue() == "first\nsecond\n"


def test_output_reaches_the_terminal_as_it_is() -> None:
    target, file = console(terminal=True)
    screen = TerminalScreen(target)
    screen.output("[bold]no markup[/bold] \x1b[32mgreen\x1b[39m\n")
    assert "[bold]no markup[/bold] \x1b[32mgreen\x1b[39m\n" in file.getvalue()


def test_the_live_line_makes_way_while_a_prompt_waits() -> None:
    target, _ = console(terminal=True)
    screen = TerminalScreen(target)

    def shown() -> bool:
        return screen._live is not None

    screen.status("training")
    assert shown()
    screen.output("Do you wish to deploy these changes? (y/n) ")
    assert not shown()
    screen.status("training, later")
    assert not shown()
    screen.output("y\n")
    assert shown()
    screen.status(None)
    assert not shown()


def test_the_screen_suits_where_the_output_goes() -> None:
    assert screen_of(console(terminal=True)[0]).is_terminal
    assert not screen_of(console(terminal=False)[0]).is_terminal


@pytest.fixture
def python_as_cdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdk_cli, "CDK", Path(sys.executable))


@pytest.mark.usefixtures("python_as_cdk")
def test_the_cli_is_run_with_its_output_shown_and_its_exit_code_returned() -> None:
    screen = Lines()
    program = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert CdkCli(screen, {}).run(["-c", program]) == 3
    assert sorted("".join(screen.said).split()) == ["err", "out"]


@pytest.mark.usefixtures("python_as_cdk")
@pytest.mark.parametrize("end", ["", "\\n"])
def test_what_is_said_after_the_cli_is_a_line_of_its_own(end: str) -> None:
    screen = Lines()
    CdkCli(screen, {}).run(["-c", f"print('out', end='{end}')"])
    assert "".join(screen.said) == "out\n"


def test_one_of_several_shows_whole_lines_with_its_label() -> None:
    screen = Lines()
    labelled = LabelledScreen(screen, "a")
    assert not labelled.is_terminal
    for piece in ("on", "e\ntw", "o\r\n", "three"):
        labelled.output(piece)
    assert screen.said == ["a | one\n", "a | two\n"]
    labelled.say("said")
    labelled.status("goes on")
    labelled.status(None)
    assert screen.said[2:] == ["a | said", "status a: goes on", "status None"]


@pytest.mark.usefixtures("python_as_cdk")
def test_what_the_last_run_has_said_is_known() -> None:
    cli = CdkCli(Lines(), {})
    cli.run(["-c", "print('nobody can', flush=True); print('be asked')"])
    assert cli.has_said("nobody can be asked")
    cli.run(["-c", "pass"])
    assert not cli.has_said("nobody can be asked")


@pytest.mark.usefixtures("python_as_cdk")
def test_a_signal_is_told_as_a_shell_does() -> None:
    assert CdkCli(Lines(), {}).run(["-c", "import os; os.kill(os.getpid(), 15)"]) == 143


@pytest.mark.usefixtures("python_as_cdk")
def test_an_interrupt_ends_the_cli() -> None:
    before = set(threading.enumerate())

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CdkCli(Lines(), {}).run(["-c", "import time; time.sleep(60)"], interrupt)
    assert set(threading.enumerate()) <= before


@pytest.mark.usefixtures("python_as_cdk")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_process_that_is_asked_to_end_ends_the_cli_first(number: signal.Signals) -> None:
    screen = Lines()

    def ask() -> None:
        if screen.said:
            os.kill(os.getpid(), number)

    with pytest.raises(Stopped) as ended, stoppable():
        CdkCli(screen, {}).run(["-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"], ask)
    assert ended.value.code == 128 + number
    with pytest.raises(ProcessLookupError):
        os.kill(int("".join(screen.said)), 0)


def test_what_a_shell_lets_a_process_ignore_it_goes_on_ignoring() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_missing_cli_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdk_cli, "CDK", ROOT / "nowhere" / "cdk")
    with pytest.raises(CdkMissing, match="make setup-deploy"):
        CdkCli(Lines(), {}).run(["deploy"])


def test_the_projects_own_programs_come_first() -> None:
    variables: dict[str, Any] = cdk_cli.environment({"PATH": "/usr/bin", "KEPT": "1"})
    assert variables["PATH"].endswith(":/usr/bin")
    assert str(Path(sys.executable).parent) in variables["PATH"].split(":")
    assert variables["KEPT"] == "1"
