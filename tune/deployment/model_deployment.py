"""One model's part of a deployment: its training while the CDK CLI runs, and what came of it."""

from collections.abc import Iterator, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.decisions.gate_verdict import is_refusal
from settings import Model
from settings.stack_names import MODEL_STACKS
from tune.account import owner_tag, ownership, stack_states, training_progress
from tune.account.aws import Aws
from tune.account.stack_states import StackState
from tune.account.training_progress import TrainingProgress
from tune.deployment.cdk_cli import CdkCli
from tune.evaluation.text import standing
from tune.evaluation.watch import EvaluationWatch
from tune.spending import prices
from tune.spending.data import estimate
from tune.terminal.environments import DeployTarget
from tune.terminal.exit_codes import ExitCode
from tune.terminal.screen import Screen

# What the CDK CLI says when it would ask somebody and cannot.
NOBODY_TO_ASK = "terminal (TTY) is not attached"
# What it says when it is not alone in the folder to which it synthesizes.
BESIDE = ("are currently reading from", "is currently synthing to")
# How CloudFormation refuses a change set while another deploy executes one of the same name.
OVERTAKEN = "InvalidChangeSetStatus"


def outcome_of(reasons: Sequence[str], *, is_busy: bool = False) -> ExitCode:
    """Return how a deployment ended whose stacks failed for these reasons; `is_busy`: one of them is at work."""
    if reasons and all(map(is_refusal, reasons)):
        return ExitCode.REFUSED
    return ExitCode.GOES_ON if training_progress.is_all(reasons) or (is_busy and not reasons) else ExitCode.FAILED


