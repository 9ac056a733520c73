"""A standing environment whose `[organization]` changes: what of its exports in use an update leaves as it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from settings import Model
from tests.synth.organized import BOUNDARY, BUCKET, KEY, OPERATIONS_KEY, SERVICE_ROLE, VPC, Organized
from tests.synth.templates import Json
from tune.exports.changes import ExportChange, Fate, changes
from tune.exports.replacement import replacement

PATH: Final = {"role_path": "/teams/search/"}
PREFIX: Final = {"name_prefix": "acme-"}
GIVEN_KEY: Final = {"key_arn": KEY}
GIVEN_OPERATIONS_KEY: Final = {"operations_key_arn": OPERATIONS_KEY}
GIVEN_BUCKET: Final = {"bucket": BUCKET}
GIVEN_ROLE: Final = {"service_role_arn": SERVICE_ROLE}
ALL_GIVEN: Final = {**GIVEN_KEY, **GIVEN_OPERATIONS_KEY, **GIVEN_BUCKET, **GIVEN_ROLE}


Make = Callable[[dict[str, Any]], dict[str, Json]]


class Life:
    """An environment that is deployed again and again, each time with another `[organization]`."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._deployed: dict[str, Json] = {}

    def deploy(self, **organization: Any) -> list[ExportChange]:
        """Deploy in the CDK's order unless CloudFormation refuses Foundation; return what it refuses."""
        wanted = self._make(organization)
        refused = self._refused(wanted["Foundation"])
        if not refused:
            self._deployed = wanted
        return refused

    def kinds(self, stack: str = "Foundation") -> list[str]:
        """Return the types of what stands."""
        return sorted(each["Type"] for each in self._deployed[stack]["Resources"].values())

    def _refused(self, wanted: Json) -> list[ExportChange]:
        if not self._deployed:
            return []
        used = {name for stack in ("Training", "Serving") for name in _imports(self._deployed[stack])}
        found = changes(self._deployed["Foundation"], wanted, {}, replacement)
        assert [change for change in found if change.fate is Fate.UNKNOWN] == []
        return [change for change in found if change.export in used]


def _imports(value: object) -> Iterator[str]:
    match value:
        case {"Fn::ImportValue": str(name)}:
            yield name
        case dict() | list():
            for each in value.values() if isinstance(value, dict) else value:
                yield from _imports(each)


@pytest.fixture(scope="module")
def make(dev: Model, context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Synthesize `dev` with an `[organization]`, each one once."""
    made: dict[str, dict[str, Json]] = {}

    def synthesized(table: dict[str, Any]) -> dict[str, Json]:
        if (key := repr(sorted(table.items()))) not in made:
            made[key] = Organized(dev, context, tmp_path_factory.mktemp("organized"), **table).templates()
        return made[key]

    return synthesized


@pytest.fixture
def life(make: Make) -> Life:
    return Life(make)


@pytest.mark.parametrize(
    "change",
    [
        {"permissions_boundary": BOUNDARY},
        {"log_retention_days": 400},
        {"job_vpc": VPC},
        {"function_vpc": VPC},
        {"tags": {"Owner": "search"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_is_an_ordinary_update(life: Life, change: dict[str, Any]) -> None:
    life.deploy()
    assert life.deploy(**change) == []
    assert life.deploy() == []


@pytest.mark.slow  # a synthesis for each step
@pytest.mark.parametrize(
    ("before", "after", "keep"),
    [
        ({}, GIVEN_KEY, {"key": True}),
        (GIVEN_KEY, {**GIVEN_KEY, **GIVEN_BUCKET}, {"bucket": True}),
        ({}, {**GIVEN_KEY, **GIVEN_BUCKET}, {"key": True, "bucket": True}),
        ({}, GIVEN_OPERATIONS_KEY, {"operations_key": True}),
        ({}, {**GIVEN_KEY, **GIVEN_OPERATIONS_KEY}, {"key": True, "operations_key": True}),
        ({}, GIVEN_ROLE, {"service_role": "/"}),
        (PATH, {**PATH, **GIVEN_ROLE}, {"service_role": "/teams/search/"}),
        (PATH, GIVEN_ROLE, {"service_role": "/teams/search/"}),
        ({}, PATH, {"service_role": "/"}),
        (PATH, {}, {"service_role": "/teams/search/"}),
        (PATH, {"role_path": "/other/"}, {"service_role": "/teams/search/"}),
        (PREFIX, {**PREFIX, **PATH}, {"service_role": "/"}),
        ({**PREFIX, **PATH}, PREFIX, {"service_role": "/teams/search/"}),
        ({}, {**ALL_GIVEN, **PATH}, {"key": True, "operations_key": True, "bucket": True, "service_role": "/"}),
    ],
)
def test_needs_what_was_there_for_one_deployment_more(
    life: Life, before: dict[str, Any], after: dict[str, Any], keep: dict[str, Any]
) -> None:
    assert life.deploy(**before) == []
    made = life.kinds()
    assert life.deploy(**after) != []
    # With less of it kept, CloudFormation refuses the rest.
    for name in keep:
        assert life.deploy(**after, keep={other: keep[other] for other in keep if other != name}) != []

    assert life.deploy(**after, keep=keep) == []
    kept = life.kinds()
    for kind in ("AWS::KMS::Key", "AWS::S3::Bucket"):
        assert kept.count(kind) == made.count(kind)
    assert life.deploy(**after) == []

    assert len(life.kinds()) <= len(made)


def test_what_was_given_goes_in_one_deployment(life: Life) -> None:
    life.deploy(**ALL_GIVEN, **PATH)
    others = {"key_arn": KEY.replace("1111", "2222"), "bucket": "another", "service_role_arn": f"{SERVICE_ROLE}-2"}
    assert life.deploy(**others) == []
    assert life.deploy() == []


def test_another_prefix_needs_the_long_way(life: Life) -> None:
    life.deploy()
    assert {change.resource for change in life.deploy(**PREFIX)} > {"LifecycleFrontDoorFunction54D984C5"}


def test_roles_that_exist_come_after_the_service_role(life: Life, organize_roles: dict[str, str]) -> None:
    life.deploy(**PREFIX)
    others = {place: name for place, name in organize_roles.items() if place != "Foundation/ServiceRole"}
    assert life.deploy(**PREFIX, roles=organize_roles) != []
    assert life.deploy(**PREFIX, **GIVEN_ROLE, keep={"service_role": "/"}) == []
    assert life.deploy(**PREFIX, **GIVEN_ROLE, roles=others) == []
    assert life.deploy(**PREFIX, roles=organize_roles) == []
    assert [kind for kind in life.kinds() if kind.startswith("AWS::IAM")] == []


@pytest.fixture
def organize_roles(dev: Model, context: dict[str, Any], tmp_path: Path) -> dict[str, str]:
    return Organized(dev, context, tmp_path).roles()
