"""`tune deploy`: the CDK CLI, what it does not wait for, and what it does not show."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from tune import stack_states, training
from tune.aws import Aws
from tune.cdk_cli import CdkCli
from tune.environments import STACK_KINDS, Target
from tune.exports import gate
from tune.screen import Screen

_LOOK_EVERY_SECONDS: Final = 5.0


class Deployment:
    """One deployment of an environment."""

    def __init__(
        self,
        target: Target,
        aws: Aws,
        cdk: CdkCli,
        screen: Screen,
        *,
        look_every_seconds: float = _LOOK_EVERY_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._target = target
        self._cloudformation = aws("cloudformation")
        self._cdk = cdk
        self._screen = screen
        self._look_every = look_every_seconds
        self._sleep = sleep
        self._watch = training.Watch(aws("bedrock"), target.training_name)
        self._next_look = 0.0
        self._was_running = False

    def run(self, extra: Sequence[str] = ()) -> int:
        """Deploy every stack of the environment; return the CLI's exit code. Raise ExportsInUse before anything."""
        self._wait_for_earlier_one()
        self._check_exports(extra)
        stacks = [self._target.stack(kind) for kind in ("Training", "Serving")]
        before = {stack: stack_states.newest_event_id(self._cloudformation, stack) for stack in stacks}
        command = ["deploy", self._target.pattern("*"), "--progress", "events", *self._target.context_of_one, *extra]
        code = self._cdk.run(command, self._show_training)
        self._screen.status(None)
        if code:
            reasons = [
                reason
                for stack in stacks
                for reason in stack_states.failures_since(self._cloudformation, stack, before[stack])
            ]
            self._explain(reasons)
        elif self._target.settings.organization.keep:
            self._screen.say(
                "[organization.keep] has done its work: when no training from before runs any more, remove it, and "
                "deploy again"
            )
        self._warn_of_leftover()
        return code

    def _wait_for_earlier_one(self) -> None:
        # `cdk deploy` compares templates: it takes a stack that is still being deployed for done, and goes on.
        stack_states.wait_while_in_progress(
            lambda: [stack_states.read(self._cloudformation, self._target.stack(kind)) for kind in STACK_KINDS],
            self._announce,
            self._sleep,
        )
        self._screen.status(None)

    def _check_exports(self, extra: Sequence[str]) -> None:
        keeps = self._target.settings.organization.keep is not None
        if keeps or stack_states.read(self._cloudformation, self._target.stack("Foundation")).exists:
            gate.check(self._cloudformation, self._target, extra, self._screen.say)

    def _announce(self, state: stack_states.StackState) -> None:
        progress = self._watch.look()
        going_on = f"; {progress}" if progress and progress.is_running else ""
        self._screen.status(f"waiting for stack {state.name}, which is {state.status}{going_on}")

    def _show_training(self) -> None:
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + self._look_every
        progress = self._watch.look()
        if progress is None:
            return
        if progress.is_running:
            self._was_running = True
            self._screen.status(str(progress))
        elif self._was_running:
            self._was_running = False
            self._screen.status(None)
            self._screen.say(str(progress))

    def _explain(self, reasons: list[str]) -> None:
        if training.goes_on(reasons):
            self._screen.say(
                f"Training {self._target.training_name} goes on by itself in Amazon Bedrock. Run the same command "
                "again to go on waiting for it: nothing is trained or paid for twice."
            )

    def _warn_of_leftover(self) -> None:
        """Say it when an earlier deployment serves what the settings no longer ask for: `cdk deploy` never removes."""
        serving = self._target.stack("Serving")
        if not self._target.has("Serving") and stack_states.read(self._cloudformation, serving).exists:
            self._screen.say(
                f"Stack {serving} still stands, serves and bills, though {self._target.name}.toml has no [serving] "
                f"any more. To remove it: python -m tune destroy {self._target.name} --serving-only"
            )
