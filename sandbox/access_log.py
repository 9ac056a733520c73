"""What the roles of the sandbox asked for and were allowed: evidence that a permission is used."""

import threading
from typing import Any, Final

from ministack.core import iam_evaluator

_ASSUMED_ROLE: Final = ":assumed-role/"


class AccessLog:
    """Remembers every request that IAM allowed a role: once, without its content."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def install(self) -> None:
        """Listen to the evaluator, which MiniStack asks by its module's name for each request."""
        enforce = iam_evaluator.enforce

        def listening(access_key_id: str, iam_action: str, *arguments: Any, **others: Any) -> Any:
            denied = enforce(access_key_id, iam_action, *arguments, **others)
            if denied is None:
                self._remember(access_key_id, iam_action, str(others.get("resource_arn", "*")))
            return denied

        iam_evaluator.enforce = listening

    def accesses(self) -> list[dict[str, str]]:
        """Return what was allowed so far: role, action and resource, sorted."""
        with self._lock:
            return [{"role": role, "action": action, "resource": on} for role, action, on in sorted(self._seen)]

    def _remember(self, access_key_id: str, action: str, resource: str) -> None:
        caller = iam_evaluator.resolve_caller_identity(access_key_id) or {}
        _, is_role, name = str(caller.get("userArn", "")).partition(_ASSUMED_ROLE)
        if is_role:
            with self._lock:
                self._seen.add((name.partition("/")[0], action, resource))
