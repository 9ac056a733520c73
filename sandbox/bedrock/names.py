"""ARNs and generated ids.

Ids are twelve characters of [a-z0-9] as AWS makes them, but computed from what they name, so that a run of
the same calls gives the same ARNs.
"""

import hashlib
import string
from dataclasses import dataclass
from typing import Final

_ALPHABET: Final = string.digits + string.ascii_lowercase
_ID_LENGTH: Final = 12


@dataclass(frozen=True, order=True)
class Scope:
    """The account and region that a resource lives in."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        """The partition of the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def arn(self, resource: str) -> str:
        """Return the ARN of a Bedrock resource of this account."""
        return f"arn:{self.partition}:bedrock:{self.region}:{self.account}:{resource}"

    def foundation_model_arn(self, model_id: str) -> str:
        """Return the ARN of a foundation model: it belongs to no account."""
        return f"arn:{self.partition}:bedrock:{self.region}::foundation-model/{model_id}"

    def generated_id(self, *parts: str) -> str:
        """Return the id of the thing named by `parts` in this scope."""
        digest = hashlib.sha256("\n".join([self.account, self.region, *parts]).encode()).digest()
        number = int.from_bytes(digest, "big")
        characters = []
        for _ in range(_ID_LENGTH):
            number, index = divmod(number, len(_ALPHABET))
            characters.append(_ALPHABET[index])
        return "".join(characters)
