"""The register itself: each entry can be answered, points to what exists, and has its switch."""

import ast
import dataclasses
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from sandbox.assumptions import register as module
from sandbox.assumptions.answers import AnswersError, AssumptionAnswers
from sandbox.assumptions.register import AccountAnswers, Assumption, register
from sandbox.bedrock import assumed as switches
from sandbox.bedrock.assumed import Assumed
from tests.conftest import ROOT
from tests.support.messages import saying

every_entry = pytest.mark.parametrize("entry", register().values(), ids=lambda entry: entry.id)
SIMULATION = ROOT / "sandbox" / "bedrock"


class Spy(AssumptionAnswers):
    """Answers that remember of which entries they were asked."""

    read: set[str]

    def __getitem__(self, name: str) -> str:
        self.__dict__.setdefault("read", set()).add(name)
        return super().__getitem__(name)


def played(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the entries that have a switch in the simulation."""
    made: list[Spy] = []

    def spying(given: Mapping[str, str] | None) -> Spy:
        made.append(Spy(given))
        return made[-1]

    monkeypatch.setattr(switches, "AssumptionAnswers", spying)
    Assumed()
    return made[0].read


def test_a_switch_has_its_entry_and_every_entry_with_a_switch_has_tests_that_rest_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert played(monkeypatch) == {entry.id for entry in register().values() if entry.tests}


def test_every_switch_is_read_by_the_simulation() -> None:
    read = {
        node.attr
        for path in SIMULATION.rglob("*.py")
        if path.name != "assumed.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "assumed"
    }
    switched = {name for name in vars(Assumed()) if not name.startswith("_")} | {"recipe", "term"}
    assert read == switched


def test_the_answers_are_read_in_one_place() -> None:
    importing = [path for path in SIMULATION.rglob("*.py") if "sandbox.assumptions" in path.read_text(encoding="utf-8")]
    assert importing == [SIMULATION / "assumed.py"]


def test_what_rests_on_an_entry_exists() -> None:
    entries = register().values()
    assert [entry.id for entry in entries if not entry.rests] == []
    assert [(entry.id, path) for entry in entries for path in entry.rests if not (ROOT / path).is_file()] == []


@every_entry
def test_an_entry_is_a_statement_with_answers(entry: Assumption) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.id)
    assert bool(entry.unit) != bool(entry.answers)
    assert entry.assumed not in entry.answers
    assert entry.takes(entry.another)
    assert entry.another != entry.holds
    for text in (entry.assumes, entry.otherwise, entry.ask):
        assert text
        assert not text.endswith(".")


def test_what_the_probe_does_not_ask_has_commands_that_exist() -> None:
    entries = register().values()
    assert [entry.id for entry in entries if bool(entry.commands) == (entry.cost == "free")] == []
    wrong = [(entry.id, each) for entry in entries for command in entry.commands for each in problems(command)]
    assert wrong == []


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("aws bedrock delete-custom-model --model-identifier MODEL", ""),
        ("aws bedrock delete-custom-modle --model-identifier MODEL", "delete-custom-modle"),
        ("aws bedrock delete-custom-model --model-id MODEL", "--model-id"),
        ("aws bedrock delete-custom-model", "modelIdentifier"),
        ("aws bedrok delete-custom-model", "bedrok"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(command: str, wrong: str) -> None:
    found = list(problems(command))
    assert bool(found) == bool(wrong)
    assert not wrong or any(wrong in problem for problem in found)


@cache
def services() -> Session:
    """Return what reads each service model once."""
    return Session()


def problems(command: str) -> Iterator[str]:
    """Yield what the AWS CLI would not know, by the service models that it is made from."""
    program, service, name, *words = shlex.split(command)
    assert program == "aws"
    session = services()
    if service not in session.get_available_services():
        yield f"{service} is no service"
        return
    model = session.get_service_model(service)
    operations = {xform_name(each, "-"): each for each in model.operation_names}
    if name not in operations:
        yield f"{name} is no operation of {service}"
        return
    shape: Any = model.operation_model(operations[name]).input_shape
    options = {f"--{xform_name(member, '-')}": member for member in shape.members}
    given = [word for word in words if word.startswith("--")]
    yield from (f"{name} has no {word}" for word in given if word not in {*options, "--query", "--region"})
    needed = set(shape.required_members) - {options.get(word) for word in given}
    yield from (f"{name} needs {member}" for member in sorted(needed) if "token" not in member.lower())


def test_an_answer_that_came_counts_in_place_of_what_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = dataclasses.replace(
        register()["unknown-job"], answered=AccountAnswers("ValidationException", date(2027, 2, 3))
    )
    with_answer: Mapping[str, Assumption] = {**register(), entry.id: entry}
    monkeypatch.setattr("sandbox.assumptions.answers.register", lambda: with_answer)
    assert AssumptionAnswers()["unknown-job"] == "ValidationException"
    assert AssumptionAnswers({"unknown-job": "ResourceNotFoundException"}).differing() == {
        "unknown-job": "ResourceNotFoundException"
    }
    assert len(Assumed().lasting) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"unknown-jib": "told"}, ("unknown-jib", "unknown-job")),
        ({"unknown-job": "told"}, ("told", "ValidationException")),
        ({"seen-by-name": "-1"}, ("-1", "seconds")),
        ({"seen-by-name": "1.5"}, ("1.5", "seconds")),
        ({"seen-by-name": "٣"}, ("seconds",)),
        ({"seen-by-name": "86401"}, ("86401", "86400")),
        ({"commitment-month": "0"}, ("days", "1")),
    ],
)
def test_what_is_no_answer_is_refused_with_what_is_allowed(given: dict[str, str], expected: tuple[str, ...]) -> None:
    with pytest.raises(AnswersError, match=saying(*expected)):
        Assumed(given)


@pytest.fixture
def reread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Mapping[str, Assumption]]:
    """Read one section of the register with another text in it."""

    def read(old: str, new: str) -> Mapping[str, Assumption]:
        text = (ROOT / "sandbox" / "assumptions" / "entries" / "absence.toml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "absence.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        monkeypatch.setattr(module, "_FOLDER", tmp_path)
        monkeypatch.setattr(module, "_SECTIONS", ("absence",))
        return register.__wrapped__()

    return read


def test_an_answer_is_a_line_in_the_entry_s_table(reread: Callable[[str, str], Mapping[str, Assumption]]) -> None:
    answered = 'answered = { answer = "ValidationException", on = 2027-02-03 }'
    entry = reread("[unknown-job]", f"[unknown-job]\n{answered}")["unknown-job"]
    assert entry.answered == AccountAnswers("ValidationException", date(2027, 2, 3))
    assert (entry.holds, entry.another) == ("ValidationException", "ResourceNotFoundException")


@pytest.mark.parametrize(
    ("old", "new"), [('assumed = "told"', 'assumed = "tolled"\nunit = "days"'), ('cost = "free"', 'cost = "cheap"')]
)
def test_an_entry_that_makes_no_sense_is_noticed(
    old: str, new: str, reread: Callable[[str, str], Mapping[str, Assumption]]
) -> None:
    with pytest.raises(ValueError, match=saying("absence", new.split('"')[1])):
        reread(old, new)
