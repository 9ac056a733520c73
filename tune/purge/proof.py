"""What proves that something is an environment's: its tags, to the letter; a name alone proves nothing.

The names of environment `eu` and of environment `prod-eu` end in the same way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bedrock_lifecycle import contract
from tune.account.location import place_of
from tune.terminal.environments import EnvironmentRef


@dataclass(frozen=True)
class Proof:
    """One environment, and what the owner tag says of what its stacks made."""

    environment: str
    foundation: str
    training: str

    @classmethod
    def of(cls, anchor: EnvironmentRef) -> "Proof":
        place = place_of(anchor)
        foundation, training = anchor.stack("Foundation"), anchor.stack("Training")
        return cls(anchor.name, place.stack_owner(foundation), place.stack_owner(training))

    def is_model(self, name: str, tags: Mapping[str, str]) -> bool:
        """Tell whether a custom model is of this environment: made by its Training stack, for the training it names."""
        training_id = tags.get(contract.TAG_TRAINING_ID, "")
        pattern = rf"{contract.NAME_PATTERN}-{re.escape(self.environment)}-{re.escape(training_id)}-[1-9][0-9]?"
        return self._carries(tags, self.training) and re.fullmatch(pattern, name) is not None

    def is_store(self, tags: Mapping[str, str]) -> bool:
        """Tell whether a bucket or a key was made by this environment's Foundation stack."""
        return self._carries(tags, self.foundation)

    def _carries(self, tags: Mapping[str, str], owner: str) -> bool:
        return tags.get(contract.TAG_OWNER) == owner and tags.get(contract.TAG_ENVIRONMENT) == self.environment
