"""Whether an answer is the JSON that was asked for, and how much of it is right."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from bedrock_lifecycle.evaluation.metrics.json_text import NotJson, leaves, parsed
from bedrock_lifecycle.evaluation.metrics.metric import BadReference
from bedrock_lifecycle.evaluation.metrics.overlap import f1
from bedrock_lifecycle.evaluation.metrics.schema import Schema

VALID: Final = "json_schema"
PARSES: Final = "json_schema.parses"
EQUAL: Final = "json_schema.equal"
FIELDS: Final = "json_schema.fields"


@dataclass(frozen=True)
class JsonSchema:
    """Four scores of an answer that has to be JSON and nothing else, not even a fence around it.

    - `json_schema.parses`: 1 if it is JSON.
    - `json_schema`: 1 if it is also valid against `schema`.
    - `json_schema.equal`: 1 if it also is the reference, as JSON compares.
    - `json_schema.fields`: the F1 of the fields that are equal in both, each at its place, whether or not it is valid.
    """

    schema: Schema

    name: ClassVar[str] = VALID
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[str, ...]] = (VALID, PARSES, EQUAL, FIELDS)

    def score(self, answer: str, reference: str) -> Mapping[str, float]:
        """Return the four; `BadReference` if the reference is not JSON or not valid."""
        try:
            right = parsed(reference)
        except NotJson as error:
            raise BadReference(f"the reference {error}") from None
        if not self.schema.accepts(right):
            raise BadReference("the reference is not valid against the schema")
        try:
            given = parsed(answer)
        except NotJson:
            return dict.fromkeys(self.measures, 0.0)
        ours, theirs = Counter(leaves(given)), Counter(leaves(right))
        return {
            PARSES: 1.0,
            VALID: float(self.schema.accepts(given)),
            EQUAL: float(ours == theirs),
            FIELDS: f1((ours & theirs).total(), ours.total(), theirs.total()),
        }
