"""The first rows of what makes nothing: there is nothing to delete, and a rollback looks at nothing."""

from typing import Any

from bedrock_lifecycle.decisions.actions import Done
from bedrock_lifecycle.decisions.table import DecisionRow


def rows(row: str, pays: str, *, rollback: str, told: str) -> tuple[DecisionRow[Any, Any], ...]:
    """Return the rows.

    row: What their ids begin with.
    rollback, told: What a rollback does not do, in the table's words, and what is answered then.
    """
    return (
        DecisionRow(
            f"{row}-delete",
            "Delete",
            "any",
            "done",
            pays,
            when=lambda facts: facts.event == "Delete",
            then=lambda _facts: Done(),
        ),
        DecisionRow(
            f"{row}-rollback",
            "Update (rollback)",
            "any",
            f"done: {rollback}",
            pays,
            when=lambda facts: facts.rolling_back,
            then=lambda _facts: Done(told),
        ),
    )
