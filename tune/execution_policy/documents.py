"""Policy documents: permissions as statements, in as many documents as IAM's limit asks for."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

# Of a managed policy, without white space (IAM user guide, "IAM and AWS STS quotas").
MAX_CHARACTERS: Final = 6144

Document = dict[str, Any]


@dataclass(frozen=True)
class AllowedAction:
    """One action that is allowed on resources, nothing if there are none. `condition` is the statement's, as JSON."""

    action: str
    resources: tuple[str, ...]
    condition: str = "{}"


def where(**operators: Mapping[str, str]) -> str:
    """Return a condition as a grant has it: where(StringEquals={"kms:ViaService": "…"})."""
    return json.dumps(operators, sort_keys=True)


def documents(grants: Iterable[AllowedAction]) -> list[Document]:
    """Return documents that together allow this, each as long as a managed policy may be."""
    found: list[Document] = []
    for each in _statements(grants):
        longer = _document([*(found[-1]["Statement"] if found else []), each])
        if found and characters(longer) <= MAX_CHARACTERS:
            found[-1] = longer
        else:
            found.append(_document([each]))
    return found


def characters(document: Document) -> int:
    """Return how many characters of a document count for IAM's limit."""
    return len(json.dumps(document, separators=(",", ":")))


def _statements(grants: Iterable[AllowedAction]) -> list[Document]:
    """Return one statement for all actions that are allowed on the same resources under the same condition."""
    actions: dict[tuple[tuple[str, ...], str], set[str]] = {}
    for each in grants:
        if each.resources:
            actions.setdefault((each.resources, each.condition), set()).add(each.action)
    return [
        {
            "Effect": "Allow",
            "Action": sorted(allowed),
            "Resource": list(resources),
            **({"Condition": json.loads(condition)} if condition != "{}" else {}),
        }
        for (resources, condition), allowed in sorted(actions.items(), key=lambda each: (min(each[1]), each[0]))
    ]


def _document(statements: list[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}
