"""The knobs of the simulation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Final

from sandbox.bedrock.assumed import Assumed

# AWS plans with about six characters to a token; the simulation counts with it, so its meter is an estimate.
CHARACTERS_PER_TOKEN: Final = 6


def tokens_in(characters: int) -> int:
    """Return the estimated number of tokens of a text of so many characters."""
    return ceil(characters / CHARACTERS_PER_TOKEN)


@dataclass(frozen=True)
class Durations:
    """How long things take, in simulated time. AWS documents none of it beyond "several hours" for a training.

    `training` is the duration of a job that runs all its epochs; a job that stops early takes its share of it.
    When it is None, an epoch takes `per_thousand_tokens` for every thousand tokens, but at least `epoch_minimum`.
    An invocation is answered at once, but holds what it reserves of a quota of tokens as long as an `answer` takes.
    """

    validation: timedelta = timedelta(minutes=10)
    data_processing: timedelta = timedelta(minutes=20)
    training: timedelta | None = None
    per_thousand_tokens: timedelta = timedelta(seconds=2)
    epoch_minimum: timedelta = timedelta(minutes=30)
    stopping: timedelta = timedelta(minutes=1)
    throughput_creation: timedelta = timedelta(minutes=10)
    throughput_update: timedelta = timedelta(minutes=10)
    deployment_creation: timedelta = timedelta(minutes=10)
    deployment_update: timedelta = timedelta(minutes=10)
    answer: timedelta = timedelta(seconds=1)

    def epoch(self, tokens: int, epoch_count: int) -> timedelta:
        """Return how long one epoch over so many tokens takes."""
        if self.training is not None:
            return self.training / epoch_count
        return max(self.epoch_minimum, self.per_thousand_tokens * (tokens / 1000))


@dataclass(frozen=True)
class Quotas:
    """The account's quotas when nobody has raised them; model units are 0 on AWS as well.

    `custom_model_units` and `base_model_units` are for throughputs without commitment, `model_units_per_throughput` is
    the bound of a single purchase: of AWS's quotas per model, here one for all. None means as many as
    `custom_model_units`. `deployments` counts the custom model deployments, `deployments_in_progress` those that are
    being made. Service Quotas tells them by their codes, see `service_quotas/quotas.toml`.

    `rates` has the requests and tokens of a minute that are other than AWS's defaults, by the names by which they are
    set (`requests_per_minute/` or `tokens_per_minute/` and whose they are, see `invocations/rates.toml`); None is the
    default.
    """

    custom_model_units: int = 0
    base_model_units: int = 0
    model_units_per_throughput: int | None = None
    customization_jobs: int = 10
    custom_models: int = 100
    deployments: int = 10
    deployments_in_progress: int = 2
    rates: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What a simulation is started with."""

    durations: Durations = field(default_factory=Durations)
    quotas: Quotas = field(default_factory=Quotas)
    assumed: Assumed = field(default_factory=Assumed)
    # Stands before every generated answer; empty it when the answers are to be parsed. The message id and the
    # model name in the response say "simulated" in any case.
    answer_label: str = "[simulated] "
