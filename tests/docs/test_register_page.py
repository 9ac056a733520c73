"""`docs/explanation/sandbox.md` prints the register. Renewed by make snapshots."""

import dataclasses
from datetime import date

import pytest

from sandbox.assumptions.register import AccountAnswers, register
from tests.conftest import ROOT
from tests.docs.printed import assert_printed
from tests.docs.register_page import parts, table

PAGE = ROOT / "docs" / "explanation" / "sandbox.md"


@pytest.mark.parametrize("name", parts())
def test_the_page_has_what_the_register_has(name: str) -> None:
    assert_printed(PAGE, f"register: {name}", parts()[name])


def test_an_answer_is_told_with_its_day() -> None:
    entry = register()["unknown-job"]
    answered = dataclasses.replace(entry, answered=AccountAnswers("ValidationException", date(2027, 2, 3)))
    assert "ResourceNotFoundException, assumed" in table([entry])
    assert "ValidationException, answered on 2027-02-03" in table([answered])
