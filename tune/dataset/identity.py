"""What keeps two records together: what they ask, as it is compared by the check."""

from typing import Any

from bedrock_tuning.data.checker.content import content_of


def identity(record: dict[str, Any]) -> str:
    """Return a digest of what is asked in a record in which no rule found an error; it is not changed any more."""
    return content_of(record).question.digest().hex()
