"""How the command ends: 1 is a finding that was asked for, and nothing else is."""

from pathlib import Path
from typing import Any, NoReturn

import pytest
from typer.testing import CliRunner

from tests.support.messages import says
from tests.unit.tune.review.test_documents import finding, of
from tune.cli import app
from tune.review import formats, run, structure
from tune.review.run import Compared

FOUND = Compared(of(finding("deletes", "it deletes")), "base", "head")


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(structure, "_PACKAGE", tmp_path / "none")
    monkeypatch.setattr(run, "compared", lambda *_, **__: FOUND)


def ended(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["review", "--base", "any", *arguments])


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("", 0), ("buys", 0), ("deletes", 1), ("buys, deletes", 1), (" deletes ,", 1), (" , ", 0), ("buys, strange", 2)],
)
def test_classes_may_be_named_with_spaces(fail_on: str, code: int) -> None:
    assert ended("--fail-on", fail_on).exit_code == code


@pytest.mark.parametrize("error", [RuntimeError, ArithmeticError, KeyError, AssertionError, MemoryError])
@pytest.mark.parametrize(("module", "name"), [(run, "compared"), (formats, "tell")])
def test_a_fault_of_the_code_is_no_finding(
    error: type[Exception], module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> NoReturn:
        raise error("any reason")

    monkeypatch.setattr(module, name, fails)
    done = ended("--fail-on", "deletes")
    assert done.exit_code == 2
    assert "any reason" in done.stderr


def test_a_price_that_cannot_be_is_refused_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('currency = "EUR"\ndate = 2026-11-02\nsource = "any"\nkms_key_month = 1e400\n', encoding="utf-8")
    done = ended("--prices", str(file))
    assert done.exit_code == 2
    assert says(done.stderr, "prices.toml", "kms_key_month")
    assert len(done.stderr.splitlines()) == 1
