"""What handlers declare and the execution policy does not grant: it would only serve what no template asks for."""

from collections.abc import Mapping
from typing import Final

# By type and action, the properties that the action is for. A property of any depth counts. A template that sets one
# needs the action, and then a test fails.
ONLY_FOR: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "AWS::DynamoDB::Table": {
        # With these a table has copies elsewhere, or is made from data; both read and write its items.
        **dict.fromkeys(
            (
                "dynamodb:AssociateTableReplica",
                "dynamodb:BatchWriteItem",
                "dynamodb:CreateTableReplica",
                "dynamodb:DeleteItem",
                "dynamodb:DescribeImport",
                "dynamodb:GetItem",
                "dynamodb:ImportTable",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
                "iam:CreateServiceLinkedRole",
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
                "logs:PutRetentionPolicy",
                "s3:GetObject",
                "s3:GetObjectMetadata",
                "s3:ListBucket",
            ),
            ("ImportSourceSpecification", "Replicas"),
        ),
        **dict.fromkeys(
            (
                "dynamodb:DisableKinesisStreamingDestination",
                "dynamodb:EnableKinesisStreamingDestination",
                "dynamodb:UpdateKinesisStreamingDestination",
                "kinesis:DescribeStream",
                "kinesis:PutRecords",
            ),
            ("KinesisStreamSpecification",),
        ),
        **dict.fromkeys(("dynamodb:DeleteResourcePolicy", "dynamodb:PutResourcePolicy"), ("ResourcePolicy",)),
    },
    "AWS::Events::Rule": {"iam:PassRole": ("RoleArn",)},
    "AWS::IAM::Policy": {
        **dict.fromkeys(("iam:DeleteGroupPolicy", "iam:GetGroupPolicy", "iam:PutGroupPolicy"), ("Groups",)),
        **dict.fromkeys(("iam:DeleteUserPolicy", "iam:GetUserPolicy", "iam:PutUserPolicy"), ("Users",)),
    },
    "AWS::IAM::Role": dict.fromkeys(("iam:AttachRolePolicy", "iam:DetachRolePolicy"), ("ManagedPolicyArns",)),
    "AWS::Lambda::Function": {
        **dict.fromkeys(("elasticfilesystem:DescribeMountTargets", "s3files:ListMountTargets"), ("FileSystemConfigs",)),
        **dict.fromkeys(
            ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
            ("KmsKeyArn", "SourceKMSKeyArn"),
        ),
        **dict.fromkeys(
            (
                "lambda:DeleteFunctionCodeSigningConfig",
                "lambda:GetCodeSigningConfig",
                "lambda:PutFunctionCodeSigningConfig",
            ),
            ("CodeSigningConfigArn",),
        ),
        "lambda:PassCapacityProvider": ("CapacityProviderConfig",),
    },
    "AWS::Lambda::Version": {
        "lambda:PutFunctionScalingConfig": ("FunctionScalingConfig",),
        "lambda:PutProvisionedConcurrencyConfig": ("ProvisionedConcurrencyConfig",),
        "lambda:PutRuntimeManagementConfig": ("RuntimePolicy",),
    },
    "AWS::Logs::LogGroup": {
        **dict.fromkeys(
            (
                "firehose:TagDeliveryStream",
                "logs:CreateLogDelivery",
                "logs:PutDataProtectionPolicy",
                "s3:REST.PUT.OBJECT",
            ),
            ("DataProtectionPolicy",),
        ),
        **dict.fromkeys(("logs:DeleteIndexPolicy", "logs:PutIndexPolicy"), ("FieldIndexPolicies",)),
        **dict.fromkeys(("logs:DeleteResourcePolicy", "logs:PutResourcePolicy"), ("ResourcePolicyDocument",)),
        "logs:PutBearerTokenAuthentication": ("BearerTokenAuthenticationEnabled",),
    },
    "AWS::S3::Bucket": {
        # What would send the data, or lists of it, somewhere else.
        **dict.fromkeys(
            (
                "iam:PassRole",
                "s3:DeleteBucketReplication",
                "s3:PutBucketReplication",
                "s3:PutReplicationConfiguration",
            ),
            ("ReplicationConfiguration",),
        ),
        **dict.fromkeys(
            ("s3:DeleteBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"), ("AnalyticsConfigurations",)
        ),
        "s3:PutInventoryConfiguration": ("InventoryConfigurations",),
        "s3:PutBucketNotification": ("NotificationConfiguration",),
        "s3:PutBucketAcl": ("AccessControl",),
        **dict.fromkeys(("s3:DeleteBucketWebsite", "s3:PutBucketWebsite"), ("WebsiteConfiguration",)),
        **dict.fromkeys(
            (
                "s3:CreateBucketMetadataTableConfiguration",
                "s3:DeleteBucketMetadataTableConfiguration",
                "s3:UpdateBucketMetadataAnnotationTableConfiguration",
                "s3:UpdateBucketMetadataInventoryTableConfiguration",
                "s3:UpdateBucketMetadataJournalTableConfiguration",
                "s3tables:CreateNamespace",
                "s3tables:CreateTable",
                "s3tables:CreateTableBucket",
                "s3tables:GetTable",
                "s3tables:GetTableMetadataLocation",
                "s3tables:PutTableBucketPolicy",
                "s3tables:PutTableEncryption",
                "s3tables:PutTablePolicy",
                "s3tables:UpdateTableMetadataLocation",
            ),
            ("MetadataConfiguration", "MetadataTableConfiguration"),
        ),
    },
    "AWS::SNS::Subscription": dict.fromkeys(("iam:GetRole", "iam:PassRole"), ("SubscriptionRoleArn",)),
    "AWS::SNS::Topic": {
        **dict.fromkeys(("iam:GetRole", "iam:PassRole"), ("DeliveryStatusLogging",)),
        "sns:PutDataProtectionPolicy": ("DataProtectionPolicy",),
    },
    "AWS::StepFunctions::StateMachine": dict.fromkeys(
        ("s3:GetObject", "s3:GetObjectVersion"), ("DefinitionS3Location",)
    ),
}

# Declared without a property that they would be for. They act on what is stored in a bucket, which no stack may touch.
NEVER: Final[Mapping[str, frozenset[str]]] = {
    "AWS::S3::Bucket": frozenset({"s3:DeleteObject", "s3:PutObjectAcl"}),
}


def is_granted(kind: str, action: str) -> bool:
    """Tell whether the policy grants what a type's handler declares."""
    return action not in ONLY_FOR.get(kind, {}) and action not in NEVER.get(kind, ())
