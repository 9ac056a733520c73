"""The base of every model here: frozen, and strict about names."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A pydantic model that refuses unknown keys and cannot be changed once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")
