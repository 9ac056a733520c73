"""Where an environment keeps its evaluations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bedrock_lifecycle import contract
from tune.account.stacks import StackReader
from tune.account.templates import resolved

_FUNCTION: Final = "AWS::Lambda::Function"


@dataclass(frozen=True)
class EvaluationPlace:
    """The table that counts the tokens of evaluations, and the bucket that keeps what they found."""

    table: str
    bucket: str


def told_in(body: Mapping[str, Any], held: Mapping[str, str]) -> EvaluationPlace | None:
    """Return what Foundation's template tells the reconciler of evaluations; None where nothing can be evaluated.

    held: the physical ids of its resources, by their logical ids.
    """
    for each in body.get("Resources", {}).values():
        variables = each.get("Properties", {}).get("Environment", {}).get("Variables", {})
        if each["Type"] == _FUNCTION and contract.EVALUATION_WORKFLOW_VARIABLE in variables:
            told = resolved(variables, held)
            return EvaluationPlace(
                table=told[contract.LEDGER_TABLE_VARIABLE],
                bucket=told[contract.DATA_BUCKET_VARIABLE],
            )
    return None


def find_place(stacks: StackReader, foundation: str) -> EvaluationPlace | None:
    """Return it of a Foundation that may be deployed; raise what botocore raises."""
    found = stacks.find(foundation)
    return told_in(stacks.body(foundation), found.held) if found else None
