"""The decision tables: every row is reached, does what it says, and would be missed."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from bedrock_lifecycle.decisions.serving import region_option
from bedrock_lifecycle.decisions.table import DecisionRow, decide
from tests.support.messages import says
from tests.unit.decisions.decision_examples import SAMPLES, TABLES, Rows
from tests.unit.decisions.examples import Example

EVERY_TABLE = [pytest.param(*table, id=name) for name, table in TABLES.items()]


def text_of(action: object) -> str:
    return " ".join(str(value) for value in vars(action).values())


def reached(rows: Rows, example: Example) -> str:
    return next(row for row in rows if row.when(example.facts)).id


@pytest.mark.parametrize(("rows", "examples"), EVERY_TABLE)
def test_the_facts_reach_their_row_and_no_other_before_it(rows: Rows, examples: Sequence[Example]) -> None:
    wrong = [
        (number, each.row, row) for number, each in enumerate(examples) if (row := reached(rows, each)) != each.row
    ]
    assert wrong == []


@pytest.mark.parametrize(("rows", "examples"), EVERY_TABLE)
def test_the_row_does_what_is_expected_and_names_what_it_is_about(rows: Rows, examples: Sequence[Example]) -> None:
    actions = [
        (f"{example.row}-{number}", example, decide(rows, example.facts)) for number, example in enumerate(examples)
    ]
    assert [(name, action) for name, example, action in actions if type(action) is not example.action] == []
    unnamed = {name: [each for each in its.names if not says(text_of(action), each)] for name, its, action in actions}
    assert {name: tokens for name, tokens in unnamed.items() if tokens} == {}


@pytest.mark.parametrize(("rows", "examples"), EVERY_TABLE)
def test_every_row_has_an_example_and_an_id_of_its_own(rows: Rows, examples: Sequence[Example]) -> None:
    ids = [row.id for row in rows]
    assert len(set(ids)) == len(ids)
    assert [row_id for row_id in ids if row_id not in {example.row for example in examples}] == []


@pytest.mark.parametrize(("rows", "_examples"), EVERY_TABLE)
def test_every_row_says_when_it_holds_what_is_done_and_who_pays(rows: Rows, _examples: object) -> None:
    for row in rows:
        assert all((row.event, row.state, row.does, row.pays))


@dataclass(frozen=True)
class Mutant:
    """A table with one row dropped or made to do something else."""

    name: str
    rows: Rows

    def survives(self, example: Example) -> bool:
        """Tell whether an example does not notice."""
        try:
            action = decide(self.rows, example.facts)
        except AssertionError:
            return False
        return type(action) is example.action and reached(self.rows, example) == example.row


def mutants(rows: Rows, examples: Sequence[Example]) -> Iterator[Mutant]:
    """Yield the table with each row dropped, and with each row's action replaced by each other one of the table."""
    action_of = {example.row: example.action for example in examples}
    for number, row in enumerate(rows):
        before, after = rows[:number], rows[number + 1 :]
        yield Mutant(f"{row.id}: dropped", (*before, *after))
        for action in sorted(set(action_of.values()) - {action_of[row.id]}, key=lambda action: action.__name__):
            changed = dataclasses.replace(row, then=_doing(action))
            yield Mutant(f"{row.id}: {action_of[row.id].__name__} -> {action.__name__}", (*before, changed, *after))


def _doing(action: type) -> Any:
    return lambda _facts: SAMPLES[action]()


@pytest.mark.parametrize(("rows", "examples"), EVERY_TABLE)
def test_every_mutant_of_a_table_is_caught(rows: Rows, examples: Sequence[Example]) -> None:
    survivors = []
    for mutant in mutants(rows, examples):
        caught_by = sorted({example.row for example in examples if not mutant.survives(example)})
        print(f"{mutant.name:60} caught by {', '.join(caught_by) or 'nothing'}")
        if not caught_by:
            survivors.append(mutant.name)
    assert survivors == []


@pytest.mark.parametrize(("rows", "examples"), EVERY_TABLE)
def test_no_two_neighbours_can_change_places_unnoticed_when_both_hold(rows: Rows, examples: Sequence[Example]) -> None:
    for number in range(len(rows) - 1):
        first, second = rows[number], rows[number + 1]
        both = [each for each in examples if each.row == first.id and second.when(each.facts)]
        swapped = Mutant("swapped", (*rows[:number], second, first, *rows[number + 2 :]))
        assert all(not swapped.survives(each) for each in both if first.then(each.facts) != second.then(each.facts))


def test_a_table_without_a_last_row_that_holds_always_is_an_error_of_ours() -> None:
    row: DecisionRow[int, str] = DecisionRow(
        "any", "", "", "", "", when=lambda fact: fact == 1, then=lambda _fact: "any"
    )
    assert decide([row], 1) == "any"
    with pytest.raises(AssertionError):
        decide([row], 2)


@pytest.mark.parametrize(("arn", "option"), [("arn:aws:bedrock:eu-west-1:1:x", " --region eu-west-1"), ("a-name", "")])
def test_a_command_goes_to_the_region_of_what_it_is_about(arn: str, option: str) -> None:
    assert region_option(arn) == option
