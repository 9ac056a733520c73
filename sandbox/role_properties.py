"""The permissions boundary of `AWS::IAM::Role`, which MiniStack's CloudFormation leaves out; its IAM enforces it.

It holds for the pinned version, like `sandbox.ministack_adapter`.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import iam
from ministack.services.cloudformation import provisioners


def install() -> None:
    """Have CloudFormation set it when it makes or updates a role."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
    handlers["create"] = _creating(handlers["create"])
    handlers["update"] = _updating(handlers["update"])


def _creating(original: Callable[..., Any]) -> Callable[..., Any]:
    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        made = original(logical_id, props, stack_name)
        _set_boundary(made[0], props)
        return made

    return create


def _updating(original: Callable[..., Any]) -> Callable[..., Any]:
    def update(physical_id: str, old_props: Any, new_props: dict[str, Any], *rest: Any, **more: Any) -> Any:
        updated = original(physical_id, old_props, new_props, *rest, **more)
        _set_boundary(updated[0], new_props)
        return updated

    return update


def _set_boundary(name: str, props: dict[str, Any]) -> None:
    role = iam._roles.get(name)
    if role is not None:
        role["PermissionsBoundary"] = props.get("PermissionsBoundary")
