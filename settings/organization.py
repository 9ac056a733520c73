"""`[organization]`: what an organization prescribes for everything that is made in its accounts."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from bedrock_lifecycle import contract
from bedrock_tuning.common.messages import shown
from bedrock_tuning.data.sources.locations import BUCKET_PATTERN, KEY_PATTERN
from settings.checks import text
from settings.fields import Flag
from settings.problems import FieldError, SettingsTable

# Those that CloudWatch Logs knows (PutRetentionPolicy), by the names that the CDK has for them.
LOG_RETENTION_DAYS: Final[Mapping[int, str]] = {
    1: "ONE_DAY",
    3: "THREE_DAYS",
    5: "FIVE_DAYS",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    60: "TWO_MONTHS",
    90: "THREE_MONTHS",
    120: "FOUR_MONTHS",
    150: "FIVE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    400: "THIRTEEN_MONTHS",
    545: "EIGHTEEN_MONTHS",
    731: "TWO_YEARS",
    1096: "THREE_YEARS",
    1827: "FIVE_YEARS",
    2192: "SIX_YEARS",
    2557: "SEVEN_YEARS",
    2922: "EIGHT_YEARS",
    3288: "NINE_YEARS",
    3653: "TEN_YEARS",
}

_PARTITION: Final = r"arn:aws[a-z-]*"
_NAME: Final = r"[\w+=,.@-]+"  # IAM's alphabet for names and the parts of paths
_ROLE_EXAMPLE: Final = "arn:aws:iam::111122223333:role/name"


def _ids(pattern: str, most: int, example: str) -> Callable[[object], tuple[str, ...]]:
    allowed = f"a list of 1 to {most} IDs such as {example}"

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            received = f"{len(value)} entries" if isinstance(value, list) else shown(value)
            raise FieldError(f"must be {allowed} (got {received}); write them in brackets")
        for each in value:
            if not isinstance(each, str) or not re.fullmatch(pattern, each, re.ASCII):
                raise FieldError(f"must be {allowed} (got {shown(each)}); correct this ID")
        return tuple(value)

    return check


def _days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in LOG_RETENTION_DAYS:
        allowed = ", ".join(map(str, LOG_RETENTION_DAYS))
        raise FieldError(f"must be one of {allowed} days (got {shown(value)}); choose one of them")
    return value


def _roles(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise FieldError(
            f"must be a table (got {shown(value)}); write [organization.roles], and below it a line for each role, "
            'such as "Foundation/ServiceRole" = "training-role"'
        )
    wrong = [
        (key, f"must be the name of a role, with its path before it (got {shown(name)}); correct the name")
        for key, name in value.items()
        if not isinstance(name, str) or not re.fullmatch(rf"({_NAME}/)*{_NAME}", name, re.ASCII)
    ]
    if wrong:
        raise FieldError(below=wrong)
    return dict(value)


def _arn(kind: str, pattern: str, example: str, advice: str) -> BeforeValidator:
    allowed = f"the ARN of {kind}, such as {example}"
    return BeforeValidator(text(pattern=rf"{_PARTITION}:{pattern}", max_length=2048, allowed=allowed, advice=advice))


PolicyArn = Annotated[
    str,
    _arn(
        "a managed policy",
        rf"iam::([0-9]{{12}}|aws):policy/({_NAME}/)*{_NAME}",
        "arn:aws:iam::111122223333:policy/name",
        "run aws iam list-policies to find it",
    ),
]
RoleArn = Annotated[
    str,
    _arn("a role", rf"iam::[0-9]{{12}}:role/({_NAME}/)*{_NAME}", _ROLE_EXAMPLE, "run aws iam list-roles to find it"),
]
KeyArn = Annotated[
    str,
    _arn(
        "a key",
        KEY_PATTERN,
        "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
        "run aws kms describe-key --key-id alias/NAME to find it",
    ),
]
RolePath = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=contract.ROLE_PATH_PATTERN,
            max_length=contract.MAX_ROLE_PATH_LENGTH,
            allowed=f"a path of up to {contract.MAX_ROLE_PATH_LENGTH} characters, such as /teams/search/",
            advice="leave it out for the path /",
        )
    ),
]
KeptRolePath = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=f"/|{contract.ROLE_PATH_PATTERN}",
            max_length=contract.MAX_ROLE_PATH_LENGTH,
            allowed="the path that the service role has, or / if role_path was not set",
            advice="run aws iam get-role to find it",
        )
    ),
]
NamePrefix = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=contract.NAME_PREFIX_PATTERN,
            max_length=contract.MAX_NAME_PREFIX_LENGTH,
            allowed=f"1 to {contract.MAX_NAME_PREFIX_LENGTH} letters, digits and hyphens, starting with a letter",
            advice="shorten it",
        )
    ),
]
Bucket = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=BUCKET_PATTERN,
            max_length=63,
            allowed="the name of a bucket, 3 to 63 lowercase letters, digits, dots and hyphens",
            advice="write the bucket's name alone, without s3://",
        )
    ),
]
LogRetentionDays = Annotated[int, BeforeValidator(_days)]
SubnetIds = Annotated[
    tuple[str, ...],
    BeforeValidator(_ids(contract.SUBNET_ID_PATTERN, contract.MAX_SUBNETS, "subnet-0123456789abcdef0")),
]
SecurityGroupIds = Annotated[
    tuple[str, ...],
    BeforeValidator(_ids(contract.SECURITY_GROUP_ID_PATTERN, contract.MAX_SECURITY_GROUPS, "sg-0123456789abcdef0")),
]
RoleNames = Annotated[dict[str, str], BeforeValidator(_roles)]


class Vpc(SettingsTable):
    """A network that exists: subnets and security groups of one VPC."""

    subnet_ids: SubnetIds = Field(examples=['subnet_ids = ["subnet-0123456789abcdef0"]'])
    security_group_ids: SecurityGroupIds = Field(examples=['security_group_ids = ["sg-0123456789abcdef0"]'])


class Keep(SettingsTable):
    """`[organization.keep]`: what was made before one of your own took its place, and stays for one deployment.

    It stays in Foundation with its export until the other stacks have let go of it. The deployment after that is
    without the table: bucket and key of data are kept outside the stack then, with what is in them; the other key is
    scheduled for deletion, and the role is deleted.

    key: true beside key_arn. Default: false.
    operations_key: true beside operations_key_arn. Default: false.
    bucket: true beside bucket. Default: false.
    service_role: the path that the role was made with, / where it had none; beside service_role_arn, or beside another
        role_path. Default: none.
    """

    key: Flag = False
    operations_key: Flag = False
    bucket: Flag = False
    service_role: KeptRolePath | None = None


class Organization(SettingsTable):
    """`[organization]`: every key is optional. What is given here is used as it is, and never changed or deleted.

    permissions_boundary: ARN of the managed policy that every role gets as its boundary.
    role_path: path of every role, such as /teams/search/. Default: /.
    name_prefix: what the names of everything start with that takes one, but buckets and the parameter with the model's
        id. Default: CloudFormation makes names up. Decide before the first deployment: CloudFormation cannot give
        another function to a custom resource that exists.
    log_retention_days: how long logs are kept, in days; one of CloudWatch's values. Default: 30.
    key_arn: a symmetric key of the Region that encrypts data and models. Default: a new key.
    operations_key_arn: a symmetric key of the Region that encrypts what is neither: ledger, workflow, logs, messages.
        Default: a new key.
    bucket: a bucket of the Region, encrypted with `key_arn` or by Amazon S3 itself. Default: a new one.
    service_role_arn: the role that Bedrock assumes while it trains. Default: a new one.
    job_vpc: the network of the trainings. Default: none.
    function_vpc: the network of the functions. Default: none.
    roles: names of roles that exist, by where they are used. With it no role is made, and nothing in IAM is written.
        Default: every role is made.
    keep: what was made before and stays for one deployment. Default: nothing.
    """

    permissions_boundary: PolicyArn | None = None
    role_path: RolePath | None = None
    name_prefix: NamePrefix | None = None
    log_retention_days: LogRetentionDays = 30
    key_arn: KeyArn | None = None
    operations_key_arn: KeyArn | None = None
    bucket: Bucket | None = None
    service_role_arn: RoleArn | None = None
    job_vpc: Vpc | None = None
    function_vpc: Vpc | None = None
    roles: RoleNames | None = None
    keep: Keep | None = None
