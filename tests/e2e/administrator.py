"""Whoever makes keys, buckets, networks and roles for a team, from what the project's page and policy report say."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.server import ACCOUNT, REGION, Sandbox

_PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "organization.md"
_PLACEHOLDER: Final = re.compile(r"\((?P<path>[^()]+)\.(?P<attribute>Arn|Ref)\)")
_ARNS: Final[Mapping[str, tuple[str, str]]] = {
    "AWS::DynamoDB::Table": ("TableName", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}"),
    "AWS::Lambda::Function": ("FunctionName", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}"),
    "AWS::Logs::LogGroup": ("LogGroupName", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*"),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName",
        f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{}}",
    ),
}


class Administrator:
    """Makes what a team is given."""

    def __init__(self, sandbox: Sandbox, team: str = "acme") -> None:
        self._team = team
        self._iam = sandbox.client("iam")
        self._sandbox = sandbox

    def boundary(self) -> str:
        """Make a permissions boundary; return its ARN."""
        document = _document([{"Effect": "Allow", "Action": "*", "Resource": "*"}])
        made = self._iam.create_policy(PolicyName=self._team, Path="/boundaries/", PolicyDocument=document)
        return str(made["Policy"]["Arn"])

    def network(self) -> tuple[list[str], list[str]]:
        """Make a VPC; return its subnets and security groups."""
        ec2 = self._sandbox.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"] for number in (1, 2)
        ]
        group = ec2.create_security_group(GroupName="team", Description="team", VpcId=vpc)["GroupId"]
        return subnets, [group]

    def key(self, policy: str) -> str:
        """Make a key with a policy that the page asks for; return its ARN."""
        made = self._sandbox.client("kms").create_key(Policy=_document(_on_page(policy)))
        return str(made["KeyMetadata"]["Arn"])

    def bucket(self, name: str, key_arn: str) -> None:
        """Make a bucket that the key encrypts."""
        s3 = self._sandbox.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def service_role(self, *, key_arn: str, bucket: str, subnets: list[str], groups: list[str]) -> str:
        """Make the role that the page asks for, in this network; return its ARN."""
        statements = [*_on_page("service role"), *_on_page("service role, network")]
        text = json.dumps(statements).replace("<ARN of your key>", key_arn).replace("<your bucket>", bucket)
        for number, each in enumerate(subnets):
            text = text.replace(f"subnet-0123456789abcdef{number}", each)
        text = text.replace("sg-0123456789abcdef0", groups[0])
        return self.role(
            f"{self._team}/{self._team}-bedrock-training", _on_page("service role, trust"), json.loads(text)
        )

    def role(self, name: str, trust: Any, statements: Any) -> str:
        """Make a role, whose name may have a path before it; return its ARN."""
        path, _, last = f"/{name}".rpartition("/")
        made = self._iam.create_role(Path=f"{path}/", RoleName=last, AssumeRolePolicyDocument=_document(trust))
        if statements:
            self._iam.put_role_policy(RoleName=last, PolicyName="own", PolicyDocument=_document(statements))
        return str(made["Role"]["Arn"])

    def make_roles_of_report(self, assembly: Path) -> None:
        """Make every role that a policy report asks for, as it asks for it."""
        arns = _arns(assembly)
        for each in _report(assembly):
            text = json.dumps(each["identityPolicyStatements"])
            statements = json.loads(_PLACEHOLDER.sub(lambda found: arns[found["path"]], text))
            self.role(each["roleName"], each["assumeRolePolicy"], statements)


def places_of_report(assembly: Path, environment: str) -> list[str]:
    """Return the places at which a policy report has a role."""
    paths = [each["roleConstructPath"] for each in _report(assembly)]
    return [path.removeprefix(f"{environment}/").removesuffix("/Role") for path in paths]


def _report(assembly: Path) -> list[Any]:
    report = json.loads((assembly / "iam-policy-report.json").read_text(encoding="utf-8"))
    # The role with which DynamoDB would scale a table is AWS's own, and exists.
    return [each for each in report["roles"] if each["roleConstructPath"].endswith("/Role")]


def _document(statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _on_page(policy: str) -> Any:
    page = _PAGE.read_text(encoding="utf-8")
    found = re.search(rf"<!-- policy: {re.escape(policy)} -->\n```json\n(.*?)```", page, re.DOTALL)
    assert found is not None, policy
    return json.loads(found[1].replace("us-east-1", REGION).replace("111122223333", ACCOUNT))


def _arns(assembly: Path) -> dict[str, str]:
    """Return the ARNs that the things in an assembly's templates will have, by construct path."""
    found = {}
    for path in assembly.rglob("*.template.json"):
        for each in json.loads(path.read_text(encoding="utf-8"))["Resources"].values():
            if each["Type"] in _ARNS:
                name, arn = _ARNS[each["Type"]]
                found[each["Metadata"]["aws:cdk:path"]] = arn.format(each["Properties"][name])
    return found
