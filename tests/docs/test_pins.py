"""What is installed: every package once for every Python that is promised, as the groups in pyproject.toml ask."""

import tomllib
from collections.abc import Iterator
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

PACKAGE: Final = "requirements-lowest.txt"
PYTHONS: Final = ["3.11.2", "3.11.5", "3.12.0", "3.13.0", "3.14.0"]
FILES: Final = {
    "deploy": "requirements.txt",
    "dev": "requirements-dev.txt",
    "checkov": "requirements-checkov.txt",
}


def on(python: str) -> dict[str, str]:
    """Return the marker environment of a Python on Linux."""
    minor = python.rpartition(".")[0]
    return {
        "implementation_name": "cpython",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "python_full_version": python,
        "python_version": minor,
        "sys_platform": "linux",
    }


def pins(file: str, python: str) -> list[tuple[str, str]]:
    """Return name and version of what pip installs from a file."""
    lines = (line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#"))
    found = [Requirement(line) for line in lines]
    return [
        (canonicalize_name(each.name), str(each.specifier))
        for each in found
        if each.marker is None or each.marker.evaluate(on(python))
    ]


def asked(group: str) -> Iterator[Requirement]:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    for each in groups[group]:
        if isinstance(each, dict):
            yield from asked(each["include-group"])
        else:
            yield Requirement(each)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("file", FILES.values())
def test_every_package_is_pinned_once(file: str, python: str) -> None:
    found = pins(file, python)
    assert len(dict(found)) == len(found) > 30
    assert all(version.startswith("==") for _, version in found)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("group", FILES)
def test_pins_hold_what_the_group_asks_for(group: str, python: str) -> None:
    pinned = dict(pins(FILES[group], python))
    needed = [each for each in asked(group) if each.marker is None or each.marker.evaluate(on(python))]
    assert needed
    for each in needed:
        version = pinned[canonicalize_name(each.name)].removeprefix("==")
        assert each.specifier.contains(version), each


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lowest_versions_are_those_that_the_package_promises(python: str) -> None:
    lowest = dict(pins(PACKAGE, python))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for each in map(Requirement, project["dependencies"]):
        (bound,) = each.specifier
        assert bound.operator == ">="
        found = Version(lowest[canonicalize_name(each.name)].removeprefix("=="))
        assert found.release[:2] == Version(bound.version).release[:2]


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_with_the_versions_that_a_team_deploys_with(python: str) -> None:
    assert set(pins("requirements.txt", python)) <= set(pins("requirements-dev.txt", python))
