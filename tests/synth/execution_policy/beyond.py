"""What AdministratorAccess allows, and no stack of ours needs."""

from collections.abc import Mapping

from tests.synth.execution_policy.requests import APP, Request


def beyond(place: Mapping[str, str]) -> list[Request]:
    """Return requests that AdministratorAccess allows, and that no stack of ours makes."""
    account, region, app = place["account"], place["region"], place["app"]
    own_role, own_bucket = place["role"], place["bucket"]
    key = f"arn:aws:kms:{region}:{account}:key/11111111-2222-3333-4444-555555555555"
    foreign_key = {f"aws:ResourceTag/{APP}": "another-app"}
    other_role = f"arn:aws:iam::{account}:role/administrators"
    # Who gets in by a token: the stack with the pipeline's roles is deployed by hand, with other credentials.
    provider = f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
    pipeline_role = f"arn:aws:iam::{account}:role/PipelineAccess-AccessdevRole53740E1B-ABCDEFGHIJKL"

    def lambdas(operation: str) -> Request:
        return Request("", f"lambda:{operation}", f"arn:aws:lambda:{region}:{account}:function:payroll")

    return [
        # Becoming somebody else.
        Request("", "iam:CreateUser", f"arn:aws:iam::{account}:user/new"),
        Request("", "iam:CreateAccessKey", f"arn:aws:iam::{account}:user/new"),
        Request("", "iam:CreateLoginProfile", f"arn:aws:iam::{account}:user/new"),
        Request("", "iam:PutUserPolicy", f"arn:aws:iam::{account}:user/new"),
        Request("", "iam:CreatePolicyVersion", f"arn:aws:iam::{account}:policy/boundary"),
        Request("", "iam:CreateRole", other_role),
        Request("", "iam:PutRolePolicy", other_role),
        Request("", "iam:UpdateAssumeRolePolicy", other_role),
        Request("", "iam:DeleteRole", other_role),
        Request("", "iam:AttachRolePolicy", own_role, {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        Request("", "iam:PassRole", other_role, {"iam:PassedToService": "lambda.amazonaws.com"}),
        Request("", "iam:PassRole", own_role, {"iam:PassedToService": "ec2.amazonaws.com"}),
        Request("", "iam:PassRole", own_role, {"iam:PassedToService": "bedrock.amazonaws.com"}),
        Request("", "iam:PassRole", own_role),
        Request("", "iam:CreateServiceLinkedRole", f"arn:aws:iam::{account}:role/aws-service-role/x"),
        *(
            Request("", f"iam:{operation}", provider)
            for operation in (
                "AddClientIDToOpenIDConnectProvider",
                "CreateOpenIDConnectProvider",
                "DeleteOpenIDConnectProvider",
                "UpdateOpenIDConnectProviderThumbprint",
            )
        ),
        Request("", "iam:UpdateAssumeRolePolicy", pipeline_role),
        Request("", "iam:PutRolePolicy", pipeline_role),
        Request("", "sts:AssumeRole", own_role),
        Request("", "sts:AssumeRole", other_role),
        # Money.
        Request("", "bedrock:CreateProvisionedModelThroughput", "*"),
        Request("", "bedrock:CreateModelCustomizationJob", "*"),
        Request("", "bedrock:DeleteCustomModel", f"arn:aws:bedrock:{region}:{account}:custom-model/x"),
        Request("", "bedrock:InvokeModel", f"arn:aws:bedrock:{region}::foundation-model/x"),
        Request("", "ec2:RunInstances", "*"),
        Request("", "ec2:CreateVpc", "*"),
        Request("", "organizations:LeaveOrganization", "*"),
        Request("", "account:CloseAccount", "*"),
        # Data.
        Request("", "s3:GetObject", f"{own_bucket}/train/part.jsonl"),
        Request("", "s3:GetObjectVersion", f"{own_bucket}/train/part.jsonl"),
        Request("", "s3:PutObject", f"{own_bucket}/train/part.jsonl"),
        Request("", "s3:DeleteObject", f"{own_bucket}/train/part.jsonl"),
        Request("", "s3:DeleteObjectVersion", f"{own_bucket}/train/part.jsonl"),
        Request("", "s3:PutObjectAcl", f"{own_bucket}/train/part.jsonl"),
        Request("", "s3:PutReplicationConfiguration", own_bucket),
        Request("", "s3:PutInventoryConfiguration", own_bucket),
        Request("", "s3:DeleteBucket", "arn:aws:s3:::payroll"),
        Request("", "s3:PutBucketPolicy", "arn:aws:s3:::payroll"),
        Request("", "s3:GetObject", "arn:aws:s3:::payroll/salaries.csv"),
        Request("", "s3:PutObject", place["code"]),
        Request("", "dynamodb:GetItem", place["table"]),
        Request("", "dynamodb:DeleteItem", place["table"]),
        Request("", "dynamodb:DeleteTable", f"arn:aws:dynamodb:{region}:{account}:table/payroll"),
        Request("", "logs:GetLogEvents", f"arn:aws:logs:{region}:{account}:log-group:payroll"),
        Request("", "logs:DeleteLogGroup", f"arn:aws:logs:{region}:{account}:log-group:payroll"),
        Request("", "ssm:GetParameters", f"arn:aws:ssm:{region}:{account}:parameter/payroll/password"),
        Request("", "secretsmanager:GetSecretValue", "*"),
        # Keys.
        Request("", "kms:Decrypt", key, {f"aws:ResourceTag/{APP}": app}),
        Request("", "kms:Decrypt", key, {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}),
        Request("", "kms:CreateGrant", key, {f"aws:ResourceTag/{APP}": app}),
        Request("", "kms:CreateKey", "*"),
        Request("", "kms:ScheduleKeyDeletion", key),
        Request("", "kms:ScheduleKeyDeletion", key, foreign_key),
        Request("", "kms:DisableKey", key, foreign_key),
        Request("", "kms:PutKeyPolicy", key, foreign_key),
        Request("", "kms:TagResource", key, {**foreign_key, f"aws:RequestTag/{APP}": app}),
        # What runs, and what others run.
        lambdas("InvokeFunction"),
        lambdas("UpdateFunctionCode"),
        lambdas("DeleteFunction"),
        lambdas("AddPermission"),
        Request("", "states:StartExecution", f"arn:aws:states:{region}:{account}:stateMachine:payroll"),
        Request("", "states:DeleteStateMachine", f"arn:aws:states:{region}:{account}:stateMachine:payroll"),
        Request("", "sns:Subscribe", f"arn:aws:sns:{region}:{account}:payroll"),
        Request("", "events:PutTargets", f"arn:aws:events:{region}:{account}:rule/payroll"),
        Request("", "cloudformation:DeleteStack", f"arn:aws:cloudformation:{region}:{account}:stack/payroll/x"),
        Request("", "cloudtrail:StopLogging", "*"),
        # The same names elsewhere.
        Request("", "lambda:DeleteFunction", place["function"].replace(region, "eu-west-1")),
        Request("", "iam:DeleteRole", own_role.replace(account, "999988887777")),
    ]
