"""IAM, S3, KMS and EventBridge of MiniStack, as the simulated Bedrock uses them: through the service role."""

import contextvars
import functools
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from ministack.core import responses
from ministack.core.iam_evaluator import EvalContext, enforce, evaluate_trust_policy
from ministack.services import ec2, eventbridge, iam, sts

from sandbox import job_network
from sandbox.bedrock.world import CannotAssumeRole, WorldDenied

_SERVICE = "bedrock.amazonaws.com"


class MiniStackWorld:
    """Acts as Bedrock would: assumes the role when its trust policy lets Bedrock in, then uses its permissions.

    S3 is reached over the gateway's own port with the role's credentials, so policies, TLS and encryption rules are
    MiniStack's. KMS is asked through the policy evaluator, because Bedrock's grants have no counterpart there.
    """

    def check_trust(self, role_arn: str, source_account: str, source_arn: str) -> None:
        """See `World`. MiniStack does not match service principals by name, so that is done here."""
        role = _in_scope(source_arn, lambda: iam._roles.get(role_arn.rsplit("/", 1)[-1]))
        if role is None or role.get("Arn") != role_arn:
            raise CannotAssumeRole(f"role {role_arn} does not exist")
        document = role["AssumeRolePolicyDocument"]
        trust = json.loads(document) if isinstance(document, str) else document
        context = EvalContext(
            principal_arn=f"arn:aws:iam::{source_account}:root",
            principal_type="Service",
            principal_account=source_account,
            action="sts:AssumeRole",
            resource_arn=role_arn,
            region=source_arn.split(":")[3],
            service_context={"aws:sourceaccount": source_account, "aws:sourcearn": source_arn},
        )
        statements = [its for its in trust["Statement"] if _SERVICE in _services(its)]
        trusted = {**trust, "Statement": statements}
        if not statements or not evaluate_trust_policy(trusted, f"arn:aws:iam::{source_account}:root", context):
            raise CannotAssumeRole(f"role {role_arn} does not trust {_SERVICE} for {source_arn}")

    def check_pass_role(self, caller: str, role_arn: str) -> None:
        """See `World`; `caller` is the access key id of the request."""
        denied = enforce(
            caller,
            "iam:PassRole",
            "bedrock",
            responses.get_region(),
            resource_arn=role_arn,
            service_context={"iam:PassedToService": _SERVICE},
        )
        if denied:
            who = getattr(denied, "principal_arn", caller)
            raise WorldDenied(f"User: {who} is not authorized to perform: iam:PassRole on resource: {role_arn}")

    def check_key_use(self, caller: str, key_arn: str) -> None:
        """See `World`; `caller` is the access key id of the request."""
        region = responses.get_region()
        context = {"kms:ViaService": f"bedrock.{region}.amazonaws.com"}
        denied = enforce(caller, "kms:Decrypt", "kms", region, key_arn, context)
        if denied:
            who = getattr(denied, "principal_arn", caller)
            raise WorldDenied(f"User: {who} is not authorized to perform: kms:Decrypt on resource: {key_arn}")

    def read_object(self, role_arn: str, source_arn: str, bucket: str, key: str) -> bytes:
        """See `World`."""
        s3 = self._client("s3", role_arn, source_arn)
        try:
            body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise _denied(error) from None
        return body

    def write_object(self, role_arn: str, source_arn: str, bucket: str, key: str, body: bytes) -> None:
        """See `World`."""
        s3 = self._client("s3", role_arn, source_arn)
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=body)
        except ClientError as error:
            raise _denied(error) from None

    def use_key(self, role_arn: str, source_arn: str, key: str) -> str:
        """See `World`."""
        session = self._session(role_arn, source_arn)
        region = source_arn.split(":")[3]
        context = {"kms:ViaService": f"bedrock.{region}.amazonaws.com"}
        caller = session["AccessKeyId"]
        for action in ("kms:DescribeKey", "kms:GenerateDataKey", "kms:CreateGrant"):
            ask = functools.partial(enforce, caller, action, "kms", region, key, context)
            if _in_scope(source_arn, ask):
                raise WorldDenied(f"AccessDeniedException: the role {role_arn} may not {action} on {key}")
        return key

    def use_network(
        self, role_arn: str, source_arn: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
    ) -> None:
        """See `World`. The permissions are asked for, and no interface is made."""
        caller, region = self._session(role_arn, source_arn)["AccessKeyId"], source_arn.split(":")[3]
        for action, resource, context in job_network.requests(source_arn, subnet_ids, security_group_ids):
            if _in_scope(source_arn, functools.partial(enforce, caller, action, "ec2", region, resource, context)):
                raise WorldDenied(f"UnauthorizedOperation: the role {role_arn} may not {action} on {resource}")
        for known, ids in ((ec2._subnets, subnet_ids), (ec2._security_groups, security_group_ids)):
            for each in ids:
                if _in_scope(source_arn, functools.partial(known.get, each)) is None:
                    raise WorldDenied(f"{each} does not exist")

    def emit(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        resources: Sequence[str],
        detail: Mapping[str, Any],
    ) -> None:
        """See `World`. Only the inside of the process may put events with a source that starts with `aws.`."""
        entry = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail, default=str),
            "Resources": list(resources),
        }
        _in_scope(
            f"arn:aws:bedrock:{region}:{account}:",
            lambda: eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True),
        )

    def _client(self, service: str, role_arn: str, source_arn: str) -> Any:
        session = self._session(role_arn, source_arn)
        return boto3.client(
            service,
            region_name=source_arn.split(":")[3],
            endpoint_url=os.environ["AWS_ENDPOINT_URL"],
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
            config=Config(s3={"addressing_style": "path"}),
        )

    def _session(self, role_arn: str, source_arn: str) -> dict[str, str]:
        account = source_arn.split(":")[4]
        self.check_trust(role_arn, account, source_arn)
        name = role_arn.rsplit("/", 1)[-1]
        key_id = f"ASIA{secrets.token_hex(8).upper()}"
        secret, token = secrets.token_urlsafe(30), secrets.token_urlsafe(60)
        session = {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/bedrock",
            "UserId": f"AROA{secrets.token_hex(8).upper()}:bedrock",
            "SecretAccessKey": secret,
            "SessionToken": token,
        }
        _in_scope(source_arn, lambda: sts.register_session(key_id, session))
        return {"AccessKeyId": key_id, "SecretAccessKey": secret, "SessionToken": token}


def _services(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, Mapping) else []
    return [services] if isinstance(services, str) else list(services)


def _in_scope(arn: str, action: Callable[[], Any]) -> Any:
    """Run something of MiniStack's as if a request of the ARN's account and Region had come in."""
    _, _, _, region, account, *_ = arn.split(":")

    def scoped() -> Any:
        responses.set_request_account_id(account)
        responses.set_request_region(region)
        return action()

    return contextvars.copy_context().run(scoped)


def _denied(error: ClientError) -> WorldDenied:
    details = error.response.get("Error", {})
    return WorldDenied(f"{details.get('Code', 'Unknown')}: {details.get('Message', '')}")
