"""Values of templates with what is known put in."""

from typing import Any

import pytest

from tune.account.templates import UNKNOWN, is_function, resolved

KNOWN = {"AWS::Region": "us-east-1", "exported": "a", "Bucket.Arn": "arn:bucket"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::ImportValue": "exported"}, "a"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:bucket"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "arn:bucket"),
        ({"Fn::Join": ["-", ["x", {"Ref": "AWS::Region"}, {"Ref": "Other"}]]}, f"x-us-east-1-{UNKNOWN}"),
        ({"Fn::Sub": "${AWS::Region}/${Bucket.Arn}/${!aws:username}"}, "us-east-1/arn:bucket/${aws:username}"),
        ({"Fn::Sub": ["${a}-${AWS::Region}", {"a": {"Ref": "AWS::Region"}}]}, "us-east-1-us-east-1"),
        ({"Fn::Sub": "${Other.Arn}"}, UNKNOWN),
        ({"Fn::Select": [0, ["a"]]}, UNKNOWN),
        ({"Fn::GetAtt": "Bucket"}, UNKNOWN),
        ({"Name": {"Ref": "AWS::Region"}, "List": [{"Ref": "Other"}]}, {"Name": "us-east-1", "List": [UNKNOWN]}),
    ],
)
def test_what_is_known_is_put_in(value: Any, expected: Any) -> None:
    assert resolved(value, KNOWN) == expected


def test_what_is_not_known_is_what_one_says() -> None:
    assert resolved({"Fn::Sub": "a/${Other}"}, KNOWN, lambda its: f"<{its['Ref']}>") == "a/<Other>"


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"Ref": "a"}, True), ({"Fn::If": []}, True), ({"ReferrerPolicy": "a"}, False), ({}, False), ("Ref", False)],
)
def test_a_function_is_no_value(value: Any, *, expected: bool) -> None:
    assert is_function(value) == expected
