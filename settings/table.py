"""What every table of a settings file is."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of a settings file: no unknown keys, no change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")
