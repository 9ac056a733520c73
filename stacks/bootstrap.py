"""The CDK's bootstrap as the settings name it: where assets go, and which roles deploy."""

from aws_cdk import DefaultStackSynthesizer

from settings import Bootstrap

_ROLE = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"


def synthesizer(bootstrap: Bootstrap) -> DefaultStackSynthesizer | None:
    """Return what gives one stack the bootstrap's qualifier and roles; None where the settings name none.

    A qualifier that the settings leave out is that of cdk.json, as the CDK reads it.
    """
    if bootstrap == Bootstrap(key_arn=bootstrap.key_arn):
        return None
    return DefaultStackSynthesizer(
        qualifier=bootstrap.qualifier,
        deploy_role_arn=_arn(bootstrap.deploy_role),
        lookup_role_arn=_arn(bootstrap.lookup_role),
        file_asset_publishing_role_arn=_arn(bootstrap.file_publishing_role),
        cloud_formation_execution_role=_arn(bootstrap.execution_role),
    )


def _arn(name: str | None) -> str | None:
    return f"{_ROLE}{name}" if name else None
