"""What an operation is given besides its parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.bedrock.assumed import Assumed
from sandbox.bedrock.names import Scope
from sandbox.bedrock.resources.region import Region
from sandbox.bedrock.simulation import Simulation

# Parameters and results are checked against the service model on the way in and out.
Params = Mapping[str, Any]
Result = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """Who calls, where, when, and the simulation."""

    simulation: Simulation
    scope: Scope
    caller_arn: str
    now: datetime

    @property
    def region(self) -> Region:
        """The state of the caller's account in the region."""
        return self.simulation.region(self.scope)

    @property
    def assumed(self) -> Assumed:
        """What the service does where AWS does not say what it does."""
        return self.simulation.assumed


Operation = Callable[[Call, Params], Result]
NOTHING: Result = {}
