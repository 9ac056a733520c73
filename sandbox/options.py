"""What a sandbox is started with."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Final

# Where the emulator process finds its options, and the path of its controls.
OPTIONS_VARIABLE: Final = "SANDBOX_OPTIONS"
CONTROL_PREFIX: Final = "/_sandbox/"
# What `aws:PrincipalOrgID` is of every caller: all accounts of a sandbox are of one organization.
ORGANIZATION: Final = "o-sandbox0001"


@dataclass(frozen=True)
class Options:
    """Knobs of a sandbox.

    Args:
        rate: How many simulated seconds pass in a real one. Step Functions waits run faster by the same factor.
        quotas: Quotas of the simulated Bedrock by name, see `sandbox.bedrock.settings.Quotas`; an account has no
            model units unless they are granted here, as on AWS.
        minutes: Durations in simulated minutes by name, see `sandbox.bedrock.settings.Durations`.
        start: The simulated date at the start, ISO 8601; default is `sandbox.bedrock.clock.DEFAULT_START`.
        catalogue: TOML files with foundation models beside those that the simulation knows, in the form of
            `sandbox/bedrock/catalogue/`.
        answers: How Bedrock does what AWS does not document, by the entries of `sandbox.assumptions`; default is what
            holds there.
        simulated_sessions: Whether sessions of STS, and tokens of a web identity, end in simulated time. Default is the
            real time, since what a client itself does takes as long as it takes.
        environment: Environment variables for the emulator, which its Lambda functions inherit.
    """

    rate: float = 600.0
    quotas: dict[str, int] = field(default_factory=lambda: {"custom_model_units": 2})
    minutes: dict[str, float] = field(default_factory=dict)
    start: str | None = None
    catalogue: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    simulated_sessions: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def for_emulator(self) -> dict[str, Any]:
        """Return what the emulator process reads."""
        known = dataclasses.asdict(self)
        return {name: value for name, value in known.items() if value is not None and name != "environment"}
