"""`tune deploy --detach`: begins what can be begun now, and ends. The next run continues, from whatever machine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from settings import Model
from settings.stack_names import MODEL_STACKS, StackKind
from tune.account import operations, stack_states, training_progress
from tune.account.aws import Aws
from tune.account.stack_states import StackState
from tune.deployment import change_sets
from tune.deployment.cdk_cli import CdkCli, run_all
from tune.deployment.commit import commit_of
from tune.deployment.deploy import NAMED, StackDeployment, of_one_assembly
from tune.deployment.model_deployment import ModelDeployment, outcome_of
from tune.deployment.next_step import NextStep, next_step
from tune.exports import wanted
from tune.terminal.environments import DeployTarget
from tune.terminal.exit_codes import ExitCode, of_parts
from tune.terminal.problems import CannotBeDone, NoAssembly
from tune.terminal.screen import Screen

# What decides how a change set is made and executed.
_OF_EXECUTION: Final = (
    *("--change-set-name", "--execute", "--express", "--hotswap", "--hotswap-fallback", "--method", "-m"),
    *("--no-execute", "--no-rollback", "--rollback", "-R", "--watch"),
)
_OF_SYNTHESIS: Final = ("--context", "-c", "--output", "-o")
_STUCK: Final = "docs/how-to/stuck.md#repair-a-stuck-stack"


class NotDetached(CannotBeDone):
    """The arguments for the CDK CLI ask for what a detached deployment does not do."""


@dataclass(frozen=True)
class _Part:
    """A stack to be deployed; `id` is how the CDK CLI names it, `model` is None for Foundation."""

    name: str
    id: str
    cdk: CdkCli
    screen: Screen
    model: ModelDeployment | None = None


@dataclass(frozen=True)
class _From:
    """What a run deploys: the assembly, the arguments that have the CDK CLI take it, and the commit."""

    assembly: str
    arguments: Sequence[str]
    commit: str


class DetachedDeployment(StackDeployment):
    """One deployment of an environment, or of one model in it, that waits for nothing in AWS.

    A stack is prepared only when those before it are as they are to be: CloudFormation refuses a change set that
    imports what is not exported yet, and Serving needs the model. `retry` begins again what has failed with the same
    template, which else is a failure.
    """

    def __init__(self, target: DeployTarget, aws: Aws, cdk: CdkCli, screen: Screen, *, retry: bool = False) -> None:
        super().__init__(target, aws, cdk, screen)
        self._retry = retry

    def run(self, extra: Sequence[str] = ()) -> ExitCode:
        """Begin what can be begun; return GOES_ON where something was begun or is in progress.

        Raises NameTaken, ExportsInUse, NotDetached or NoAssembly before anything is begun.
        """
        if refused := [each for each in extra if each.partition("=")[0] in _OF_EXECUTION]:
            raise NotDetached(f"--detach prepares and executes change sets by itself: leave out {', '.join(refused)}")
        self._check_names()
        self._warn_of_models_without_a_file()
        foundation = _Part(self._target.foundation, self._target.stack_ids[0], self._cdk, self._screen)
        if (state := self._state(foundation)).is_in_progress:
            return self._goes_on(foundation, f"is {state.status}")
        self._check_exports(extra)
        given = self._given(extra)
        for model in self._models.values():
            model.begin()
        (code,) = self._advance([foundation], given)
        if code is ExitCode.DONE:
            code = self._advance_models(given)
        if code is ExitCode.DONE:
            self._say_what_next()
        return code

    def _given(self, extra: Sequence[str]) -> _From:
        if wanted.app_of(extra) is None:
            own = [*self._target.context_of_it, *NAMED, *_of_synthesis(extra)]
            if self._cdk.run(["synth", *self._target.stack_ids, "--exclusively", "--quiet", *own]):
                raise NoAssembly("nothing was begun: the synthesis failed, for the reasons above")
        arguments = of_one_assembly(extra, self._cdk.output)
        return _From(wanted.app_of(arguments) or "", arguments, commit_of(self._target.folder))

    def _advance_models(self, given: _From) -> ExitCode:
        outcomes = dict.fromkeys(self._models, ExitCode.DONE)
        # Each model in its own order: what is evaluated as it serves is evaluated last.
        for step in range(len(MODEL_STACKS)):
            ready = {
                its.name: its.stack_kinds[step] for its in self._target.settings if self._is_due(its, step, outcomes)
            }
            codes = self._advance([self._part(name, kind) for name, kind in ready.items()], given)
            outcomes.update(zip(ready, codes, strict=True))
        self.outcomes = {name: code or self._models[name].ended(0, [], self._cdk) for name, code in outcomes.items()}
        if len(self._models) > 1:
            self._say_outcomes()
        return of_parts(self.outcomes.values())

    def _is_due(self, its: Model, step: int, outcomes: Mapping[str, ExitCode]) -> bool:
        return step < len(its.stack_kinds) and not outcomes[its.name]

    def _part(self, name: str, kind: StackKind) -> _Part:
        model = self._models[name]
        (its,) = (each for each in self._target.settings if each.name == name)
        stack_id = f"{self._target.name}/{its.stack_id(kind)}"
        return _Part(its.stack_name(kind), stack_id, model.cdk, model.screen, model)

    def _advance(self, parts: Sequence[_Part], given: _From) -> list[ExitCode]:
        """Take stacks that do not need each other one step further, side by side."""
        outcomes: dict[str, ExitCode] = {}
        changes: list[tuple[_Part, str]] = []
        for part in parts:
            name = _change_set(part, given)
            if (outcome := self._settled(part, name)) is None:
                changes.append((part, name))
            else:
                outcomes[part.name] = outcome
        runs = [(part.cdk, _prepares(part, name, given)) for part, name in changes]
        codes = run_all(runs) if len(runs) > 1 else [cdk.run(arguments) for cdk, arguments in runs]
        for (part, name), code in zip(changes, codes, strict=True):
            outcomes[part.name] = self._failed(part, code) if code else self._begin(part, name, given.commit)
        return [outcomes[part.name] for part in parts]

    def _settled(self, part: _Part, change_set: str) -> ExitCode | None:
        """Return the outcome of a stack with which nothing is to be done now, in words; None where it is prepared."""
        state = self._state(part)
        reasons = stack_states.latest_failures(self._cloudformation, part.name) if state.has_failed else []
        step = next_step(
            state.status,
            was_tried=state.has_failed and not self._retry and self._has_tried(part, change_set),
            needs_time=training_progress.is_all(reasons),
            goes_on=bool(part.model and part.model.going_on()),
        )
        match step:
            case NextStep.PREPARE:
                return None
            case NextStep.LEAVE:
                return self._goes_on(part, f"is {state.status}")
            case NextStep.TELL:
                what = "this very template has failed. Change what failed, or try the same again with --retry"
            case NextStep.REPAIR:
                what = f"it takes no update. To repair it: {_STUCK}"
        part.screen.say(f"Stack {part.name} is {state.status}, and nothing was begun: {what}")
        for reason in reasons:
            part.screen.say(f"  failed: {reason}")
        return outcome_of(reasons) if step is NextStep.TELL else ExitCode.FAILED

    def _has_tried(self, part: _Part, change_set: str) -> bool:
        return operations.latest(self._cloudformation, part.name).change_set == change_set

    def _begin(self, part: _Part, change_set: str, commit: str) -> ExitCode:
        try:
            has_changes = change_sets.begin(self._cloudformation, part.name, change_set, commit)
        except ClientError:
            # Another run has executed it, or a change set of its own. Two operations on a stack at once there are not.
            if not (state := self._state(part)).is_in_progress:
                raise
            return self._goes_on(part, f"is {state.status}, begun by another run")
        return self._goes_on(part, "was begun") if has_changes else ExitCode.DONE

    def _failed(self, part: _Part, code: int) -> ExitCode:
        model = part.model or next(iter(self._models.values()), None)
        return model.ended(code, [self._state(part)], part.cdk) if model else ExitCode.FAILED

    def _goes_on(self, part: _Part, what: str) -> ExitCode:
        told = "; ".join([f"Stack {part.name} {what}", *(part.model.going_on() if part.model else ())])
        part.screen.say(f"{told}. Run the same command later: that begins nothing twice")
        return ExitCode.GOES_ON

    def _state(self, part: _Part) -> StackState:
        return stack_states.read(self._cloudformation, part.name)


def _change_set(part: _Part, given: _From) -> str:
    try:
        stack = wanted.stack_in(given.assembly, part.name)
    except wanted.NotKnown as why:
        raise NoAssembly(f"nothing was begun of stack {part.name}: {why}") from None
    return change_sets.name_of(stack.body, stack.tags)


def _prepares(part: _Part, change_set: str, given: _From) -> list[str]:
    # Anew, also where one of that name exists: the CDK CLI asks before it is executed, and nobody may have agreed.
    how = ["--method", "prepare-change-set", "--change-set-name", change_set]
    return ["deploy", part.id, "--exclusively", "--progress", "events", *how, *given.arguments]


def _of_synthesis(extra: Sequence[str]) -> Iterator[str]:
    """Yield those of the arguments for a deploy that its synthesis takes too."""
    arguments = iter(extra)
    for argument in arguments:
        if argument.partition("=")[0] in _OF_SYNTHESIS:
            yield argument
            if argument in _OF_SYNTHESIS:
                yield next(arguments, "")
