"""Your own tags: what Bedrock and this project allow."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from bedrock_tuning.common.messages import shown
from settings.problems import FieldError

MAX_TAGS: Final = 40  # AWS allows 50 on a resource; the rest is left to this project and to AWS
MAX_KEY_LENGTH: Final = 128
MAX_VALUE_LENGTH: Final = 256
RESERVED_PREFIXES: Final = ("aws:", "bedrock-tuning:")

# Tag of the Bedrock API (botocore 1.43.106). Services that are also tagged allow more, none allows less.
_ALPHABET: Final = re.compile(r"[a-zA-Z0-9\s._:/=+@-]*", re.ASCII)
_ALLOWED_CHARACTERS: Final = "letters, digits, white space and . _ : / = + @ -"


def check_tags(value: object) -> dict[str, str]:
    """Return the tags; raise FieldError with every key and value that is not allowed."""
    if not isinstance(value, dict):
        raise FieldError(f"must be a table of keys and texts (got {shown(value)}); write [tags]")
    if len(value) > MAX_TAGS:
        raise FieldError(f"must have 0 to {MAX_TAGS} tags (got {len(value)}); remove some")
    messages = [(key, message) for key, text in value.items() if (message := _key(key) or _value(text))]
    if messages:
        raise FieldError(below=messages)
    return dict(value)


Tags = Annotated[dict[str, str], BeforeValidator(check_tags)]


def _key(key: str) -> str | None:
    if key.lower().startswith(RESERVED_PREFIXES):
        prefixes = " nor ".join(RESERVED_PREFIXES)
        return f"the key is reserved: it must start with neither {prefixes}; choose another key"
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not _ALPHABET.fullmatch(key):
        return f"the key must be 1 to {MAX_KEY_LENGTH} {_ALLOWED_CHARACTERS}; correct the key"
    return None


def _value(text: object) -> str | None:
    if not isinstance(text, str):
        return f"must be text (got {shown(text)}); put it in quotes"
    if len(text) > MAX_VALUE_LENGTH or not _ALPHABET.fullmatch(text):
        allowed = f"0 to {MAX_VALUE_LENGTH} {_ALLOWED_CHARACTERS}"
        return f"must be {allowed} (got {shown(text)}); correct the value"
    return None
