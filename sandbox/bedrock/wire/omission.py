"""Answers with fewer members than they could have."""

from collections.abc import Callable
from typing import Any

from sandbox.bedrock.wire.models import Shape


def shortened(value: Any, shape: Shape, drops: Callable[[str, Any], bool]) -> Any:
    """Return a value without those members that its service model does not require and that `drops` takes out."""
    if shape.type_name == "structure":
        required = set(shape.required_members)
        return {
            name: shortened(member, shape.members[name], drops) if name in shape.members else member
            for name, member in value.items()
            if member is not None and (name in required or not drops(name, member))
        }
    if shape.type_name == "list":
        return [shortened(member, shape.member, drops) for member in value]
    return value
