"""What was deleted and is still shown."""

from dataclasses import dataclass

from sandbox.bedrock.errors import ServiceError


@dataclass(frozen=True)
class Leaving:
    """The status that is shown, None for the one that it had, and the error with which it refuses to be touched."""

    shown_as: str | None
    error: str


def refuse_leaving(noun: str, name: str, leaving: Leaving | None) -> None:
    """Raise when something was deleted before. The service's own text is not established."""
    if leaving is not None:
        raise ServiceError(leaving.error, f"The {noun} {name} is being deleted")
