"""What only CloudFormation makes of a template is never passed over."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.tune.review.stacks import stack
from tune.review.assembly import StackTemplate
from tune.review.opaque import findings

KINDS = ("Stack", "StackSet", "Macro", "ModuleVersion", "ModuleDefaultVersion")
ROLE: Mapping[str, Any] = {"Type": "AWS::IAM::Role"}


def of(body: Mapping[str, Any]) -> StackTemplate:
    return stack({}, body=body)


def said(before: StackTemplate | None, after: StackTemplate) -> list[tuple[str, str, str]]:
    return [(its.finding_class, its.certainty, its.path) for its in findings(before, after)]


@pytest.mark.parametrize("kind", [*(f"AWS::CloudFormation::{each}" for each in KINDS), "Org::Any::It::MODULE"])
def test_what_makes_resources_elsewhere_cannot_be_told_if_it_is_new_changed_or_gone(kind: str) -> None:
    none, one = stack({}), stack({"It": {"Type": kind}})
    other = stack({"It": {"Type": kind, "Properties": {"TemplateURL": "other"}}})
    for before, after in ((None, one), (none, one), (one, other), (one, none)):
        assert said(before, after) == [("unknown", "unknown", "It")]
    assert said(one, one) == []


def test_what_waits_in_a_template_is_no_stack_in_it() -> None:
    assert said(None, stack({"It": {"Type": "AWS::CloudFormation::WaitConditionHandle"}})) == []
    assert said(None, stack({"It": {"Type": "AWS::Any::Stack"}})) == []
    assert said(None, stack({"It": {"Type": "ModuleVendor::Any::It"}})) == []


def test_a_macro_of_the_whole_template_makes_any_change_of_it_unknown() -> None:
    plain, macro = of({"Resources": {"It": ROLE}}), of({"Resources": {"It": ROLE}, "Transform": ["Any"]})
    changed = of({"Resources": {}, "Transform": ["Any"]})
    for before, after in ((None, macro), (plain, macro), (macro, changed)):
        assert said(before, after) == [("unknown", "unknown", "")]
    assert said(macro, macro) == []


def test_a_macro_in_a_resource_makes_a_change_of_that_unknown() -> None:
    def having(value: Any) -> StackTemplate:
        return stack({"It": {**ROLE, "Properties": {"Tags": [value]}}, "Other": ROLE})

    macro = having({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://any"}}})
    assert said(having("plain"), macro) == [("unknown", "unknown", "It")]
    assert said(None, macro) == [("unknown", "unknown", "It")]
    assert said(macro, macro) == []
    assert said(having("plain"), having("other")) == []
