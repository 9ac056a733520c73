"""Names and paths as an organization prescribes them, on everything below a construct."""

import hashlib
import re
from collections.abc import Mapping
from typing import Final, cast

import jsii
from aws_cdk import CfnResource, IAspect, Stack
from aws_cdk import aws_logs as logs
from constructs import IConstruct

from bedrock_lifecycle import contract
from bedrock_tuning.common.naming import check_prefix

_ROLE: Final = "AWS::IAM::Role"
# The property with the name, what stands before the prefix, and the longest that the service takes. Not buckets:
# another name is another bucket, which would be made empty beside the one with the data.
_NAMED: Final[Mapping[str, tuple[str, str, int]]] = {
    _ROLE: ("RoleName", "", 64),
    "AWS::DynamoDB::Table": ("TableName", "", 255),
    "AWS::Events::Rule": ("Name", "", 64),
    "AWS::KMS::Alias": ("AliasName", "alias/", 256),
    "AWS::Lambda::Function": ("FunctionName", "", 64),
    "AWS::Lambda::LayerVersion": ("LayerName", "", 140),
    "AWS::Logs::LogGroup": ("LogGroupName", "/aws/lambda/", 512),
    "AWS::SNS::Topic": ("TopicName", "", 256),
}
_DIGEST_LENGTH: Final = 8

ROOT_PATH: Final = "/"
_OWN_PATH: Final = "bedrock-tuning:role-path"
_OWN_NAME: Final = "bedrock-tuning:own-name"


def keep_path(scope: IConstruct, path: str) -> None:
    """Have the roles below a construct keep a path of their own; to be called before they are made."""
    scope.node.set_context(_OWN_PATH, path)


def keep_name(scope: IConstruct) -> None:
    """Have what is made below a construct keep the names that it was given; to be called before it is made."""
    scope.node.set_context(_OWN_NAME, True)


@jsii.implements(IAspect)
class ResourceNaming:
    """Gives resources names that start with a prefix, and roles a path.

    It names roles, functions, layers, tables, log groups, rules, topics and key aliases, but not buckets: a renamed
    bucket is a new, empty bucket. The role of a `ModelAccess` keeps its name, which another account knows.

    A name is the prefix, the construct path, and a digest of the construct path, the Region and, for a role, its path,
    so that a role can be replaced. The stack name is not part of it: two apps with the same construct paths in one
    account need two prefixes. Set it before the first deployment: a renamed function is a new function, and
    CloudFormation cannot change the function of an existing custom resource.

    Use it as `Aspects.of(scope).add(ResourceNaming(…))`, with the same prefix for `LifecycleWorkflow`.

    Args:
        prefix: 1 to 20 letters, digits and hyphens, starting with a letter. Default: CloudFormation chooses the names.
        role_path: Path of the roles, with a slash at both ends. Default: /.

    Raises:
        ValueError: If the prefix or the path is malformed.
    """

    def __init__(self, *, prefix: str | None = None, role_path: str | None = None) -> None:
        if prefix is not None:
            check_prefix("prefix", prefix)
        if role_path is not None and not re.fullmatch(contract.ROLE_PATH_PATTERN, role_path):
            raise ValueError(f"`role_path` must have a slash at both ends, such as /teams/search/ (got {role_path!r})")
        self._prefix = prefix
        self._role_path = role_path

    def visit(self, node: IConstruct) -> None:
        """Name one resource."""
        if not CfnResource.is_cfn_resource(node):
            return
        resource = cast("CfnResource", node)
        kind = resource.cfn_resource_type
        if self._role_path and kind == _ROLE and not _own_path(node):
            resource.add_property_override("Path", self._role_path)
        if self._prefix and kind in _NAMED and not _keeps_its_name(resource):
            name, before, longest = _NAMED[kind]
            name_of_it = self._name(resource, self._prefix, longest - len(before))
            resource.add_property_override(name, f"{before}{name_of_it}")

    def _name(self, resource: CfnResource, prefix: str, longest: int) -> str:
        path = resource.node.path.removesuffix("/Resource")
        identity = f"{path}|{Stack.of(resource).region}|{self._path_of(resource)}"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:_DIGEST_LENGTH]
        readable = re.sub("[^a-zA-Z0-9]+", "-", path)[: longest - len(prefix) - _DIGEST_LENGTH - 1]
        return f"{prefix}{readable}-{digest}"

    def _path_of(self, resource: CfnResource) -> str:
        """Return the path of a role; that of the roles is nothing to the names of others, which outlive it."""
        own = (_own_path(resource) or self._role_path) if resource.cfn_resource_type == _ROLE else None
        return own or ROOT_PATH


def _own_path(node: IConstruct) -> str | None:
    found: str | None = node.node.try_get_context(_OWN_PATH)
    return found


def _keeps_its_name(resource: CfnResource) -> bool:
    """Tell whether this was named where it is made, as the log group of a workflow is named after it."""
    if resource.node.try_get_context(_OWN_NAME):
        return True
    if resource.cfn_resource_type != "AWS::Logs::LogGroup":
        return False
    # The L2 sets it always, to a token that resolves to nothing.
    return Stack.of(resource).resolve(cast("logs.CfnLogGroup", resource).log_group_name) is not None
