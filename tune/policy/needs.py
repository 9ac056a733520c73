"""Which IAM action each command needs, on what, and which commands go on without it.

Tests run every command, and hold what it calls against this table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

Command = Literal[
    "deploy",
    "destroy",
    "evaluate",
    "metrics",
    "plan",
    "preflight",
    "probe",
    "promote",
    "purge",
    "push",
    "report",
    "review",
    "status",
]
COMMANDS: Final[tuple[Command, ...]] = get_args(Command)
# Those that the bootstrap's roles serve. Who pushes or purges has a role of its own, and so has who reads metrics or
# numbers: the lookup role may not decrypt. The others then show where an evaluation stands, and none of its numbers.
BY_BOOTSTRAP_ROLES: Final = tuple(each for each in COMMANDS if each not in ("metrics", "purge", "push", "report"))

# What an action is on. `Any` is what has no resource in IAM, or is asked of all.
On = Literal[
    "any",
    "own stacks",
    "own stacks alone",
    "every stack",
    "things in Bedrock",
    "custom models",
    "own custom models",
    "customization jobs",
    "throughputs",
    "deployments",
    "own deployments",
    "base models",
    "keys",
    "own keys",
    "data key",
    "tables' keys",
    "buckets",
    "own buckets",
    "own objects",
    "data",
    "metrics",
    "test data",
    "dataset reports",
    "evaluations",
    "numbers",
    "workflows",
    "executions",
    "executions' keys",
    "parameters",
    "tables",
    "topics",
    "roles",
    "quotas",
    "bootstrap roles",
]


@dataclass(frozen=True)
class Need:
    """An action on something, and the commands that need it.

    commands: What only an option needs, such as --detach, the command needs. `review` asks only with --live; without
        what it needs, it says that the account was not asked.
    optional: Those that go on without it. They tell or do less; `purge` then ends with 1.
    """

    action: str
    on: On
    commands: frozenset[Command]
    optional: frozenset[Command] = frozenset()


def _need(action: str, on: On, commands: str, optional: str = "") -> Need:
    return Need(action, on, _commands(f"{commands} {optional}"), _commands(optional))


def _commands(words: str) -> frozenset[Command]:
    return frozenset(each for each in COMMANDS if each in words.split())


NEEDS: Final[tuple[Need, ...]] = (
    _need("cloudformation:DescribeStacks", "any", "deploy destroy evaluate plan preflight purge review status"),
    _need("cloudformation:DescribeStacks", "own stacks", "promote report", "push"),
    _need("cloudformation:DescribeStackEvents", "own stacks", "deploy destroy evaluate", "status"),
    _need("cloudformation:GetTemplate", "own stacks", "plan preflight promote report review", "deploy evaluate status"),
    _need("cloudformation:ListImports", "any", "", "deploy evaluate plan review"),
    _need("cloudformation:ListStackResources", "every stack", "plan preflight review"),
    _need(
        "cloudformation:ListStackResources", "own stacks", "destroy evaluate promote purge push report status", "deploy"
    ),
    _need(
        "cloudformation:ListChangeSets", "own stacks", "deploy destroy evaluate plan purge review", "preflight status"
    ),
    _need(
        "cloudformation:DescribeChangeSet",
        "own stacks",
        "deploy destroy evaluate plan purge review",
        "preflight status",
    ),
    # With --detach, the CDK CLI only prepares change sets.
    _need("cloudformation:ExecuteChangeSet", "own stacks alone", "deploy"),
    _need("cloudformation:DeleteChangeSet", "own stacks alone", "deploy"),
    _need("cloudformation:DeleteStack", "own stacks alone", "destroy"),
    _need("cloudformation:UpdateTerminationProtection", "own stacks alone", "destroy"),
    # The CDK CLI does the rest as these.
    _need("sts:AssumeRole", "bootstrap roles", "deploy evaluate"),
    _need(
        "bedrock:ListTagsForResource",
        "things in Bedrock",
        "destroy plan preflight promote purge review status",
        "deploy",
    ),
    _need("bedrock:ListCustomModels", "any", "destroy plan preflight purge review status", "probe"),
    _need("bedrock:ListCustomModelDeployments", "any", "destroy plan preflight purge review status", "probe"),
    _need(
        "bedrock:ListModelCustomizationJobs",
        "any",
        "destroy metrics plan preflight purge review status",
        "probe report",
    ),
    _need("bedrock:ListProvisionedModelThroughputs", "any", "destroy plan preflight purge review status", "probe"),
    _need("bedrock:GetCustomModel", "custom models", "plan preflight promote review status", "probe purge"),
    _need(
        "bedrock:GetCustomModelDeployment", "deployments", "destroy plan preflight purge review status", "deploy probe"
    ),
    _need(
        "bedrock:GetModelCustomizationJob",
        "customization jobs",
        "metrics plan preflight promote review status",
        "deploy evaluate probe report",
    ),
    _need(
        "bedrock:GetProvisionedModelThroughput",
        "throughputs",
        "destroy plan preflight purge review status",
        "deploy probe",
    ),
    _need("bedrock:GetFoundationModel", "base models", "", "plan preflight probe promote review"),
    _need("bedrock:GetFoundationModelAvailability", "any", "", "preflight probe"),
    _need("bedrock:ListFoundationModels", "any", "", "preflight"),
    _need("bedrock:DeleteCustomModel", "own custom models", "", "purge"),
    _need("bedrock:DeleteCustomModelDeployment", "own deployments", "", "purge"),
    # Whether a run needs a candidate; of a model that is named also whose run it is.
    _need("states:DescribeExecution", "executions", "", "destroy purge"),
    _need("kms:Decrypt", "executions' keys", "", "destroy purge"),
    _need("kms:ListKeys", "any", "purge", "destroy plan status"),
    _need("kms:ListResourceTags", "keys", "", "destroy plan purge status"),
    _need("kms:DescribeKey", "keys", "purge", "destroy plan preflight status"),
    _need("kms:ScheduleKeyDeletion", "own keys", "", "purge"),
    _need("s3:ListAllMyBuckets", "any", "purge", "destroy plan status"),
    _need("s3:GetBucketTagging", "buckets", "", "destroy plan purge status"),
    _need("s3:GetBucketLogging", "own buckets", "purge"),
    _need("s3:ListBucketVersions", "own buckets", "purge"),
    _need("s3:DeleteObjectVersion", "own objects", "", "purge"),
    _need("s3:DeleteBucket", "own buckets", "", "purge"),
    _need("s3:GetObject", "data", "plan preflight push review"),
    _need("s3:GetObject", "metrics", "metrics", "report"),
    _need("s3:GetObject", "numbers", "report"),
    # For --estimate, where no file of this machine has them.
    _need("s3:GetObject", "test data", "", "evaluate"),
    # How many tokens pushed data has is estimated from its report.
    _need("s3:GetObject", "dataset reports", "", "deploy plan"),
    # Counts, numbers and what metrics are asked for: no question and no answer.
    _need("s3:GetObject", "evaluations", "", "deploy evaluate plan preflight review status"),
    # Without it S3 answers 403 for an object that is not there (S3 API reference, HeadObject).
    _need("s3:ListBucket", "own buckets", "metrics plan preflight push report review", "deploy evaluate status"),
    _need("s3:PutObject", "data", "push"),
    _need("s3:ListBucketMultipartUploads", "own buckets", "push"),
    _need("s3:ListMultipartUploadParts", "data", "push"),
    _need("s3:AbortMultipartUpload", "data", "push"),
    # What is sent in parts to a bucket under a key (S3 user guide, "Multipart upload API and permissions").
    _need("kms:Decrypt", "data key", "metrics push report", "deploy evaluate plan preflight review status"),
    _need("kms:Decrypt", "tables' keys", "", "deploy evaluate status"),
    _need("states:ListExecutions", "workflows", "", "deploy destroy evaluate plan purge status"),
    _need("dynamodb:GetItem", "tables", "", "deploy evaluate status"),
    _need("kms:GenerateDataKey", "data key", "push"),
    _need("ssm:GetParameter", "parameters", "", "preflight status"),
    _need("dynamodb:DescribeTable", "tables", "", "preflight"),
    _need("sns:ListSubscriptionsByTopic", "topics", "", "deploy status"),
    _need("iam:GetRole", "roles", "", "preflight"),
    _need("iam:SimulatePrincipalPolicy", "roles", "", "preflight"),
    _need("servicequotas:GetServiceQuota", "quotas", "", "deploy evaluate preflight status"),
    _need("ec2:DescribeVpcEndpointServices", "any", "", "probe"),
)

# What ReadOnlyAccess, which is all that the bootstrap's lookup role may do, does not allow of these: it names single
# actions of Bedrock (AWS managed policy reference, ReadOnlyAccess, version 182 of 2026-04-03). That it allows the last
# three is not established.
BEYOND_READ_ONLY_ACCESS: Final = frozenset(
    {
        "bedrock:GetCustomModelDeployment",
        "bedrock:ListCustomModelDeployments",
        "bedrock:ListTagsForResource",
        "dynamodb:GetItem",
        "states:DescribeExecution",
        "states:ListExecutions",
    }
)
DENIED_TO_THE_LOOKUP_ROLE: Final = "kms:Decrypt"
"""What no policy can give to it (AWS CDK's bootstrap template, LookupRole)."""


def needs_of(command: Command) -> Iterator[Need]:
    """Yield what a command needs."""
    return (need for need in NEEDS if command in need.commands)


def lacking_in_the_lookup_role() -> Iterator[Need]:
    """Yield what the commands need that the bootstrap's lookup role may not do."""
    by_roles = frozenset(BY_BOOTSTRAP_ROLES)
    return (need for need in NEEDS if need.action in BEYOND_READ_ONLY_ACCESS and need.commands & by_roles)
