"""The policy for `cdk bootstrap --cloudformation-execution-policies`, in place of AdministratorAccess.

It allows what CloudFormation's handlers declare for the types that the templates hold, on what has the names of one
app's stacks. Nobody has run it on AWS: that handlers need no more than they declare is not established.
"""

from collections.abc import Iterator
from typing import Final

from bedrock_lifecycle import contract
from tune.execution_policy.declared import Declared
from tune.execution_policy.documents import AllowedAction, Document, documents, where
from tune.execution_policy.scope import PolicyScope
from tune.execution_policy.ungranted import is_granted

_EVERYTHING: Final = ("*",)

# Actions that name no resource (service authorization reference).
_WITHOUT_RESOURCE: Final = frozenset(
    {
        "dynamodb:ListTables",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "events:ListRules",
        "iam:ListRoles",
        "kms:ListAliases",
        "kms:ListKeys",
        "lambda:ListFunctions",
        "lambda:ListLayerVersions",
        "logs:DescribeIndexPolicies",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "s3:ListAllMyBuckets",
        "sns:ListSubscriptions",
        "sns:ListTopics",
        "ssm:DescribeParameters",
        "states:ListStateMachines",
    }
)
# What IAM lets depend on the boundary of the role that is changed.
_UNDER_THE_BOUNDARY: Final = frozenset(
    {"iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"}
)
# What a key of somebody else must not suffer. The rest reads, or happens right after a key was made, as the rotation is
# enabled (CreateHandler in aws-cloudformation-resource-providers-kms): it may take five minutes until policies know a
# key's tags (AWS KMS developer guide, "ABAC for AWS KMS").
_ON_OWN_KEYS: Final = frozenset(
    {
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
    }
)
# The service that uses a key for a resource of a type, or gets its role.
_SERVICES: Final = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::Lambda::Function": "lambda",
    "AWS::StepFunctions::StateMachine": "states",
}
# What of a service has another name than the rest.
_PARTS: Final = {
    "lambda:DeleteLayerVersion": "lambda layer",
    "lambda:GetLayerVersion": "lambda layer",
    "lambda:PublishLayerVersion": "lambda layer",
    "s3:GetObject": "s3 code",
    "s3:GetObjectVersion": "s3 code",
}


def execution_policies(declared: Declared, scope: PolicyScope) -> list[Document]:
    """Return policies that together allow what the stacks of an app need, each as long as IAM takes at most.

    Raises ValueError for an action of a service of which the stacks have nothing.
    """
    return documents([*_declared(declared, scope), *_beside_handlers(scope)])


def _declared(declared: Declared, scope: PolicyScope) -> Iterator[AllowedAction]:
    for kind, handlers in declared.items():
        if kind.startswith("AWS::IAM::") and scope.organization.roles is not None:
            continue  # every role exists
        for action in {action for actions in handlers.values() for action in actions}:
            if is_granted(kind, action):
                yield from _grants(kind, action, scope)


def _beside_handlers(scope: PolicyScope) -> Iterator[AllowedAction]:
    """Yield what a template needs beside its resources' handlers."""
    # A custom resource is a call of its function: front door, or one for datasets. The names that CloudFormation makes
    # up do not say for sure which is which.
    yield AllowedAction("lambda:InvokeFunction", scope.arns["lambda"])
    yield AllowedAction("ssm:GetParameters", (scope.version_arn,))
    # That the role needs it for `Fn::ImportValue` is not established. It only reads.
    yield AllowedAction("cloudformation:ListExports", _EVERYTHING)
    if scope.bootstrap_key_arn:
        yield AllowedAction("kms:Decrypt", (scope.bootstrap_key_arn,), _via("s3", scope))


def _grants(kind: str, action: str, scope: PolicyScope) -> Iterator[AllowedAction]:
    service = action.partition(":")[0]
    place = _PARTS.get(action, service)
    if action in _WITHOUT_RESOURCE:
        yield AllowedAction(action, _EVERYTHING)
    elif service == "kms":
        yield from _on_keys(kind, action, scope)
    elif service == "iam":
        yield from _on_roles(kind, action, scope)
    elif place in scope.arns:
        yield AllowedAction(action, scope.arns[place])
    else:
        raise ValueError(
            f"{kind} declares {action}, and it is not known on what: grant it in `arns` of "
            "tune/execution_policy/scope.py, or list it in tune/execution_policy/ungranted.py with what it is for"
        )


def _on_keys(kind: str, action: str, scope: PolicyScope) -> Iterator[AllowedAction]:
    keys = (scope.arn("kms", "key/*"),)
    own = {f"aws:ResourceTag/{contract.TAG_APP}": scope.app}
    becomes_own = {f"aws:RequestTag/{contract.TAG_APP}": scope.app}
    if kind in _SERVICES:
        yield AllowedAction(action, scope.operations_key_arns, _via(_SERVICES[kind], scope))
    elif kind == "AWS::KMS::Alias":
        yield AllowedAction(action, scope.arns["kms alias"])
        yield AllowedAction(action, keys)
    elif action == "kms:CreateKey":
        yield AllowedAction(action, _EVERYTHING, where(StringEquals=becomes_own))
    elif action == "kms:TagResource":
        # A new key has no tags yet. One of another app cannot be taken from it.
        without_app = dict.fromkeys(own, "true")
        yield AllowedAction(action, keys, where(StringEquals=becomes_own, Null=without_app))
        yield AllowedAction(action, keys, where(StringEquals=own))
    elif action in _ON_OWN_KEYS:
        yield AllowedAction(action, keys, where(StringEquals=own))
    else:
        yield AllowedAction(action, keys)


def _on_roles(kind: str, action: str, scope: PolicyScope) -> Iterator[AllowedAction]:
    boundary = scope.organization.permissions_boundary
    if action == "iam:PassRole":
        to = {"iam:PassedToService": f"{_SERVICES[kind]}.amazonaws.com"}
        yield AllowedAction(action, scope.passed_role_arns, where(StringEquals=to))
    elif boundary and action in _UNDER_THE_BOUNDARY:
        yield AllowedAction(action, scope.role_arns, where(StringEquals={"iam:PermissionsBoundary": boundary}))
    elif not (boundary and action == "iam:DeleteRolePermissionsBoundary"):
        yield AllowedAction(action, scope.role_arns)


def _via(service: str, scope: PolicyScope) -> str:
    return where(StringEquals={"kms:ViaService": f"{service}.{scope.region}.amazonaws.com"})
