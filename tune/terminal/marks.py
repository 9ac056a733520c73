"""Signs that texts for people share."""

from typing import Final

UNLOOKED: Final = "–"  # noqa: RUF001 - a dash, not a minus
