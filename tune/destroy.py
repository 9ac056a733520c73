"""`tune destroy`: what serves first, then the rest; afterwards what AWS says is left."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bedrock_tuning.file_verdicts import CHECK_DATA
from tune import inventory, stack_states
from tune.aws import Aws
from tune.cdk_cli import CdkCli
from tune.environments import StackKind, Target
from tune.items import Item
from tune.plan.place import place_of
from tune.purge import neighbours
from tune.purge.kept import Kept, Key
from tune.screen import Screen

# What is destroyed: what serves alone; with the training's stack; with Foundation as well.
Extent = Literal["serving", "default", "all"]
_STACKS: Final[dict[Extent, tuple[StackKind, ...]]] = {
    "serving": ("Serving",),
    "default": ("Serving", "Training"),
    "all": ("Serving", "Training"),
}
_DELETE_POLL_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Left:
    """What an environment has after a destroy."""

    billing: Sequence[Item]
    deployed: Sequence[Item]
    running: Sequence[Item]
    kept: Sequence[Item]


class Destruction:
    """Destroys stacks of an environment."""

    def __init__(
        self,
        target: Target,
        aws: Aws,
        cdk: CdkCli,
        screen: Screen,
        *,
        extra: Sequence[str] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._target = target
        self._aws = aws
        self._cloudformation = aws("cloudformation")
        self._cdk = cdk
        self._screen = screen
        self._extra = extra
        self._sleep = sleep

    def run(self, extent: Extent) -> int:
        """Destroy; return 0 when everything asked for is gone, else the CLI's exit code or 1."""
        kinds = _STACKS[extent]
        code = self._delete_leftover("Serving") or self._cdk_destroy(*filter(self._target.has, kinds))
        if not code and "Training" in kinds:
            code = self._delete_leftover("Training")
        if not code and extent == "all":
            # Only now: as long as something serves, the functions that can delete it must stand.
            code = 1 if self._is_serving() or self._is_needed() else self._destroy_foundation()
        return code

    def left(self, extent: Extent, store: inventory.Store) -> Left:
        """Ask AWS what is left; `store` is what Foundation had before it was destroyed."""
        stands = self._state("Foundation").exists
        gone = extent == "all" and not stands
        kept = inventory.kept(self._aws, self._target, store if gone else inventory.Store())
        return Left(
            inventory.billing(self._aws, self._target),
            inventory.deployed(self._aws, self._target),
            inventory.running(self._aws, self._target),
            [*kept, *([inventory.foundation_item(self._target)] if stands else [])],
        )

    def _is_serving(self) -> bool:
        return bool(inventory.billing(self._aws, self._target) or inventory.deployed(self._aws, self._target))

    def _is_needed(self) -> bool:
        """Tell, in words, whether another environment was given a key that is deleted with Foundation."""
        settings = self._target.settings
        place = f"arn:{place_of(self._target).partition}:kms:{settings.region}:{settings.account}:key/"
        keys = tuple(Key(each, f"{place}{each}") for each in inventory.keys_that_go(self._aws, self._target))
        needed = list(neighbours.users(self._target, Kept(keys=keys))) if keys else []
        for reason in needed:
            self._screen.say(f"Foundation stays: {reason}")
        return bool(needed)

    def _delete_leftover(self, kind: StackKind) -> int:
        if self._target.has(kind) or not self._state(kind).exists:
            return 0
        # The app no longer has it, so the CDK CLI does not know it either.
        name = self._target.stack(kind)
        if not stack_states.is_of_this_project(self._cloudformation, name):
            self._screen.say(
                f"Stack {name} has nothing of this project in it: another app has that name, and it is left alone"
            )
            return 0
        self._screen.say(f"Deleting stack {name}, which the settings no longer have")
        self._cloudformation.delete_stack(StackName=name)
        while (state := self._state(kind)).is_in_progress:
            self._screen.status(f"stack {name} is {state.status}")
            self._sleep(_DELETE_POLL_SECONDS)
        self._screen.status(None)
        return 1 if state.exists else 0

    def _destroy_foundation(self) -> int:
        if self._state("Foundation").protected:
            self._cloudformation.update_termination_protection(
                StackName=self._target.stack("Foundation"), EnableTerminationProtection=False
            )
        return self._cdk_destroy("Foundation")

    def _cdk_destroy(self, *kinds: StackKind) -> int:
        present = [kind for kind in kinds if self._state(kind).exists]
        if not present:
            return 0
        patterns = [self._target.pattern(kind) for kind in present]
        # Data that is no longer right must not keep what bills from being destroyed.
        context = (*self._target.context_of_one, "-c", f"{CHECK_DATA}=false")
        code = self._cdk.run(["destroy", *patterns, "--force", "--exclusively", *context, *self._extra])
        if not code and any(self._state(kind).exists for kind in present):
            return 1
        return code

    def _state(self, kind: StackKind) -> stack_states.StackState:
        return stack_states.read(self._cloudformation, self._target.stack(kind))


def report(left: Left, environment: str, option: str = "") -> list[str]:
    """Return the lines that tell what is left; `option` names the folder of the settings, where it is another one."""
    lines = []
    if left.billing:
        lines.append("Still billed by the hour:")
        lines += _listed(left.billing)
    else:
        lines.append(f"Nothing of environment {environment} is billed by the hour any more.")
    if left.deployed:
        lines.append("Still deployed:")
        lines += _listed(left.deployed)
    if left.running:
        lines.append("Goes on:")
        lines += _listed(left.running)
    if left.kept:
        lines.append("Kept on purpose; to remove it, in this order:")
        lines += _listed(left.kept)
        if not any(item.what == "Stack" for item in left.kept):
            lines.append(f"  or all of it, after a question: python -m tune purge {environment}{option}")
    return lines


def _listed(items: Sequence[Item]) -> list[str]:
    return [line for item in items for line in (f"  {item}", f"      {item.command}")]
