"""What bills merely by existing, and begins to, or does so more than before."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.tune.review.stacks import stack
from tune.review.assembly import StackTemplate
from tune.review.standing import FREE, FREE_BY_SOURCE, TYPES, cost_of, costs_of, findings, untold

KEY = "AWS::KMS::Key"
ENDPOINT = "AWS::EC2::VPCEndpoint"
TABLE = "AWS::DynamoDB::Table"
PARAMETER = "AWS::SSM::Parameter"
CONFIG = "ProvisionedConcurrencyConfig"


def of(kind: str, **properties: Any) -> StackTemplate:
    return stack({"It": {"Type": kind, "Properties": properties}})


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        (KEY, {}, ("monthly", 1)),
        ("AWS::SecretsManager::Secret", {}, ("monthly", 1)),
        ("AWS::CloudWatch::Alarm", {}, ("monthly", 1)),
        (ENDPOINT, {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}, ("hourly", 2)),
        (ENDPOINT, {"VpcEndpointType": "Interface", "SubnetIds": {"Ref": "Any"}}, ("hourly", None)),
        (ENDPOINT, {"VpcEndpointType": "Gateway"}, None),
        (ENDPOINT, {}, None),
        (TABLE, {"BillingMode": "PAY_PER_REQUEST"}, None),
        (TABLE, {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}}, ("hourly", 7)),
        (TABLE, {}, ("hourly", None)),
        (PARAMETER, {"Tier": "Advanced"}, ("monthly", 1)),
        ("AWS::Lambda::Version", {}, None),
        ("AWS::Lambda::Alias", {CONFIG: {"ProvisionedConcurrentExecutions": 5}}, ("hourly", 5)),
        ("AWS::Lambda::Version", {CONFIG: {"Ref": "Any"}}, ("hourly", None)),
        ("AWS::AutoScaling::AutoScalingGroup", {"MinSize": "1"}, ("hourly", None)),
        ("AWS::EKS::Cluster", {}, ("hourly", 1)),
        ("AWS::Redshift::Cluster", {}, ("hourly", 1)),
        ("AWS::Redshift::Cluster", {"NumberOfNodes": 3}, ("hourly", 3)),
        ("AWS::Redshift::Cluster", {"NumberOfNodes": {"Ref": "Any"}}, ("hourly", None)),
        ("AWS::MSK::Cluster", {"NumberOfBrokerNodes": 3}, ("hourly", 3)),
        ("AWS::DAX::Cluster", {"ReplicationFactor": 2}, ("hourly", 2)),
        ("AWS::Transfer::Server", {"Protocols": {"Ref": "Any"}}, ("hourly", None)),
        ("AWS::Transfer::Server", {}, ("hourly", 1)),
        ("AWS::Transfer::Server", {"Protocols": ["SFTP", "FTPS"]}, ("hourly", 2)),
        (PARAMETER, {}, None),
        ("AWS::IAM::Role", {}, None),
    ],
)
def test_what_is_new_bills_from_now_on(
    kind: str, properties: Mapping[str, Any], expected: tuple[str, int | None] | None
) -> None:
    after = of(kind, **properties)
    for before in (None, stack({})):
        found = [(its.finding_class, its.costs[0].nature, its.costs[0].quantity) for its in findings(before, after)]
        assert found == ([("buys", *expected)] if expected else [])


@pytest.mark.parametrize(
    ("before", "after", "bills_more"),
    [(["a"], ["a", "b"], True), (["a", "b"], ["a"], False), (["a"], ["b"], False), (["a"], {"Ref": "Any"}, True)],
)
def test_only_more_of_what_bills_already_is_said(before: Any, after: Any, bills_more: bool) -> None:
    old, new = (of(ENDPOINT, VpcEndpointType="Interface", SubnetIds=its) for its in (before, after))
    assert bool(list(findings(old, new))) is bills_more


def test_what_takes_the_place_of_something_else_is_new() -> None:
    assert len(list(findings(of(PARAMETER), of(KEY)))) == 1
    assert len(list(findings(of(PARAMETER, Tier="Advanced"), of(KEY)))) == 1
    assert len(list(findings(of(PARAMETER), of(PARAMETER, Tier="Advanced")))) == 1


def test_costs_of_a_stack_are_counted_by_kind() -> None:
    gateway = {"Type": ENDPOINT, "Properties": {"VpcEndpointType": "Interface", "SubnetIds": {"Ref": "Any"}}}
    both = stack({"One": {"Type": KEY}, "Two": {"Type": KEY}, "Three": gateway})
    assert [(its.nature, its.quantity) for its in costs_of(both)] == [("monthly", 2), ("hourly", None)]


def test_every_type_says_where_aws_says_so() -> None:
    assert all(its.source.startswith("https://aws.amazon.com/") for its in TYPES.values())
    assert all(cost_of({"Type": kind}) is None or its.unit for kind, its in TYPES.items())


def test_types_of_which_nobody_knows_whether_they_bill_are_named_once_for_a_stack() -> None:
    kinds = ("AWS::Any::Thing", "AWS::Any::Other", "Vendor::Any::It", KEY, "AWS::IAM::Role", "Custom::It")
    after = stack({str(number): {"Type": kind} for number, kind in enumerate((*kinds, "AWS::Any::Thing"))})
    for before in (None, stack({})):
        (found,) = untold(before, after)
        assert (found.finding_class, found.certainty, found.path) == ("unknown", "unknown", "")
        assert [kind for kind in kinds if kind in found.says] == list(kinds[:3])
        assert found.says.count("AWS::Any::Thing") == 1
    assert list(untold(after, after)) == []
    assert len(list(untold(stack({"0": {"Type": KEY}}), stack({"0": {"Type": "AWS::Any::Thing"}})))) == 1


@pytest.mark.parametrize(
    "kind", ["AWS::Logs::MetricFilter", "AWS::Kendra::Index", "AWS::Lambda::EventSourceMapping", "AWS::Budgets::Budget"]
)
def test_a_type_of_which_no_words_of_aws_were_found_is_neither_free_nor_billed(kind: str) -> None:
    (found,) = untold(None, of(kind))
    assert kind in found.says
    assert cost_of({"Type": kind}) is None


def test_what_is_free_says_where_aws_says_so() -> None:
    assert all(source.startswith("https://") for source in FREE_BY_SOURCE)
    assert {"AWS::IAM::Role", "AWS::S3::Bucket"} <= FREE


def test_no_type_is_both_free_and_billed() -> None:
    assert FREE.isdisjoint(TYPES)
