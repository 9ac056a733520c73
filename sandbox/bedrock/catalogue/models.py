"""What the simulation knows of a foundation model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

# The body of InvokeModel, see `sandbox.bedrock.answers`.
Dialect = Literal["claude", "nova", "llama", "titan", "cohere"]
# What Converse can do: a conversation with a system prompt, one without, a single message without.
ConverseSupport = Literal["chat", "chat_without_system", "one_message"]
RecordFormat = Literal["messages", "converse", "prompt_completion"]

FINE_TUNING: Final = "FINE_TUNING"
ON_DEMAND: Final = "ON_DEMAND"
PROVISIONED: Final = "PROVISIONED"

_SYNTAX: Final = {
    "integer": re.compile(r"[0-9]+"),
    "float": re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|\.[0-9]+"),
}


@dataclass(frozen=True)
class HyperParameter:
    """One hyper-parameter: its kind, its inclusive range, its default."""

    kind: Literal["integer", "float"]
    minimum: Decimal
    maximum: Decimal
    default: Decimal

    def parse(self, text: str) -> Decimal:
        """Return the value of a text; raise ValueError when it is none or outside the range."""
        if _SYNTAX[self.kind].fullmatch(text):
            value = Decimal(text)
            if self.minimum <= value <= self.maximum:
                return value
        msg = f"must be of type {self.kind} and between {self.minimum:f} and {self.maximum:f}"
        raise ValueError(msg)


@dataclass(frozen=True)
class Unwritten:
    """What becomes of records of which no page says it; `sandbox.bedrock.assumed` knows."""

    takes_other_keys: bool = False
    takes_empty_texts: bool = False
    takes_any_schema_version: bool = True
    reserves_in_every_role: bool = False
    reserves_in_any_case: bool = False


@dataclass(frozen=True)
class Recipe:
    """What a base model asks of a fine-tuning job. Ranges of records are inclusive; None is no bound.

    `reserved_words` may not stand in the texts of the `reserved_in` roles; a prompt is the user's and a completion the
    assistant's. `hyper_parameters` is None when nobody has documented which ones there are. `unwritten` are
    the rules of which no page says anything.
    """

    record_format: RecordFormat
    train_records: tuple[int, int | None]
    validation_records: tuple[int, int | None]
    total_records: tuple[int, int | None]
    max_record_tokens: int | None
    max_input_tokens: int | None
    max_output_tokens: int | None
    reserved_words: tuple[str, ...]
    reserved_in: frozenset[str]
    hyper_parameters: Mapping[str, HyperParameter] | None
    unwritten: Unwritten = Unwritten()


@dataclass(frozen=True)
class LifecycleDates:
    """The dates known of a model; None is a date that has not been published."""

    legacy: datetime | None = None
    public_extended_access: datetime | None = None
    end_of_life: datetime | None = None

    def is_legacy(self, now: datetime) -> bool:
        """Return whether the model has entered its Legacy state."""
        return self.legacy is not None and now >= self.legacy

    def is_over(self, now: datetime) -> bool:
        """Return whether the model has reached its end of life.

        Established is only that requests fail from then on. With which error, and whether a model tuned
        earlier goes on being served, is not; the simulation lets both fail as a model that does not exist.
        """
        return self.end_of_life is not None and now >= self.end_of_life


@dataclass(frozen=True)
class InferenceProfile:
    """An id by which a model is asked across Regions, and those Regions: each may ask, and each may answer."""

    id: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class FoundationModel:
    """A foundation model, or one context variant of it (`...:200k`).

    `without_context` is its id without a context length. `tunable_in` are the Regions in which it can be customized,
    `deployable_in` those in which a model tuned from it can be deployed for on-demand inference. `calls_tools` says
    whether Converse takes tools for it, and `takes_temperature_and_top_p` whether it takes both in one request.
    `quota_per_output_token` is how much of a quota of tokens one of an answer uses up; `longest_answer`, in tokens,
    bounds an answer whose request does not, and is None where it is not known.
    """

    model_id: str
    without_context: str
    name: str
    provider: str
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    dialect: Dialect
    converse: ConverseSupport
    regions: frozenset[str]
    inference_types: tuple[str, ...]
    inference_profiles: tuple[InferenceProfile, ...]
    tunable_in: frozenset[str]
    deployable_in: frozenset[str]
    lifecycle: LifecycleDates
    recipe: Recipe
    quota_per_output_token: int = 1
    longest_answer: int | None = None
    calls_tools: bool = True
    takes_temperature_and_top_p: bool = True

    @property
    def is_variant(self) -> bool:
        """Whether it is an entry for one context length."""
        return self.model_id.count(":") > 1

    @property
    def is_nova_2(self) -> bool:
        """Whether it is of the second generation of Nova."""
        return self.model_id.startswith("amazon.nova-2-")

    def customizations(self, region: str) -> list[str]:
        """Return the kinds of customization that the region offers for this model."""
        return [FINE_TUNING] if region in self.tunable_in else []
