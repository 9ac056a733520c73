"""A pytest plugin: every test that an entry of the register names runs with that entry turned, once for each entry.

The outcomes go as JSON to the file that TURNED_OUTCOMES names: by entry and test, those of its cases.
"""

import dataclasses
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from sandbox.assumptions.register import Assumption, register
from sandbox.bedrock.assumed import Assumed
from sandbox.bedrock.simulation import Simulation

OUTCOMES = "TURNED_OUTCOMES"
_KEY: pytest.StashKey[tuple[str, str]] = pytest.StashKey()
_found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))


def turned(entry: Assumption) -> dict[str, str]:
    """Return answers with which an entry shows that it is turned."""
    return {**entry.needs, entry.id: entry.another}


@pytest.fixture(autouse=True)
def turned_entry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every simulation of the test have the entry turned."""
    assumed, begin = Assumed(turned(register()[request.param])), Simulation.__init__

    def begin_turned(self: Simulation, clock: Any, world: Any, settings: Any, catalogue: Any) -> None:
        begin(self, clock, world, dataclasses.replace(settings, assumed=assumed), catalogue)

    monkeypatch.setattr(Simulation, "__init__", begin_turned)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = _name(metafunc.definition.nodeid)
    metafunc.parametrize(
        "turned_entry", [entry.id for entry in register().values() if name in entry.tests], indirect=True
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: Any) -> Any:
    report = yield
    if report.when == "call" or report.failed:
        outcome = report.outcome if report.when == "call" else f"error in {report.when}"
        _found[str(item.callspec.params["turned_entry"])][_name(item.nodeid)].append(outcome)
    return report


def pytest_sessionfinish() -> None:
    Path(os.environ[OUTCOMES]).write_text(json.dumps(_found), encoding="utf-8")


def _name(nodeid: str) -> str:
    return nodeid.partition("[")[0]
