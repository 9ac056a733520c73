"""What CloudFormation refuses in an update and MiniStack lets pass: exports in use, and another service token.

It holds for the pinned version, like `sandbox.ministack_adapter`. That AWS refuses is documented ("You can't modify or
remove an output value that is referenced by another stack", `Fn::ImportValue`; "Updates are not supported",
`ServiceToken` of `AWS::CloudFormation::CustomResource`); the words are those that people report
(aws-samples/generative-ai-use-cases#1232, awslabs/generative-ai-cdk-constructs#959, both of 2025, and
cloudcomponents/cdk-constructs#197).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, provisioners, stacks

_CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
_GONE: Final = "DELETE_COMPLETE"


def install() -> None:
    """Refuse both where MiniStack updates stacks."""
    stacks._resolve_stack_outputs = _guarded(stacks._resolve_stack_outputs)
    # Both modules hold it by name. What it answers fails the resource before anything is asked of it, so that the
    # rollback asks nothing either.
    refused = _keeping_tokens(provisioners._custom_named_replacement_error)
    stacks._custom_named_replacement_error = provisioners._custom_named_replacement_error = refused


def _guarded(resolve: Any) -> Any:
    """Outputs are what an update resolves last; what is raised there rolls it back."""

    def resolved(*arguments: Any) -> tuple[Any, Mapping[str, Mapping[str, str]]]:
        outputs, offered = resolve(*arguments)
        stack_id = arguments[-1]
        own = {name: its["Value"] for name, its in cloudformation._exports.items() if its["StackId"] == stack_id}
        for name, value in own.items():
            if users := ", ".join(_users(name)):
                if name not in offered:
                    raise ValueError(f"Delete canceled. Cannot delete export {name} as it is in use by {users}.")
                if offered[name]["Value"] != value:
                    raise ValueError(f"Update canceled. Cannot update export {name} as it is in use by {users}.")
        for name in own.keys() - offered.keys():
            cloudformation._exports.pop(name)  # MiniStack only ever adds to what is exported
        return outputs, offered

    return resolved


def _users(export: str) -> Iterator[str]:
    for name, stack in sorted(cloudformation._stacks.items()):
        if stack.get("StackStatus") != _GONE and export in handlers._imported_export_names(stack, name):
            yield name


def _keeping_tokens(original: Any) -> Any:
    def refused(resource_type: str, old: Mapping[str, Any], new: Mapping[str, Any], *rest: Any) -> str | None:
        if resource_type.startswith(_CUSTOM) and old.get("ServiceToken") != new.get("ServiceToken"):
            return "Modifying service token is not allowed."
        found: str | None = original(resource_type, old, new, *rest)
        return found

    return refused
