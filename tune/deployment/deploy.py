"""`tune deploy`: the CDK CLI, what it does not wait for, and what it does not show."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.account import owner_tag, ownership, stack_states, training_progress
from tune.account.clients import Aws
from tune.account.stack_states import StackState
from tune.account.within import within
from tune.deployment.cdk_cli import CdkCli
from tune.exports import gate
from tune.terminal.environments import STACK_KINDS, DeployTarget
from tune.terminal.screen import Screen

LOST: Final = (
    "What CloudFormation and Amazon Bedrock have begun goes on, a training too. Once AWS answers again, run the same "
    "command: it waits for what goes on, and trains and buys nothing twice"
)
_NOT_TOLD: Final = "What CloudFormation has begun goes on there; the same command waits for it again."
_LOOK_EVERY_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 3.0
# What the CDK CLI says when it would ask somebody and cannot.
NOBODY_TO_ASK: Final = "terminal (TTY) is not attached"
# What it says when it is not alone in the folder to which it synthesizes.
BESIDE: Final = ("are currently reading from", "is currently synthing to")
_NOTHING_SERVES: Final = 1


class Deployment:
    """One deployment of an environment."""

    def __init__(
        self,
        target: DeployTarget,
        aws: Aws,
        cdk: CdkCli,
        screen: Screen,
        *,
        look_every_seconds: float = _LOOK_EVERY_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._target = target
        self._aws = aws
        self._cloudformation = aws("cloudformation")
        self._cdk = cdk
        self._screen = screen
        self._look_every = look_every_seconds
        self._sleep = sleep
        self._watch = training_progress.Watch(aws("bedrock"), target.training_name)
        self._next_look = 0.0
        self._was_running = False

    def run(self, extra: Sequence[str] = ()) -> int:
        """Deploy every stack of the environment; return the CLI's exit code, or 1 when nothing serves after it.

        Raises NameTaken or ExportsInUse before anything.
        """
        self._check_names()
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
        return code or self._look_at_what_serves()

    def goes_on(self) -> str:
        """Return what an interrupt leaves, as far as AWS tells it soon enough."""
        return within(_PATIENCE_SECONDS, self._going_on) or _NOT_TOLD

    def _going_on(self) -> str:
        busy = [state for state in self._states() if state.is_in_progress]
        if busy:
            those = " and ".join(f"stack {state.name}, which is {state.status}," for state in busy)
            return f"The deployment goes on in CloudFormation with {those} and the same command waits for it again."
        progress = self._watch.look()
        training_goes_on = f"; {progress} goes on by itself" if progress and progress.is_running else ""
        return f"Nothing goes on in CloudFormation{training_goes_on}. The same command starts again."

    def _check_names(self) -> None:
        try:
            taken = ownership.taken(self._cloudformation, self._target.name, self._target.stacks)
        except ClientError as error:
            if not aws_errors.is_denied(error):
                raise
            names, why = ", ".join(self._target.stacks), aws_errors.sentence(error)
            self._screen.say(f"whether another app has stacks named {names} was not looked at: {why}")
            return
        if taken:
            raise ownership.NameTaken(taken)

    def _wait_for_earlier_one(self) -> None:
        # `cdk deploy` compares templates: it takes a stack that is still being deployed for done, and goes on.
        stack_states.wait_while_in_progress(self._states, self._announce, self._sleep)
        self._screen.status(None)

    def _states(self) -> list[StackState]:
        return [stack_states.read(self._cloudformation, self._target.stack(kind)) for kind in STACK_KINDS]

    def _check_exports(self, extra: Sequence[str]) -> None:
        keeps = self._target.settings.organization.keep is not None
        if keeps or stack_states.read(self._cloudformation, self._target.stack("Foundation")).exists:
            gate.check(self._cloudformation, self._target, extra, self._screen.say)

    def _announce(self, state: StackState) -> None:
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
        if training_progress.goes_on(reasons):
            self._screen.say(
                f"Training {self._target.training_name} goes on by itself in Amazon Bedrock. Run the same command "
                "again to go on waiting for it: nothing is trained or paid for twice."
            )
        for line in self._of_stacks(self._states()):
            self._screen.say(line)
        if self._cdk.has_said(NOBODY_TO_ASK):
            self._screen.say(
                "Where nobody can be asked, the CDK CLI changes rights only with -- --require-approval never "
                f"(make deploy ENV={self._target.name} ARGS='--require-approval never')"
            )
        if any(map(self._cdk.has_said, BESIDE)):
            self._screen.say(
                f"Another deploy of environment {self._target.name} goes on from this checkout. When it has ended, run "
                "the same command again"
            )

    def _of_stacks(self, states: Sequence[StackState]) -> Iterator[str]:
        """Yield what the state of a stack after a failure means, where the CDK CLI does not tell it."""
        for state in states:
            if state.is_in_progress:
                yield f"Stack {state.name} is {state.status} and goes on: the same command waits for it"
            elif state.was_never_executed:
                everything = " --all" if state.name == self._target.stack("Foundation") else ""
                yield (
                    f"Stack {state.name} was not made, and waits for somebody to agree: deploy again, or remove it: "
                    f"python -m tune destroy {self._target.name}{self._target.option}{everything}"
                )

    def _warn_of_leftover(self) -> None:
        """Say it when an earlier deployment serves what the settings no longer ask for: `cdk deploy` never removes."""
        if self._target.has("Serving"):
            return
        serving = stack_states.read(self._cloudformation, self._target.stack("Serving"))
        if serving.exists and not ownership.is_known_as_anothers(self._cloudformation, serving):
            self._screen.say(
                f"Stack {serving.name} still stands, serves and bills, though {self._target.name}.toml has no "
                "[serving] any more. To remove it: "
                f"python -m tune destroy {self._target.name}{self._target.option} --serving-only"
            )

    def _look_at_what_serves(self) -> int:
        """Return 1 when what Serving holds was deleted outside CloudFormation, which compares templates alone."""
        if not self._target.has("Serving"):
            return 0
        serving = self._target.stack("Serving")
        try:
            gone = [name for name, found in owner_tag.held(self._aws, serving) if found is None]
        except (ClientError, BotoCoreError):
            return 0  # who deploys need not be allowed to look into Bedrock
        for name in gone:
            self._screen.say(
                f"Nothing serves: stack {serving} holds {name}, which was deleted outside CloudFormation, and the SSM "
                f"parameter still names it. Count reconcile up by one in {self._target.name}.toml, and deploy"
            )
        return _NOTHING_SERVES if gone else 0
