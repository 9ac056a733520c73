"""`tune deploy`: the CDK CLI, what it does not wait for, and what it does not show."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from settings.folder import STACKS_ARE_NAMED, model_names
from settings.stack_names import STACK_KINDS
from tune.account import ownership, recipients, stack_states
from tune.account.aws import Aws
from tune.account.stack_states import StackState
from tune.account.stacks import with_stacks
from tune.account.within import within
from tune.deployment import json_document
from tune.deployment.cdk_cli import CdkCli, run_all
from tune.deployment.model_deployment import ModelDeployment
from tune.exports import gate
from tune.exports.wanted import app_of
from tune.terminal.environments import DeployTarget
from tune.terminal.exit_codes import ExitCode, of_parts
from tune.terminal.screen import LabelledScreen, Screen

LOST: Final = (
    "What CloudFormation and Amazon Bedrock have started continues, a training run too. When AWS answers again, run "
    "the same command: it waits for what is in progress, and trains and buys nothing twice"
)
_NOT_TOLD: Final = "What CloudFormation has started continues; run the same command to wait for it again."
_LOOK_EVERY_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 3.0
_OUTCOMES: Final = {
    ExitCode.DONE: "deployed",
    ExitCode.FAILED: "not deployed",
    ExitCode.REFUSED: "not deployed: its gate refuses the model",
    ExitCode.GOES_ON: "not deployed yet: the deployment continues",
}
_OUTPUT: Final = ("--output", "-o")
NAMED: Final = ("-c", f"{STACKS_ARE_NAMED}=true")


class StackDeployment:
    """One deployment of an environment, or of one model in it."""

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
        self._next_look = 0.0
        self.outcomes: dict[str, ExitCode] = {}
        """What came of each model, as far as a run has come to it."""
        several = len(target.settings) > 1
        self._models = {model.name: self._deployment(model.name, aws, labelled=several) for model in target.settings}

    def run(self, extra: Sequence[str] = ()) -> ExitCode:
        """Deploy Foundation and every model; return GOES_ON when a training needs more time and nothing has failed.

        Several models deploy side by side, each with an outcome of its own. Raises NameTaken or ExportsInUse before
        anything.
        """
        self._check_names()
        self._wait_for_earlier_one()
        self._check_exports(extra)
        self._warn_of_models_without_a_file()
        for model in self._models.values():
            model.begin()
        code = self._together(extra) if len(self._models) < 2 else self._side_by_side(extra)
        if code is ExitCode.DONE and self._target.serves:
            self._say_what_next()
        return code

    def _say_what_next(self) -> None:
        arguments = f"{self._target.arguments}{' --every-model' * (len(self._target.models) > 1)}"
        if any(model.serving for model in self._target.settings):
            self._screen.say(
                f"What serves, how to invoke it and what bills: python -m tune status {self._target.arguments}. To end "
                f"what serves: python -m tune destroy {arguments} --serving-only"
            )
        notifications = self._target.environment.notifications
        if notifications and notifications.email:
            for found in recipients.of_stack(self._aws, self._target.foundation):
                for line in () if found.is_complete else found.lines(self._target.region):
                    self._screen.say(line)
        if self._target.environment.organization.keep:
            self._screen.say(
                "[organization.keep] is no longer needed. When no earlier training run is in progress, remove this "
                "table and deploy again"
            )
        for account in sorted({each.account for model in self._target.settings for each in model.access}):
            self._screen.say(
                f"Applications in account {account} find the model by a stack of their account, which is deployed by "
                f"itself: python -m tune deploy {self._target.arguments} --access {account}"
            )

    def goes_on(self) -> str:
        """Return what an interrupt leaves, as far as AWS tells it soon enough."""
        return within(_PATIENCE_SECONDS, self._going_on) or _NOT_TOLD

    def document(self, code: ExitCode) -> dict[str, Any]:
        """Return what `--json` prints after a run."""
        return json_document.deployed(self._target, self._states(), self.outcomes, code)

    def _deployment(self, name: str, aws: Aws, *, labelled: bool) -> ModelDeployment:
        (model,) = (each for each in self._target.settings if each.name == name)
        if not labelled:
            return ModelDeployment(self._target, model, aws, self._cdk, self._screen)
        screen = LabelledScreen(self._screen, name)
        return ModelDeployment(self._target, model, aws, self._cdk.beside(screen), screen)

    def _together(self, extra: Sequence[str]) -> ExitCode:
        """Deploy Foundation and what there is of one model in one run of the CLI."""
        code = self._cdk.run(self._command(self._target.stack_ids, extra), self._show_progress)
        self._screen.status(None)
        if not self._models:
            return ExitCode.FAILED if code else ExitCode.DONE
        states = self._states()
        self.outcomes = {name: model.ended(code, states, self._cdk) for name, model in self._models.items()}
        return of_parts(self.outcomes.values())

    def _side_by_side(self, extra: Sequence[str]) -> ExitCode:
        """Deploy Foundation, then each model by a run of its own, from the same assembly."""
        foundation, *_ = self._target.stack_ids
        code = self._cdk.run(self._command([foundation], extra))
        if code:
            first, *_ = self._models.values()
            return first.ended(code, self._states(), self._cdk)
        arguments = of_one_assembly(extra, self._cdk.output)
        runs = []
        for settings in self._target.settings:
            ids = [f"{self._target.name}/{settings.stack_id(kind)}" for kind in settings.stack_kinds]
            command = ["deploy", *ids, "--exclusively", "--progress", "events", *arguments]
            runs.append((self._models[settings.name].cdk, command))
        codes = run_all(runs, self._show_progress)
        self._screen.status(None)
        self.outcomes = {
            name: model.ended(code, self._states(name), model.cdk)
            for (name, model), code in zip(self._models.items(), codes, strict=True)
        }
        self._say_outcomes()
        return of_parts(self.outcomes.values())

    def _say_outcomes(self) -> None:
        for name, outcome in self.outcomes.items():
            self._screen.say(f"Model {name} of environment {self._target.name}: {_OUTCOMES[outcome]}")

    def _command(self, ids: Sequence[str], extra: Sequence[str]) -> list[str]:
        context = (*self._target.context_of_it, *NAMED)
        return ["deploy", *ids, "--exclusively", "--progress", "events", *context, *extra]

    def _going_on(self) -> str:
        busy = [state for state in self._states() if state.is_in_progress]
        if busy:
            those = ", ".join(f"stack {state.name} is {state.status}" for state in busy)
            return f"The deployment continues in CloudFormation ({those}): run the same command to wait for it again."
        going = self._going()
        told = f"; {' and '.join(going)} continues by itself" if going else ""
        return f"Nothing is in progress in CloudFormation{told}. Run the same command to start again."

    def _check_names(self) -> None:
        cloudformation, target = self._cloudformation, self._target
        names = target.stack_names
        apps = f"whether another app has stacks named {', '.join(names)}"
        self._refuse(apps, lambda: ownership.taken(cloudformation, target, names))
        prefixes = f"whether environment {target.name} is deployed under another stack_prefix"
        self._refuse(prefixes, lambda: ownership.moved(cloudformation, target))

    def _refuse(self, question: str, look: Callable[[], str]) -> None:
        try:
            why = look()
        except ClientError as error:
            if not aws_errors.is_denied(error):
                raise
            self._screen.say(f"Could not check {question}: {aws_errors.sentence(error)}")
            return
        if why:
            raise ownership.NameTaken(why)

    def _wait_for_earlier_one(self) -> None:
        # `cdk deploy` compares templates: it takes a stack that is still being deployed for done, and goes on.
        stack_states.wait_while_in_progress(self._states, self._announce, self._sleep)
        self._screen.status(None)

    def _states(self, model: str | None = None) -> list[StackState]:
        of = self._target.about([model]) if model else self._target
        return [stack_states.read(self._cloudformation, name) for name in of.stacks(*STACK_KINDS)]

    def _check_exports(self, extra: Sequence[str]) -> None:
        keeps = self._target.environment.organization.keep is not None
        if keeps or stack_states.read(self._cloudformation, self._target.foundation).exists:
            gate.check(self._cloudformation, self._target, extra, self._screen.say)

    def _announce(self, state: StackState) -> None:
        self._screen.status("; ".join([f"waiting for stack {state.name}, which is {state.status}", *self._going()]))

    def _going(self) -> list[str]:
        """Return what goes on by itself, a line for each training and evaluation."""
        return [line for model in self._models.values() for line in model.going_on()]

    def _show_progress(self) -> None:
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + self._look_every
        if going := self._going():
            self._screen.status("; ".join(going))

    def _warn_of_models_without_a_file(self) -> None:
        """Say which stacks no settings file asks for any more: they exist and may bill."""
        files = model_names(self._target.folder, self._target.name)
        every = replace(self._target, named=None, models=tuple(files))
        for model in sorted({*with_stacks(every, self._cloudformation).models} - {*files}):
            self._screen.say(
                f"Stacks of model {model} still exist and may bill, but {self._target.name}/{model}.toml no longer "
                f"exists. To remove the stacks: python -m tune destroy {self._target.arguments_of(model)}"
            )


def of_one_assembly(extra: Sequence[str], output: str) -> list[str]:
    """Return the arguments with which the CLI deploys what its last run synthesized: to `output`, or as they say."""
    if app_of(extra) is not None:
        return list(extra)
    kept: list[str] = []
    arguments = iter(extra)
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name in _OUTPUT:
            output = value if equals else next(arguments, output)
        else:
            kept.append(argument)
    return ["--app", output, *kept]
