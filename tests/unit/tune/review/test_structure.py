"""What the CDK's library tells of two templates, as a review takes it over; the library itself is not run."""

import json
import subprocess
from typing import Any

import pytest

from tune.review import structure


def told(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[structure.Change]:
    its = {"id": "It", "before": "Custom::Any", "after": "Custom::Any", "impact": "NO_CHANGE", "properties": []}
    done = subprocess.CompletedProcess([], 0, stdout=json.dumps([[its | changes]]), stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    (found,) = structure.changes([({}, {})])
    return found


def test_a_property_of_a_custom_resource_that_changes_is_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = told(monkeypatch, properties=["Reconcile"])
    assert (found.verb, found.properties) == ("updated", ("Reconcile",))


def test_what_does_not_change_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch) == []
    assert told(monkeypatch, before="AWS::CDK::Metadata", after=None, impact="WILL_DESTROY") == []
