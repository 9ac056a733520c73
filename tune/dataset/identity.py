"""What makes two records the same."""

import hashlib
import json
from typing import Any


def identity(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
