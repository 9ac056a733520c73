"""Keys as this project makes them."""

from typing import Final

from aws_cdk import Names, RemovalPolicy
from aws_cdk import aws_kms as kms
from constructs import Construct

# AWS KMS API reference, CreateAlias: at most 256 characters.
_LONGEST_ALIAS: Final = 200


def new_key(scope: Construct, *, description: str, removal_policy: RemovalPolicy) -> kms.Key:
    """Return a key that is rotated yearly, and that people find by an alias; the alias goes with its stack."""
    key = kms.Key(scope, "Key", description=description, enable_key_rotation=True, removal_policy=removal_policy)
    name = Names.unique_resource_name(key, max_length=_LONGEST_ALIAS, separator="-", allowed_special_characters="-")
    key.add_alias(f"alias/{name}")
    return key
