"""`docs/explanation/sandbox.md` prints the register. Renewed by make snapshots."""

import dataclasses
import os
import re
from datetime import date

import pytest

from sandbox.assumptions.register import Answered, register
from tests.conftest import ROOT
from tests.unit.assumptions.page import parts, table

PAGE = ROOT / "docs" / "explanation" / "sandbox.md"


@pytest.mark.parametrize("name", parts())
def test_the_page_has_what_the_register_has(name: str) -> None:
    between = re.compile(rf"(?<=<!-- register: {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    page, expected = PAGE.read_text(encoding="utf-8"), parts()[name]
    if os.environ.get("UPDATE_SNAPSHOTS"):
        page = between.sub(lambda _: expected, page, count=1)
        PAGE.write_text(page, encoding="utf-8")
    found = between.search(page)
    assert found is not None
    assert found[0] == expected


def test_an_answer_is_told_with_its_day() -> None:
    entry = register()["unknown-job"]
    answered = dataclasses.replace(entry, answered=Answered("ValidationException", date(2027, 2, 3)))
    assert "ResourceNotFoundException, assumed" in table([entry])
    assert "ValidationException, answered on 2027-02-03" in table([answered])
