"""ARN patterns of Bedrock's resources in one account and Region, for policies."""

from aws_cdk import Stack


class BedrockArns:
    """Source: service authorization reference, "Actions, resources, and condition keys for Amazon Bedrock"."""

    def __init__(self, stack: Stack) -> None:
        own = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}"
        self.own: str = own
        self.foundation_models: str = f"arn:{stack.partition}:bedrock:{stack.region}::foundation-model/*"
        self.custom_models: str = f"{own}:custom-model/*"
        self.customization_jobs: str = f"{own}:model-customization-job/*"
        self.provisioned_models: str = f"{own}:provisioned-model/*"
        self.custom_model_deployments: str = f"{own}:custom-model-deployment/*"
        self.default_project: str = f"{own}:project/default"
        # Service authorization reference, "Service Quotas": a quota's ARN has the code of its service.
        self.quotas: str = f"arn:{stack.partition}:servicequotas:{stack.region}:{stack.account}:bedrock/*"
