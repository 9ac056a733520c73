"""How answers are scored, as an app says it. No CDK: settings read it too."""

import hashlib
import re
import symtable
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from bedrock_lifecycle.contract import MAX_OWN_METRIC_BYTES, MAX_SCHEMA_BYTES
from bedrock_lifecycle.contract.evaluation_identity import metric_definition
from bedrock_lifecycle.evaluation.metrics.exact_match import ExactMatch
from bedrock_lifecycle.evaluation.metrics.json_schema import JsonSchema
from bedrock_lifecycle.evaluation.metrics.rouge_l import RougeL
from bedrock_lifecycle.evaluation.metrics.schema import Schema
from bedrock_lifecycle.evaluation.metrics.texts import NORMALIZATIONS, Normalization
from bedrock_lifecycle.evaluation.metrics.token_f1 import TokenF1
from bedrock_lifecycle.evaluation.metrics.tool_call import ToolCall
from bedrock_lifecycle.evaluation.scoring.definitions import OwnMetric

MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    each.name: each.measures for each in (ExactMatch, TokenF1, RougeL, JsonSchema, ToolCall, OwnMetric)
}
"""What each metric measures, by its name."""
_FUNCTION: Final = re.compile("[a-zA-Z_][a-zA-Z0-9_]{0,63}")


@dataclass(frozen=True)
class OwnFunction:
    """A function of yours that scores answers: the file with it, and its name in there."""

    path: Path
    function: str


@dataclass(frozen=True, kw_only=True)
class EvaluationMetric:
    """One way to score answers; make it with one of the class methods.

    Args:
        name: Its name, which is that of its first measure.
        measures: What a gate can require something of.
        definition: Its canonical text, which is part of the identity of an evaluation.
        own: Your function, for `EvaluationMetric.own_function`. Default: none.
    """

    name: str
    measures: tuple[str, ...]
    definition: str
    own: OwnFunction | None = None

    @classmethod
    def exact_match(cls, normalize: Collection[Normalization] = ()) -> Self:
        """1 for an answer that equals the reference after both are normalized, otherwise 0.

        Args:
            normalize: Any of `unicode`, `case`, `punctuation` and `whitespace`. Default: none.

        Raises:
            ValueError: For any other normalization.
        """
        made = ExactMatch(tuple(normalize))
        options = {"normalize": [each for each in NORMALIZATIONS if each in made.normalize]}
        return cls._of(ExactMatch, metric_definition(ExactMatch.name, ExactMatch.version, options))

    @classmethod
    def token_f1(cls) -> Self:
        """The F1 of the words that answer and reference share, in any order."""
        return cls._of(TokenF1, metric_definition(TokenF1.name, TokenF1.version))

    @classmethod
    def rouge_l(cls) -> Self:
        """The F1 of the longest common subsequence of words."""
        return cls._of(RougeL, metric_definition(RougeL.name, RougeL.version))

    @classmethod
    def json_schema(cls, schema: str) -> Self:
        """Whether an answer is JSON that is valid against a schema, and how many fields equal the reference's.

        Args:
            schema: The text of a JSON Schema, at most 32 KiB, in the subset that is checked completely
                (docs/adr/0033-a-gate-judges-bounds-that-hold-at-any-size.md). It is part of the template.

        Raises:
            ValueError: For a schema that is too large, or a part of which would not be checked.
        """
        size = len(schema.encode())
        if size > MAX_SCHEMA_BYTES:
            raise ValueError(f"the schema must have at most {MAX_SCHEMA_BYTES:,} bytes (got {size:,})")
        Schema(schema)
        return cls._of(JsonSchema, metric_definition(JsonSchema.name, JsonSchema.version, {"schema": schema}))

    @classmethod
    def tool_call(cls) -> Self:
        """Whether an answer calls the tools that the reference calls, with the same arguments."""
        return cls._of(ToolCall, metric_definition(ToolCall.name, ToolCall.version))

    @classmethod
    def own_function(cls, path: Path, function: str) -> Self:
        """Score with a function of your own, which runs in a Lambda function without any permission but its log.

        Args:
            path: A Python file that needs nothing but the standard library, at most 1 MiB. Another content is another
                metric.
            function: The name of the function in it. It gets an answer and a reference, both as text, and returns a
                number from 0 to 1; more is better.

        Raises:
            ValueError: For a file that is no Python or too large, or a function that is not in it.
            OSError: If the file cannot be read.
        """
        if path.suffix != ".py" or not _FUNCTION.fullmatch(path.stem):
            raise ValueError(f"the file must be a Python file, named by letters, digits and _ (got {path.name!r})")
        if not _FUNCTION.fullmatch(function):
            raise ValueError(f"the function must be named by letters, digits and _ (got {function!r})")
        content = path.read_bytes()
        if len(content) > MAX_OWN_METRIC_BYTES:
            raise ValueError(f"the file must have at most {MAX_OWN_METRIC_BYTES:,} bytes (got {len(content):,})")
        if function not in _names_in(content, path.name):
            raise ValueError(f"{path.name} has no function {function!r} at its top level; define it, or name another")
        options = {"sha256": hashlib.sha256(content).hexdigest(), "function": function}
        return cls(
            name=OwnMetric.name,
            measures=OwnMetric.measures,
            definition=metric_definition(OwnMetric.name, OwnMetric.version, options),
            own=OwnFunction(path, function),
        )

    @classmethod
    def _of(cls, kind: "type[ExactMatch | TokenF1 | RougeL | JsonSchema | ToolCall]", definition: str) -> Self:
        return cls(name=kind.name, measures=kind.measures, definition=definition)


def _names_in(content: bytes, name: str) -> Collection[str]:
    """Return the names at the top level of a Python file, none of which is run; ValueError if it is no Python."""
    try:
        return symtable.symtable(content.decode(), name, "exec").get_identifiers()
    except (SyntaxError, ValueError) as error:
        why = error.msg if isinstance(error, SyntaxError) else "it is not UTF-8 text"
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise ValueError(f"{name} is not a Python file{line}: {why}") from None
