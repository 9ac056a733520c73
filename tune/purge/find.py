"""What an environment has left, and what stands in the way of removing it. Reads only."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.observed import Served
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.resources.bedrock import Bedrock
from settings.stack_names import MODEL_STACKS, STACK_KINDS
from tune.account import candidates, inventory, items, neighbours, ownership, stack_states
from tune.account.aws import Aws
from tune.account.bedrock_resources import BedrockResource, Observer, details_of, served
from tune.account.items import InventoryItem
from tune.purge.kept import Kept, KeptCandidate, KeptModel
from tune.purge.proof import Proof
from tune.purge.stores import EnvironmentStores
from tune.terminal.environments import EnvironmentRef

_WHILE_NEEDED: Final = "wait until its evaluation is over, which deletes it"


class Finder:
    """Looks at one environment, or one model in it, again before each thing that is removed."""

    def __init__(self, aws: Aws, anchor: EnvironmentRef) -> None:
        self._aws = aws
        self._anchor = anchor
        self._cloudformation = aws("cloudformation")
        self._bedrock = Bedrock(aws("bedrock"))
        self._observer = Observer(self._bedrock, anchor.region)
        self._proof = Proof.of(anchor)
        self.stores = EnvironmentStores(aws, anchor)

    def kept(self) -> Kept:
        """Return everything that is proven to be the environment's."""
        models = [
            KeptModel(thing.name, thing.arn, details_of(self._bedrock, thing.arn))
            for thing in self._observer.models()
            if self._proof.is_model(thing.name, thing.tags)
        ]
        left = tuple(KeptCandidate(its.name, its.arn) for its in self._candidates() if self._is_needed(its) is False)
        if self._anchor.named:  # bucket, data and key are all models'
            return Kept(tuple(models), candidates=left)
        return Kept(tuple(models), self.stores.buckets(), self.stores.keys(), left)

    def unproven(self, kept: Kept) -> list[InventoryItem]:
        """Return what looks like the environment's, and no tags prove to be."""
        proven = {
            *(its.name for its in kept.models),
            *(its.name for its in kept.buckets),
            *(its.id for its in kept.keys),
        }
        found = inventory.models(self._aws, self._anchor)
        if not self._anchor.named:
            found += [its.item for its in inventory.left_stores(self._aws, self._anchor).stored if its.item.command]
        return [item for item in found if item.name not in proven]

    def unseen(self) -> str:
        """Return what could not be looked at, of which something may be left; nothing where all was seen."""
        stores = "" if self._anchor.named else inventory.left_stores(self._aws, self._anchor).unseen
        runs = [str(its) for its in candidates.evaluating(self._aws, self._anchor) if not its.command]
        left = [
            f"candidate {its.name}: whether a run is under way, which deletes it, is not seen"
            for its in self._candidates()
            if self._is_needed(its) is None
        ]
        return "; ".join(filter(None, [stores, *runs, *left]))

    def obstacles(self, kept: Kept) -> list[str]:
        """Return why nothing may be removed now."""
        models = {model.arn for model in kept.models}
        left = {candidate.arn for candidate in kept.candidates}
        serving = self.serving(models, besides=left)
        arns, buckets = models | {key.arn for key in kept.keys}, {bucket.name for bucket in kept.buckets}
        used = neighbours.users(self._anchor, arns=arns, buckets=buckets)
        return [*self.stacks(), *self._trainings(), *self._evaluations(), *serving, *self.holds(kept.models), *used]

    def stacks(self) -> list[str]:
        """Return the stacks that still use what would be removed."""
        anchor = self._anchor
        standing = (stack_states.read(self._cloudformation, name) for name in anchor.stacks(*STACK_KINDS))
        others = [its for its in standing if ownership.is_anothers(self._cloudformation, anchor, its)]
        if others:
            return [
                f"stack {its.name} belongs to another app, so what has its name is not this app's" for its in others
            ]
        kinds = MODEL_STACKS if anchor.named else STACK_KINDS
        states = [stack_states.read(self._cloudformation, name) for name in anchor.stacks(*kinds)]
        command = f"python -m tune destroy {anchor.arguments}{'' if anchor.named else anchor.everything}"
        return [f"stack {state.name} exists ({state.status}): {command}" for state in states if state.exists]

    def serving(self, model_arns: set[str], besides: Collection[str] = ()) -> list[str]:
        """Return what serves one of the models, whoever made it, besides some."""
        return [
            f"{what} {its.name} serves {model} and would stop: {remedy}"
            for what, remedy, its in self._serving()
            if its.arn not in besides
            for model in sorted(model_arns & {its.model_arn, its.serving_arn, its.desired_arn})
        ]

    def holds(self, models: Iterable[KeptModel]) -> list[str]:
        """Return which environments hold some of the models, to serve them or to go back to them."""
        tags = ((model, self._bedrock.tags(model.arn)) for model in models)
        return [self._held(model, holders) for model, its in tags if (holders := contract.holders(its))]

    def _held(self, model: KeptModel, holders: Sequence[str]) -> str:
        first = holders[0]
        # A hold outlives its environment when that still served the model as its Promotion stack was deleted.
        untag = f"--resource-arn {model.arn} --tag-keys {contract.hold_tag(first)} --region {self._anchor.region}"
        return (
            f"custom model {model.name} is {items.held_by(holders)}, so it stays until {' and '.join(holders)} no "
            f"longer needs it: promote another one there, or python -m tune destroy {first}; if {first} does not "
            f"exist, aws bedrock untag-resource {untag}"
        )

    def _serving(self) -> Iterator[tuple[str, str, Served]]:
        """Yield everything that serves, with what it is and the command that removes it."""
        for thing in self._observer.serving():
            if found := served(self._bedrock, thing.kind, thing.arn):
                waits = thing.evaluation and self._is_needed(thing) is not False
                yield thing.item.what, _WHILE_NEEDED if waits else thing.item.command, found

    def is_left(self, candidate: KeptCandidate) -> bool:
        """Tell whether a candidate is there, is the environment's, and no run needs it."""
        return any(its.arn == candidate.arn and self._is_needed(its) is False for its in self._candidates())

    def is_ended(self, candidate: KeptCandidate) -> bool:
        return served(self._bedrock, "deployment", candidate.arn) is None

    def _candidates(self) -> Iterator[BedrockResource]:
        return (its for its in self._observer.deployments() if self._proof.is_candidate(its.name, its.tags))

    def _is_needed(self, candidate: BedrockResource) -> bool | None:
        return candidates.is_in_use(self._aws, candidate)

    def is_model(self, model: KeptModel) -> bool:
        """Tell whether a model still is the environment's; one that has gone is not."""
        return self._proof.is_model(model.name, self._bedrock.tags(model.arn))

    def is_gone(self, model: KeptModel) -> bool:
        return self._bedrock.model(model.arn) is None

    def encrypted_with(self, key_arn: str) -> Iterator[str]:
        """Yield the names of custom models, whoever made them, that cannot be read without a key."""
        for thing in self._observer.models():
            try:
                found = self._bedrock.client.get_custom_model(modelIdentifier=thing.arn)
            except ClientError as error:
                if aws_errors.is_not_found(error):
                    continue
                raise
            if found.get("modelKmsKeyArn") == key_arn:
                yield thing.name

    def _evaluations(self) -> list[str]:
        return [
            f"{its.what} {its.name} is under way: wait for it, or stop it: {its.command}"
            for its in candidates.evaluating(self._aws, self._anchor)
            if its.command
        ]

    def _trainings(self) -> list[str]:
        return [
            f"training run {thing.name} is in progress and will leave a model: wait until it has ended, or stop the "
            f"job: {thing.item.command}"
            for status in ("InProgress", "Stopping")
            for thing in self._observer.jobs(statusEquals=status)
            if inventory.is_of(thing, self._anchor) or self._proof.is_training(thing.tags)
        ]
