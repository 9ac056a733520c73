"""The demo's way, step by step. Every claim that it makes at the end was checked before."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console, RenderableType
from rich.text import Text

from sandbox import cdk as sandbox_cdk
from sandbox.options import Options
from sandbox.server import Sandbox, running
from tune.dataset.files import Unusable
from tune.dataset.reports.refused import DataRefused
from tune.demo import processes
from tune.demo.cdk_output import CdkProgress
from tune.demo.checks import DemoFailed, expect
from tune.demo.evaluation import CLOSE, EXACT, evaluated
from tune.demo.own_data import environment_with
from tune.demo.progress import Progress
from tune.demo.steps import DemoSteps
from tune.deployment.cdk_cli import CdkCli, CdkMissing
from tune.terminal.environments import DeployTarget, find
from tune.terminal.folders import DEFAULT_FOLDER
from tune.terminal.signals import stoppable, unstoppable

# Ten simulated minutes to a second: a training of hours takes half a minute.
_RATE: Final = 600.0
_MINUTES: Final = {"throughput_creation": 2.0}
_ENVIRONMENT: Final = "local"
_LOG_WIDTH: Final = 110
_TAIL_LINES: Final = 30
_FAILED: Final = 1
_INTERRUPTED: Final = 130


def console() -> Console:
    """Return where the demo is told: the terminal, or a log of a fixed width."""
    here = Console()
    return here if here.is_terminal else Console(width=_LOG_WIDTH)


def run(console: Console, *, data: Path | None = None, show_content: bool = False, verbose: bool = False) -> int:
    """Run the demo; return 0 only when every step came out as it must.

    Args:
        console: Where it is told.
        data: A file of one's own to train on, in place of the example's.
        show_content: Whether questions and answers of such a file are shown.
        verbose: Whether the CDK CLI's own output is shown.

    Raises:
        DataRefused: When the base model would refuse the data; nothing was started then.
        Unusable: When the file cannot be used at all; neither.
    """
    story = Progress(console)
    story.heading("Fine-tuning on Amazon Bedrock: there and back on a local AWS, for free")
    try:
        with ExitStack() as stack:
            target = find(DEFAULT_FOLDER, _ENVIRONMENT)
            if data is not None:
                target = stack.enter_context(_with_data(data, target, story))
            target = stack.enter_context(evaluated(target, EXACT if data is None else CLOSE))
            stack.enter_context(stoppable())
            sandbox, worth_a_look = _there_and_back(
                story, target, verbose=verbose, show_content=data is None or show_content, is_example=data is None
            )
            _nothing_is_left(story, sandbox)
            story.heading("To look at: the loss of the training run, and the gate's verdict (all of it simulated)")
            story.show(*worth_a_look)
    except KeyboardInterrupt:
        story.failed()
        story.show(Text("Interrupted; the local AWS is stopped."))
        return _INTERRUPTED
    except (DemoFailed, CdkMissing) as reason:
        story.show(Text(f"The demo failed: {reason}", style="red"))
        return _FAILED
    story.show(Text(), Text("Done: everything was checked, and nothing is left running.", style="bold green"))
    return 0


@contextmanager
def _with_data(data: Path, like: DeployTarget, story: Progress) -> Iterator[DeployTarget]:
    try:
        with environment_with(data, like, story) as target:
            yield target
    except (DataRefused, Unusable):
        story.failed()
        raise


def _there_and_back(
    story: Progress, target: DeployTarget, *, verbose: bool, show_content: bool, is_example: bool
) -> tuple[Sandbox, list[RenderableType]]:
    """Do all of it, and return the sandbox, which has ended, and what is worth a last look."""
    story.begin("local AWS")
    with running(Options(rate=_RATE, minutes=_MINUTES)) as sandbox:
        output = CdkProgress(story, verbose=verbose)
        try:
            _started(story, sandbox)
            cli = CdkCli(output, sandbox_cdk.environment(sandbox))
            steps = DemoSteps(target, sandbox, cli, output, story, show_content=show_content, is_example=is_example)
            worth_a_look = steps.run()
            story.heading("The end")
            before = len(processes.of_group(sandbox.process_group))
            story.fact("asked before", f"processes of the local AWS: {before}")
            story.begin("local AWS")
        except Exception as error:
            story.failed()
            story.show(Text(_tails(output, sandbox)))
            if isinstance(error, DemoFailed):
                raise
            raise DemoFailed(f"{type(error).__name__}: {error}") from error
        finally:
            unstoppable()
        return sandbox, worth_a_look


def _started(story: Progress, sandbox: Sandbox) -> None:
    found = processes.of_group(sandbox.process_group)
    expect(bool(found), "the emulator's process was not found, so its end could not be checked either")
    date = sandbox.control("clock")["now"][:10]
    story.done(f"IAM and TLS enforced; its Bedrock is simulated and plays {date}")
    story.begin("cdk bootstrap")
    sandbox_cdk.bootstrap(sandbox)
    story.done("with the project's own CDK CLI")


def _nothing_is_left(story: Progress, sandbox: Sandbox) -> None:
    found = processes.of_group(sandbox.process_group)
    expect(not found, f"processes of the local AWS are left: {', '.join(map(str, found))}")
    expect(not sandbox.folder.exists(), f"files of the local AWS are left in {sandbox.folder}")
    story.done("stopped, its files removed")
    story.fact("asked after", f"processes of the local AWS: {len(found)}")


def _tails(output: CdkProgress, sandbox: Sandbox) -> str:
    cdk = "\n".join(output.lines[-_TAIL_LINES:])
    emulator = "\n".join(sandbox.log().splitlines()[-_TAIL_LINES:])
    return f"\nThe end of the CDK CLI's output:\n{cdk}\n\nThe end of the emulator's log:\n{emulator}\n"
