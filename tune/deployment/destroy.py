"""Deletes the stacks of an environment, what serves first, and asks AWS afterwards what is left.

Their names follow from those of the settings files, and from their tags. Nothing is synthesized, so nothing that only a
synthesis needs (data files, other settings, the CDK's output folder) keeps what bills from being ended.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from settings.folder import environment_file, exists, model_names
from settings.stack_names import MODEL_STACKS, STACK_KINDS
from tune.account import candidates, inventory, neighbours, owner_tag, ownership, stack_states
from tune.account.aws import Aws
from tune.account.items import InventoryItem
from tune.account.location import place_of
from tune.account.stack_states import StackState
from tune.account.stores import Seen, without_needed_keys
from tune.deployment.destroy_text import KINDS, Extent, Left
from tune.terminal.environments import EnvironmentRef
from tune.terminal.exit_codes import ExitCode
from tune.terminal.screen import Screen

GOES_ON: Final = "What CloudFormation has started continues; run the same command again"
_FAILED: Final = "DELETE_FAILED"
_POLL_SECONDS: Final = 5.0
# CloudFormation begins after it has answered.
_BEGINS_WITHIN_POLLS: Final = 6
# A deploy that goes on elsewhere makes Serving anew when its training is done.
_ROUNDS: Final = 3


def stacks(anchor: EnvironmentRef, extent: Extent) -> list[str]:
    """Return the names of the stacks that go, in that order: what serves first, and Foundation last."""
    return [name for kind in KINDS[extent] for name in anchor.stacks(kind)]


class Teardown:
    """Destroys stacks of an environment, or of one model in it."""

    def __init__(
        self, anchor: EnvironmentRef, aws: Aws, screen: Screen, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._anchor = anchor
        self._aws = aws
        self._cloudformation = aws("cloudformation")
        self._screen = screen
        self._sleep = sleep
        self._told: set[str] = set()

    def going(self, extent: Extent) -> list[StackState]:
        """Return the stacks that would be destroyed, in that order."""
        return [state for state in self.states(extent) if state.is_there and not self._is_anothers(state)]

    def states(self, extent: Extent) -> list[StackState]:
        """Return the same stacks as they are now, also those that are gone."""
        return [self._state(name) for name in stacks(self._anchor, extent)]

    def serving_and_training(self) -> list[InventoryItem]:
        """Return what serves, trains and is evaluated in the environment now."""
        return [*self._in_bedrock(), *candidates.evaluating(self._aws, self._anchor)]

    def _in_bedrock(self) -> list[InventoryItem]:
        of = (inventory.billing, inventory.deployed, inventory.running)
        return [item for look in of for item in look(self._aws, self._anchor)]

    def is_of_nothing(self) -> bool:
        """Tell whether what is named has no file, no stack and nothing in Bedrock: a slip of the pen."""
        anchor = self._anchor
        known = exists(environment_file(anchor.folder, anchor.name))
        if known and (anchor.named is None or anchor.named in model_names(anchor.folder, anchor.name)):
            return False
        kinds = MODEL_STACKS if anchor.named else STACK_KINDS
        states = map(self._state, anchor.stacks(*kinds))
        stand = any(its.is_there and not self._is_anothers(its) for its in states)
        return not stand and not self._in_bedrock() and not inventory.models(self._aws, anchor)

    def run(self, extent: Extent) -> ExitCode:
        """Destroy; return DONE when everything asked for is gone, else FAILED."""
        for _ in range(_ROUNDS):
            if self._models_stay(extent):
                return ExitCode.FAILED
            # Only now: as long as something serves, the functions that can delete it must stand.
            if extent == "all" and not self._delete_foundation():
                return ExitCode.FAILED
            if not self.going(extent):
                return ExitCode.DONE
        return ExitCode.FAILED

    def _delete_foundation(self) -> bool:
        return not self._is_serving() and not self._is_needed() and self._delete_all(self._anchor.stacks("Foundation"))

    def _models_stay(self, extent: Extent) -> bool:
        """Destroy what each model has; what stays of one keeps none of the others."""
        anchor = self._anchor
        staying = [model for model in anchor.models if not self._delete_all(anchor.about([model]).stacks("Serving"))]
        if extent != "serving":
            going = [model for model in anchor.models if model not in staying]
            kinds = KINDS["default"][1:]
            staying += [model for model in going if not self._delete_all(anchor.about([model]).stacks(*kinds))]
        return bool(staying)

    def _delete_all(self, names: Sequence[str]) -> bool:
        """Delete each of some stacks, whatever becomes of the others; return whether all are gone."""
        staying = [name for name in names if not self._delete(name)]
        return not staying

    def left(self, extent: Extent, store: inventory.FoundationStore) -> Left:
        """Ask AWS what is left; `store` is what Foundation had before it was destroyed."""
        aws, anchor = self._aws, self._anchor
        states = map(self._state, anchor.stacks("Foundation"))
        stand = [its.name for its in states if its.exists and not self._is_anothers(its)]
        gone = extent == "all" and not stand
        # Bucket and keys are all models': of one that was named they are not what is left.
        models = inventory.models(aws, anchor)
        stores = Seen() if anchor.named else inventory.left_stores(aws, anchor, store if gone else None)
        runs = list(candidates.evaluating(aws, anchor))
        return Left(
            inventory.billing(aws, anchor),
            candidates.without_needed(inventory.deployed(aws, anchor), runs),
            [*inventory.running(aws, anchor), *runs],
            [
                *models,
                *(its.item for its in without_needed_keys(stores.stored, models) if its.deletion_date is None),
                *(inventory.foundation_item(anchor, name) for name in stand if not anchor.named),
            ],
            stores.unseen,
        )

    def _is_serving(self) -> bool:
        """Tell, in words, whether something serves that only Foundation's functions can end."""
        items = [*inventory.billing(self._aws, self._anchor), *inventory.deployed(self._aws, self._anchor)]
        for item in items:
            self._say_once(f"Foundation is kept: {item}")
        return bool(items)

    def _is_needed(self) -> bool:
        """Tell, in words, whether another environment was given a key that is deleted with Foundation."""
        place = place_of(self._anchor)
        arn = f"arn:{place.partition}:kms:{place.region}:{place.account}:key/"
        keys = {f"{arn}{each}" for each in inventory.keys_that_go(self._aws, self._anchor)}
        needed = list(neighbours.users(self._anchor, arns=keys)) if keys else []
        for reason in needed:
            self._screen.say(f"Foundation is kept: {reason}")
        return bool(needed)

    def _delete(self, name: str) -> bool:
        """Delete a stack, when there is one of ours; return whether it is gone, or none of ours."""
        self._settle(name)
        state = self._state(name)
        if not state.is_there:
            return True
        if self._is_anothers(state):
            self._say_once(f"Stack {state.name} belongs to another app and is left alone")
            return True
        before = self._newest_event(state)
        try:
            if name in self._anchor.stacks("Foundation") and state.protected:
                self._cloudformation.update_termination_protection(
                    StackName=state.name, EnableTerminationProtection=False
                )
            self._screen.say(f"Deleting stack {state.name}")
            self._cloudformation.delete_stack(StackName=state.name)
        except ClientError as error:
            if aws_errors.code(error) != "ValidationError":
                raise
            self._screen.say(f"Stack {state.name} is not deleted: {aws_errors.sentence(error)}")
            return False
        return self._followed(name, before)

    def _settle(self, name: str) -> None:
        """Wait as long as CloudFormation is at work on a stack: two operations at once end in DELETE_FAILED."""

        def announce(state: StackState) -> None:
            if state.status != "DELETE_IN_PROGRESS":
                self._explain(state)
            self._screen.status(f"waiting for stack {state.name}, which is {state.status}")

        stack_states.wait_while_in_progress(lambda: [self._state(name)], announce, self._sleep)
        self._screen.status(None)

    def _explain(self, state: StackState) -> None:
        self._say_once(
            f"Stack {state.name} is {state.status} and is deleted when that has ended. If a deploy is waiting for it "
            "elsewhere, end that deploy first: it would serve again"
        )
        for item in inventory.running(self._aws, self._anchor):
            self._say_once(f"  {item}; to end it sooner: {item.command}")

    def _followed(self, name: str, before: str | None) -> bool:
        """Wait for the end of a delete; say why when it fails."""
        patience = _BEGINS_WITHIN_POLLS
        while (state := self._state(name)).is_there:
            if not state.is_in_progress:
                patience -= 1
                if patience < 0 or (state.status == _FAILED and self._newest_event(state) != before):
                    break
            self._screen.status(f"stack {state.name}: {state.status}")
            self._sleep(_POLL_SECONDS)
        self._screen.status(None)
        if not state.is_there:
            self._screen.say(f"Stack {state.name} is deleted")
            return True
        self._screen.say(f"Stack {state.name} still exists: {state.status}")
        for reason in stack_states.latest_failures(self._cloudformation, state.name):
            self._screen.say(f"  failed: {reason}")
        for told in owner_tag.taken_away(self._aws, self._anchor, state.name):
            self._screen.say(f"  {told}")
        return False

    def _is_anothers(self, state: StackState) -> bool:
        return ownership.is_anothers(self._cloudformation, self._anchor, state)

    def _newest_event(self, state: StackState) -> str | None:
        return stack_states.newest_event_id(self._cloudformation, state.name)

    def _say_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._screen.say(text)

    def _state(self, name: str) -> StackState:
        return stack_states.read(self._cloudformation, name)
