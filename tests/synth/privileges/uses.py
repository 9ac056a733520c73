"""What the principals of this project need, one access each, with the reason and the evidence for it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

Evidence = Literal["sandbox", "policy", "not established"]
Allowance = Literal["train", "buy", "delete_models", "promote_from", "bake", "evaluate_with"]

_FILES: Final = [Path(__file__).parent / name for name in ("uses.toml", "uses_of_evaluation.toml")]


@dataclass(frozen=True)
class Use:
    """One access: who does what on which resource, and what AWS then has in the request's context.

    `principal` is the construct path of a role, or the name of a service. `resource` is an ARN in which a construct
    path in angle brackets stands for that resource (with `#Name` for that property of it), `{region}`, `{account}` and
    `{environment}` for the environment's, and `{foundation}` for what the tag says of its Foundation. `allow` names the
    line of `[allow]` without which an environment has no such use; `elsewhere` says that the resource is another
    environment's, whose own policy hands the decision to the account; `beside` is a construct path without which there
    is no such use, where nothing else names it. `evidence`:

    - `sandbox`: a deployed function makes this access in the sandbox, where IAM is enforced.
    - `policy`: the sandbox does not make or enforce it; `why` names the page that asks for it.
    - `not established`: granted on an assumption, which `why` names.
    """

    principal: str
    action: str
    resource: str
    why: str
    evidence: Evidence
    context: Mapping[str, Any] = field(default_factory=dict)
    allow: Allowance | None = None
    elsewhere: bool = False
    beside: str = ""

    def __str__(self) -> str:
        return f"{self.principal} {self.action} on {self.resource}"


def uses() -> tuple[Use, ...]:
    """Return every use that the files list: one for each action on each resource of an entry."""
    documents = [tomllib.loads(path.read_text(encoding="utf-8")) for path in _FILES]
    return tuple(use for document in documents for entry in document["use"] for use in _uses_of(entry))


def _uses_of(entry: Mapping[str, Any]) -> list[Use]:
    shared = {name: value for name, value in entry.items() if name not in ("principals", "actions", "resources")}
    return [
        Use(principal=principal, action=action, resource=resource, **shared)
        for principal in entry["principals"]
        for action in entry["actions"]
        for resource in entry["resources"]
    ]