class ModelDeployment:
    """One model of an environment while it is deployed; `screen` is what `cdk` shows its output on."""

    def __init__(self, target: DeployTarget, model: Model, aws: Aws, cdk: CdkCli, screen: Screen) -> None:
        self._target = target
        self._model = model
        self._aws = aws
        self._cloudformation = aws("cloudformation")
        self.screen = screen
        self._watch = training_progress.Watch(aws("bedrock"), model.training_name)
        inputs = model.evaluation_inputs if "Evaluation" in target.kinds else None
        self._evaluation = EvaluationWatch(aws, target, inputs.id if inputs else None)
        self._was_running = False
        self._before: dict[str, str | None] = {}
        self.cdk = cdk

    @property
    def _arguments(self) -> str:
        return self._target.arguments if len(self._target.models) == 1 else self._target.arguments_of(self._model.name)

    @property
    def _stacks(self) -> list[str]:
        return [self._model.stack_name(kind) for kind in MODEL_STACKS]

    def begin(self) -> None:
        """Take note of what has happened to the stacks so far, and say what a new training bills."""
        self._before = {name: stack_states.newest_event_id(self._cloudformation, name) for name in self._stacks}
        if "Training" in self._target.kinds and self._watch.is_absent():
            for line in self._bill():
                self.screen.say(line)

    def _bill(self) -> Iterator[str]:
        tokens = estimate(self._model, self._target, self._aws)
        if tokens is None:
            return
        yield f"Training run {self._model.training_name} does not exist yet, and is billed once. Estimate: {tokens}"
        try:
            money = prices.of(None, self._target.folder)
        except prices.PricesRefused as error:
            yield str(error)
            return
        if money and (cost := tokens.money(money)):
            yield f"The training run costs {cost}"

    def going_on(self) -> list[str]:
        """Return what goes on by itself, a line for each; say once that the training has ended."""
        progress = self._look()
        evaluated = self._evaluation.look()
        return [
            *([str(progress)] if progress and progress.is_running else []),
            *([standing(evaluated)] if evaluated else []),
        ]

    def _look(self) -> TrainingProgress | None:
        progress = self._watch.look()
        if progress and progress.is_running:
            self._was_running = True
        elif progress and self._was_running:
            self._was_running = False
            self.screen.status(None)
            self.screen.say(str(progress))
        return progress

    def ended(self, code: int, states: Sequence[StackState], cdk: CdkCli) -> ExitCode:
        """Say what came of a run of the CLI, which has ended with a code; return what that is of ours."""
        if not self._target.serves:
            return self._explain(states, cdk) if code else ExitCode.DONE
        outcome = self._explain(states, cdk) if code else self._look_at_what_serves()
        self._warn_of_leftover()
        return outcome

    def _explain(self, states: Sequence[StackState], cdk: CdkCli) -> ExitCode:
        reasons = [
            reason
            for name, before in self._before.items()
            for reason in stack_states.failures_since(self._cloudformation, name, before)
        ]
        if training_progress.goes_on(reasons):
            self.screen.say(
                f"Training run {self._model.training_name} continues in Amazon Bedrock. Run the same command to wait "
                "for it again: nothing is trained or paid for twice."
            )
        if found := self._evaluation.look():
            self.screen.say(
                f"The evaluation continues in AWS: {standing(found)}. Run the same command to wait for it again: no "
                "request is sent twice."
            )
        for line in (*self._of_stacks(states), *self._of_the_cli(cdk)):
            self.screen.say(line)
        return outcome_of(reasons, is_busy=any(state.is_in_progress for state in states))

    def _of_the_cli(self, cdk: CdkCli) -> Iterator[str]:
        """Yield what to do about what the CDK CLI has said."""
        if cdk.has_said(NOBODY_TO_ASK):
            yield (
                "Without a terminal, the CDK CLI changes permissions only with -- --require-approval never "
                f"(make deploy {self._target.make_variables} CDK_ARGS='--require-approval never')"
            )
        if any(map(cdk.has_said, BESIDE)):
            yield (
                f"Another deploy of {self._target} is running from this checkout. Run the same command again when it "
                "has ended"
            )
        if cdk.has_said(OVERTAKEN):
            yield (
                f"Another deploy of {self._target} started at the same time elsewhere. Run the same command again: it "
                "waits for that deploy, and trains nothing twice"
            )

    def _of_stacks(self, states: Sequence[StackState]) -> Iterator[str]:
        """Yield what the state of a stack after a failure means, where the CDK CLI does not tell it."""
        for state in states:
            if state.is_in_progress:
                yield f"Stack {state.name} is still {state.status}: run the same command to wait for it"
            elif state.was_never_executed:
                of = f"{self._target.name}{self._target.option}{self._target.everything}"
                command = of if state.name == self._target.foundation else self._arguments
                yield (
                    f"Stack {state.name} was not created: its change set waits for approval. Deploy again, or remove "
                    f"the stack: python -m tune destroy {command}"
                )

    def _warn_of_leftover(self) -> None:
        """Say it when an earlier deployment serves what the settings no longer ask for: `cdk deploy` never removes."""
        if self._model.serving:
            return
        serving = stack_states.read(self._cloudformation, self._model.stack_name("Serving"))
        if serving.exists and not ownership.is_anothers(self._cloudformation, self._target, serving):
            self.screen.say(
                f"Stack {serving.name} still exists, serves and bills, but {self._target.name}/{self._model.name}"
                f".toml has no [serving]. To remove the stack: python -m tune destroy {self._arguments} "
                "--serving-only"
            )

    def _look_at_what_serves(self) -> ExitCode:
        """Return FAILED when what Serving holds was deleted outside CloudFormation, which compares templates alone."""
        if not self._model.serving:
            return ExitCode.DONE
        serving = self._model.stack_name("Serving")
        try:
            gone = [name for name, found in owner_tag.held(self._aws, serving) if found is None]
        except (ClientError, BotoCoreError):
            return ExitCode.DONE  # who deploys need not be allowed to look into Bedrock
        for name in gone:
            self.screen.say(
                f"Nothing serves: stack {serving} holds {name}, which was deleted outside CloudFormation, and the SSM "
                f"parameter still names it. Raise `reconcile` by one in {self._target.name}/{self._model.name}.toml "
                "and deploy"
            )
        return ExitCode.FAILED if gone else ExitCode.DONE
