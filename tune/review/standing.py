"""What bills merely by existing: each resource type of which that is known, by what, and where AWS says so.

In November 2026 both tables were compared with AWS's own words, in its guides, its API models, its price pages and
public copies of these. Not every price page was opened: some addresses are those that its guides name. A type whose
words were not found is in neither table, and is reported as not known: among them `AWS::Budgets::Budget`,
`AWS::CloudWatch::CompositeAlarm`, `AWS::FSx::FileSystem`, `AWS::Kendra::Index`, `AWS::NetworkFirewall::Firewall`,
`AWS::Route53::RecordSet` and `AWS::SageMaker::Endpoint`. So is a type of which only some properties bill, and no reader
here tells which: `AWS::ApiGateway::Deployment` (a cache), `AWS::Lambda::EventSourceMapping` (provisioned pollers).
`AWS::Logs::MetricFilter` is not free: its metrics are charged as custom metrics (PutMetricFilter).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tune.review import opaque
from tune.review.assembly import StackTemplate, is_custom
from tune.review.findings import ReviewFinding
from tune.spending.cost import Cost, Nature, Priced

Properties = Mapping[str, Any]
Quantity = Callable[[Properties], int | None]
_AWS: Final = "https://aws.amazon.com"


def _one(_: Properties) -> int | None:
    return 1


@dataclass(frozen=True)
class StandingCost:
    """How a type bills: how often, by what, and how much; None where a template does not tell how much.

    one: `unit` for one of it.
    source: AWS's page with the prices.
    what: how a team's prices call it.
    """

    nature: Nature
    unit: str
    one: str
    source: str
    quantity: Quantity = _one
    what: Priced | None = None


def _capacity(table: Properties) -> int | None:
    """Count what a table may read and write each second; where a template does not say it, it is provisioned."""
    if table.get("BillingMode", "PROVISIONED") != "PROVISIONED":
        return 0
    units = [_number("ProvisionedThroughput", f"{way}CapacityUnits")(table) for way in ("Read", "Write")]
    return None if None in units else sum(filter(None, units))


def _number(*path: str) -> Quantity:
    """Return a reader of a number in the properties."""

    def quantity(properties: Properties) -> int | None:
        value: Any = properties
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return int(value) if str(value).isdecimal() else None

    return quantity


def _listed(*path: str, default: int | None = None) -> Quantity:
    """Return a counter of a list in the properties, which is `default` long where there is none."""

    def quantity(properties: Properties) -> int | None:
        value: Any = properties
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return len(value) if isinstance(value, list) else default if value is None else None

    return quantity


def _zones(endpoint: Properties) -> int | None:
    """Count the subnets of an endpoint: it bills in each of their zones. One that is a gateway is free."""
    if endpoint.get("VpcEndpointType", "Gateway") == "Gateway":
        return 0
    subnets = endpoint.get("SubnetIds")
    return len(subnets) if isinstance(subnets, list) else None


def _not_known(_: Properties) -> int | None:
    return None


_CONFIG: Final = "ProvisionedConcurrencyConfig"
_KEY: Final = StandingCost("monthly", "keys", "key", f"{_AWS}/kms/pricing/", what="keys")
_ATTACHMENT: Final = StandingCost(
    "hourly", "transit gateway attachments", "transit gateway attachment", f"{_AWS}/transit-gateway/pricing/"
)
_CONCURRENCY: Final = StandingCost(
    "hourly",
    "provisioned concurrency",
    "provisioned concurrency",
    f"{_AWS}/lambda/pricing/",
    lambda its: _number(_CONFIG, "ProvisionedConcurrentExecutions")(its) if _CONFIG in its else 0,
)
TYPES: Final[Mapping[str, StandingCost]] = {
    "AWS::ACMPCA::CertificateAuthority": StandingCost(
        "monthly", "private certificate authorities", "private certificate authority", f"{_AWS}/private-ca/pricing/"
    ),
    "AWS::AutoScaling::AutoScalingGroup": StandingCost(
        "hourly", "instances of a group", "instance of a group", f"{_AWS}/ec2/pricing/on-demand/", _not_known
    ),
    "AWS::CloudWatch::Alarm": StandingCost(
        "monthly", "alarms beyond the free ones", "alarm beyond the free ones", f"{_AWS}/cloudwatch/pricing/"
    ),
    "AWS::CloudWatch::Dashboard": StandingCost(
        "monthly", "dashboards beyond the free ones", "dashboard beyond the free ones", f"{_AWS}/cloudwatch/pricing/"
    ),
    "AWS::DAX::Cluster": StandingCost(
        "hourly", "cache nodes", "cache node", f"{_AWS}/dynamodb/pricing/", _number("ReplicationFactor")
    ),
    "AWS::DynamoDB::Table": StandingCost(
        "hourly",
        "provisioned capacity units",
        "provisioned capacity unit",
        f"{_AWS}/dynamodb/pricing/provisioned/",
        _capacity,
    ),
    "AWS::EC2::EIP": StandingCost("hourly", "public IPv4 addresses", "public IPv4 address", f"{_AWS}/vpc/pricing/"),
    "AWS::EC2::Host": StandingCost(
        "hourly", "dedicated hosts", "dedicated host", f"{_AWS}/ec2/dedicated-hosts/pricing/"
    ),
    "AWS::EC2::Instance": StandingCost("hourly", "instances", "instance", f"{_AWS}/ec2/pricing/on-demand/"),
    "AWS::EC2::NatGateway": StandingCost("hourly", "NAT gateways", "NAT gateway", f"{_AWS}/vpc/pricing/"),
    "AWS::EC2::TransitGatewayAttachment": _ATTACHMENT,
    "AWS::EC2::TransitGatewayVpcAttachment": _ATTACHMENT,
    "AWS::EC2::VPCEndpoint": StandingCost(
        "hourly", "VPC endpoints, by zone", "VPC endpoint, by zone", f"{_AWS}/privatelink/pricing/", _zones
    ),
    "AWS::EC2::VPNConnection": StandingCost("hourly", "VPN connections", "VPN connection", f"{_AWS}/vpn/pricing/"),
    "AWS::EC2::Volume": StandingCost(
        "monthly", "GiB of volumes", "GiB of volumes", f"{_AWS}/ebs/pricing/", _number("Size")
    ),
    "AWS::EKS::Cluster": StandingCost("hourly", "clusters", "cluster", f"{_AWS}/eks/pricing/"),
    "AWS::ElastiCache::CacheCluster": StandingCost(
        "hourly", "cache nodes", "cache node", f"{_AWS}/elasticache/pricing/", _number("NumCacheNodes")
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": StandingCost(
        "hourly", "load balancers", "load balancer", f"{_AWS}/elasticloadbalancing/pricing/"
    ),
    "AWS::KMS::Key": _KEY,
    "AWS::KMS::ReplicaKey": _KEY,
    "AWS::Kinesis::Stream": StandingCost(
        "hourly",
        "shards, or a stream on demand",
        "shard, or a stream on demand",
        f"{_AWS}/kinesis/data-streams/pricing/",
        _number("ShardCount"),
    ),
    "AWS::Lambda::Alias": _CONCURRENCY,
    "AWS::Lambda::Version": _CONCURRENCY,
    "AWS::MSK::Cluster": StandingCost(
        "hourly", "broker nodes", "broker node", f"{_AWS}/msk/pricing/", _number("NumberOfBrokerNodes")
    ),
    "AWS::OpenSearchServerless::Collection": StandingCost(
        "hourly", "capacity units", "capacity unit", f"{_AWS}/opensearch-service/pricing/", _not_known
    ),
    "AWS::OpenSearchService::Domain": StandingCost(
        "hourly",
        "data nodes",
        "data node",
        f"{_AWS}/opensearch-service/pricing/",
        _number("ClusterConfig", "InstanceCount"),
    ),
    "AWS::RDS::DBInstance": StandingCost("hourly", "database instances", "database instance", f"{_AWS}/rds/pricing/"),
    "AWS::Redshift::Cluster": StandingCost(
        "hourly",
        "nodes",
        "node",
        f"{_AWS}/redshift/pricing/",
        lambda its: _number("NumberOfNodes")(its) if "NumberOfNodes" in its else 1,
    ),
    "AWS::Route53::HostedZone": StandingCost("monthly", "hosted zones", "hosted zone", f"{_AWS}/route53/pricing/"),
    "AWS::SSM::Parameter": StandingCost(
        "monthly",
        "advanced parameters",
        "advanced parameter",
        f"{_AWS}/systems-manager/pricing/",
        lambda its: int(its.get("Tier") == "Advanced"),
    ),
    "AWS::SageMaker::NotebookInstance": StandingCost(
        "hourly", "notebook instances", "notebook instance", f"{_AWS}/sagemaker/pricing/"
    ),
    "AWS::SecretsManager::Secret": StandingCost("monthly", "secrets", "secret", f"{_AWS}/secrets-manager/pricing/"),
    "AWS::Transfer::Server": StandingCost(
        "hourly", "protocols", "protocol", f"{_AWS}/aws-transfer-family/pricing/", _listed("Protocols", default=1)
    ),
    "AWS::WAFv2::WebACL": StandingCost("monthly", "web ACLs", "web ACL", f"{_AWS}/waf/pricing/"),
}
"""What bills by the hour or the month while nobody uses it. What is stored, and what is used, is not in it."""
_USER_GUIDES: Final = "https://docs.aws.amazon.com"
FREE_BY_SOURCE: Final[Mapping[str, str]] = {
    # "… you pay only for the API calls you receive and the amount of data transferred out."
    f"{_AWS}/api-gateway/pricing/": "ApiGateway: Account Method Model RequestValidator Resource RestApi",
    # "There is no additional charge for using AWS CloudFormation with resource providers in … AWS::*."
    f"{_AWS}/cloudformation/faqs/": "CloudFormation: WaitCondition WaitConditionHandle",
    # "There is no additional charge for Amazon ECS." What runs in it bills.
    f"{_AWS}/ecs/faqs/": "ECS: Cluster TaskDefinition",
    # "There's no additional charge for using a VPC. There are, however, charges for some VPC components, such as …"
    f"{_USER_GUIDES}/vpc/latest/userguide/what-is-amazon-vpc.html": "EC2: InternetGateway NetworkAcl NetworkAclEntry "
    "Route RouteTable SecurityGroup SecurityGroupEgress SecurityGroupIngress Subnet SubnetNetworkAclAssociation "
    "SubnetRouteTableAssociation VPC VPCGatewayAttachment",
    # "There are no additional charges for rules or event delivery. There are no minimum fees or upfront commitments."
    f"{_AWS}/eventbridge/pricing/": "Events: EventBus EventBusPolicy Rule",
    # IAM and AWS STS "are features of your AWS account offered at no additional charge."
    f"{_USER_GUIDES}/IAM/latest/UserGuide/introduction.html": "IAM: AccessKey Group GroupPolicy InstanceProfile "
    "ManagedPolicy OIDCProvider Policy Role RolePolicy SAMLProvider ServiceLinkedRole User UserPolicy "
    "UserToGroupAddition",
    # Each key bills, each rotation and each request; an alias is a name of a key.
    f"{_AWS}/kms/pricing/": "KMS: Alias",
    # "… there's no charge when your code isn't running."
    f"{_USER_GUIDES}/lambda/latest/dg/welcome.html": "Lambda: EventInvokeConfig Function LayerVersion "
    "LayerVersionPermission Permission Url",
    # Logs bill by the data that is taken in, stored and scanned.
    f"{_AWS}/cloudwatch/pricing/": "Logs: LogGroup LogStream",
    # "There are no additional charges for using AWS RAM or for creating resource shares …"
    f"{_USER_GUIDES}/ram/latest/userguide/what-is.html": "RAM: Permission ResourceShare",
    # Storage, requests, retrievals and transfer bill.
    f"{_AWS}/s3/pricing/": "S3: Bucket BucketPolicy",
    # "… there is no minimum fee and you pay only for what you use."
    f"{_AWS}/sns/faqs/": "SNS: Subscription Topic TopicPolicy",
    # "The cost of Amazon SQS is calculated per request, plus data transfer charges …"
    f"{_AWS}/sqs/faqs/": "SQS: Queue QueueInlinePolicy QueuePolicy",
    # "You are charged based on the number of state transitions required to execute your application."
    f"{_AWS}/step-functions/pricing/": "StepFunctions: Activity StateMachine StateMachineAlias StateMachineVersion",
}
"""Types that bill by use or by what they store, or not at all, by the page of AWS that says so."""
FREE: Final = frozenset(
    f"AWS::{service}::{name}"
    for service, _, names in (types.partition(": ") for types in FREE_BY_SOURCE.values())
    for name in names.split()
)
"""What bills by use or by what it stores, or not at all: not merely by existing."""


def cost_of(resource: Mapping[str, Any] | None) -> Cost | None:
    """Return what a resource costs merely by existing; None for nothing, or nothing that is known."""
    its = TYPES.get(resource["Type"]) if resource else None
    if resource is None or its is None:
        return None
    quantity = its.quantity(resource.get("Properties", {}))
    return None if quantity == 0 else Cost(its.nature, its.unit, quantity, its.what, one=its.one)


def costs_of(stack: StackTemplate) -> tuple[Cost, ...]:
    """Return what everything in a stack costs together merely by existing, each kind once."""
    found: dict[Cost, list[int | None]] = {}
    for resource in stack.resources.values():
        if cost := cost_of(resource):
            found.setdefault(replace(cost, quantity=None), []).append(cost.quantity)
    return tuple(
        replace(cost, quantity=None if None in many else sum(filter(None, many))) for cost, many in found.items()
    )


def findings(before: StackTemplate | None, after: StackTemplate) -> Iterator[ReviewFinding]:
    """Yield what begins to bill by existing, and what bills more of it than before."""
    for logical_id, resource in after.resources.items():
        old = before.resources.get(logical_id) if before else None
        was, now = cost_of(old), cost_of(resource)
        if now is None or (was and was.unit == now.unit and not _is_more(was, now)):
            continue
        says = f"{resource['Type']} is billed {'more than before' if was else 'from now on'}, whether or not it is used"
        path, source = after.path_of(logical_id), TYPES[resource["Type"]].source
        yield after.finding(
            path, "buys", says, was=str(was or ""), now=str(now) if was else "", costs=(now,), source=source
        )


def untold(before: StackTemplate | None, after: StackTemplate) -> Iterator[ReviewFinding]:
    """Yield the types that begin to exist in a stack, and of which it is not known whether they bill by that."""
    old = before.resources if before else {}
    begun = {its["Type"] for name, its in after.resources.items() if old.get(name, {}).get("Type") != its["Type"]}
    kinds = sorted(kind for kind in begun - FREE - TYPES.keys() if not (is_custom(kind) or opaque.is_elsewhere(kind)))
    if kinds:
        says = f"it is not known whether these bill by existing: {', '.join(kinds)}"
        yield after.finding("", "unknown", says, certainty="unknown")


def _is_more(was: Cost, now: Cost) -> bool:
    """Tell whether it bills more; a number that no template tells may be more than any."""
    return now != was and (now.quantity is None or was.quantity is None or now.quantity > was.quantity)
