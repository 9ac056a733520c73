"""`[bootstrap]`: how the CDK was bootstrapped in the account."""

from settings.organization import KeyArn
from settings.problems import Table


class Bootstrap(Table):
    """`[bootstrap]`: what `cdk bootstrap` was told, where that is not its default.

    key_arn: the key of yours that encrypts the bootstrap bucket (`--bootstrap-kms-key-id`), from which files that are
        named by path are read. Default: none, the bucket of the default bootstrap asks for no permission of a key.
    """

    key_arn: KeyArn | None = None
