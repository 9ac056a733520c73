"""What proves that something is an environment's: its tags, to the letter; a name alone proves nothing.

The names of environment `eu` and of environment `prod-eu` end in the same way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bedrock_lifecycle import contract
from tune.account.location import Location, place_of
from tune.terminal.environments import EnvironmentRef


@dataclass(frozen=True)
class Proof:
    """An environment, or one model in it, and what the owner tag says of what its stacks made."""

    anchor: EnvironmentRef
    place: Location

    @classmethod
    def of(cls, anchor: EnvironmentRef) -> "Proof":
        return cls(anchor, place_of(anchor))

    def is_model(self, name: str, tags: Mapping[str, str]) -> bool:
        """Tell whether a custom model was made here: by the Training stack of its name, for the training it names."""
        training_id, environment = tags.get(contract.TAG_TRAINING_ID, ""), self.anchor.name
        pattern = rf"(?P<model>{contract.NAME_PATTERN})-{re.escape(environment)}-{re.escape(training_id)}-[1-9][0-9]?"
        found = re.fullmatch(pattern, name)
        return (
            found is not None
            and self.anchor.named in (None, found["model"])
            and self._carries(tags, self.anchor.stack("Training", found["model"]))
        )

    def is_candidate(self, name: str, tags: Mapping[str, str]) -> bool:
        """Tell whether a deployment was made for an evaluation here: for the Evaluation stack of the model it names."""
        model = tags.get(contract.TAG_MODEL, "")
        return (
            contract.evaluated_by(name, name=model, environment=self.anchor.name) != ""
            and self.anchor.named in (None, model)
            and self._carries(tags, self.anchor.stack("Evaluation", model))
        )

    def is_training(self, tags: Mapping[str, str]) -> bool:
        """Tell whether a training was begun by one of the Training stacks, whatever else its tags say."""
        owner = tags.get(contract.TAG_OWNER)
        return any(owner == self.place.stack_owner(stack) for stack in self.anchor.stacks("Training"))

    def is_store(self, tags: Mapping[str, str]) -> bool:
        """Tell whether a bucket or a key was made by this environment's Foundation stack."""
        return self._carries(tags, self.anchor.foundation)

    def _carries(self, tags: Mapping[str, str], stack: str) -> bool:
        owner = self.place.stack_owner(stack)
        of = (tags.get(contract.TAG_APP), tags.get(contract.TAG_ENVIRONMENT))
        return tags.get(contract.TAG_OWNER) == owner and of == (self.anchor.app, self.anchor.name)
