"""The ARN of a custom model, taken apart."""

import re
from dataclasses import dataclass
from typing import Final

from bedrock_tuning.common.messages import shown

# CustomModelArn of the Bedrock API (botocore 1.43.106), with its parts named and the base model's id left wider.
_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:bedrock:(?P<region>[a-z0-9-]{1,20}):(?P<account>[0-9]{12})"
    r":custom-model/(?P<base>imported|[a-z0-9.:-]{3,191})/[a-z0-9]{12}",
    re.ASCII,
)
_IMPORTED: Final = "imported"


@dataclass(frozen=True)
class CustomModelArn:
    """Where a custom model is. `base_model` is the id of what it was tuned from, None when the ARN does not tell."""

    region: str
    account: str
    base_model: str | None

    @classmethod
    def parse(cls, text: str) -> "CustomModelArn":
        """Return the parts of an ARN; raise ValueError for anything else, another resource's ARN among it."""
        found = _ARN.fullmatch(text)
        if found is None:
            allowed = "arn:aws:bedrock:<Region>:<account>:custom-model/<base model>/<12 letters and digits>"
            raise ValueError(f"must be the ARN of a custom model, {allowed} (got {shown(text)})")
        base_model = None if found["base"] == _IMPORTED else found["base"]
        return cls(found["region"], found["account"], base_model)

    def may_be_tuned_from(self, base_model: str) -> bool:
        """Tell whether the ARN does not rule a base model out; either id may lack the length of its context."""
        if self.base_model is None:
            return True
        shorter, longer = sorted((self.base_model, base_model), key=len)
        return longer == shorter or longer.startswith(f"{shorter}:")
