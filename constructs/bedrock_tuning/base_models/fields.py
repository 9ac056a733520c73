"""The base of every model here: frozen, and strict about names; and the types that several of them use."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

# Where the figures of a table are from: addresses of pages, or words that name them; one may stand without brackets.
Source = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1)], ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    Field(min_length=1),
]

# A code in AWS Service Quotas.
QuotaCode = Annotated[str, StringConstraints(pattern=r"^L-[0-9A-F]{8}$")]


class Frozen(BaseModel):
    """A pydantic model that refuses unknown keys and cannot be changed once made."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")
