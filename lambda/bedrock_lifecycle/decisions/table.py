"""Decision tables: rows that are tried in order, each saying when it holds and what is then done.

A table is data, so that the documentation prints the very rows that run, and a test can change one at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Facts = TypeVar("Facts")
Action = TypeVar("Action")


@dataclass(frozen=True)
class DecisionRow(Generic[Facts, Action]):
    """One row. `event`, `state`, `does` and `pays` are for people; `pays` says who pays from when to when."""

    id: str
    event: str
    state: str
    does: str
    pays: str
    when: Callable[[Facts], bool]
    then: Callable[[Facts], Action]


def decide(rows: Sequence[DecisionRow[Facts, Action]], facts: Facts) -> Action:
    """Return the action of the first row that holds; the last row of a table holds always."""
    for row in rows:
        if row.when(facts):
            return row.then(facts)
    raise AssertionError("the last row of a decision table holds always")
