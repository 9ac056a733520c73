"""What the CDK's library tells of two templates, as a review takes it over; the library itself is not run."""

import json
from typing import Any

from tune.review import structure

ROLE = "AWS::IAM::Role"


def told(**changes: Any) -> list[structure.ResourceChange]:
    its = {"id": "It", "before": "Custom::Any", "after": "Custom::Any", "impact": "NO_CHANGE", "properties": {}}
    (found,) = structure.changes_of(json.dumps([[its | changes]]))
    return found


def test_a_property_of_a_custom_resource_that_changes_is_an_update() -> None:
    (found,) = told(properties={"Reconcile": "NO_CHANGE"})
    assert (found.verb, found.properties) == ("updated", {"Reconcile": "NO_CHANGE"})


def test_what_does_not_change_is_none() -> None:
    assert told() == []
    assert told(before="AWS::CDK::Metadata", after=None, impact="WILL_DESTROY") == []


def test_what_replaces_a_resource_is_what_the_library_says_of_its_properties() -> None:
    impacts = {"Path": "WILL_REPLACE", "Description": "WILL_UPDATE", "Policy": "MAY_REPLACE", "NotThere": "NO_CHANGE"}
    replaces = structure.replacement(told(before=ROLE, after=ROLE, impact="WILL_REPLACE", properties=impacts))
    assert {name: replaces(ROLE, name) for name in (*impacts, "RoleName")} == {
        "Path": "yes",
        "Description": "no",
        "Policy": "maybe",
        "NotThere": "maybe",
        "RoleName": "yes",
    }
