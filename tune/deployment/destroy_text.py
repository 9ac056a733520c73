"""What a destroy says before it asks, and what is left when it has ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from settings.folder import model_names
from settings.location import prefix_of
from settings.stack_names import StackKind, stack_name
from tune.account.items import InventoryItem
from tune.account.settings_files import application_stacks
from tune.account.stack_states import StackState
from tune.terminal.environments import EnvironmentRef, option_of, region_option

# What is destroyed: what serves alone; with the training's stack; with Foundation as well.
Extent = Literal["serving", "default", "all"]
# In that order: what serves first, and Foundation last.
KINDS: Final[dict[Extent, tuple[StackKind, ...]]] = {
    "serving": ("Serving",),
    "default": ("Serving", "Evaluation", "Promotion", "Training"),
    "all": ("Serving", "Evaluation", "Promotion", "Training", "Foundation"),
}


@dataclass(frozen=True)
class Left:
    """What an environment has after a destroy."""

    billing: Sequence[InventoryItem]
    deployed: Sequence[InventoryItem]
    running: Sequence[InventoryItem]
    kept: Sequence[InventoryItem]
    unseen: str = ""
    """Why the list of what is kept may not be whole."""


def announced(
    states: Sequence[StackState], anchor: EnvironmentRef, items: Sequence[InventoryItem], extent: Extent
) -> Iterator[str]:
    """Yield what goes, before anybody is asked; `items` are what serves and trains now."""
    yield f"This deletes from {anchor} in {_where(anchor)}:"
    yield from (f"  stack {state.name} ({state.status})" for state in states)
    if items:
        yield "What serves and trains now:"
        yield from (f"  {item}" for item in items)
    if extent == "all":
        yield (
            "Models, buckets and keys are kept. A later Foundation makes new keys: to serve today's models there, name "
            "their key in allow.model_key_arns"
        )
    else:
        yield "Models, data and keys are kept"


def not_found(stacks: Sequence[str], anchor: EnvironmentRef) -> str:
    """Return what is said where none of these stacks exists."""
    return (
        f"No stack of {anchor} exists in {_where(anchor)} ({', '.join(stacks) or 'no model is known'}). If it was "
        f"deployed elsewhere, name that account and Region in {anchor.name}/environment.toml, or give --region"
        f"{_no_file(anchor)}"
    )


def removed(folder: Path, environment: str) -> str:
    """Return the command that destroys an environment whose folder was removed."""
    options = f"{option_of(folder.resolve())}{region_option('<its Region>')}"
    return f"python -m tune destroy {environment} --every-model --all{options}"


def _no_file(anchor: EnvironmentRef) -> str:
    """Return what is to be said of a model that has no file either: its name may be a slip of the pen."""
    known = model_names(anchor.folder, anchor.name)
    if anchor.named is None or anchor.named in known:
        return ""
    return f". There is no {anchor.named}.toml either; its models: {', '.join(known) or 'none'}"


def by_hand(folder: Path, environment: str, model: str | None, extent: Extent) -> Iterator[str]:
    """Yield how stacks are deleted without the settings, from whose names theirs follow, in this order."""
    yield (
        "Nothing was destroyed. Correct the file, or delete the stacks by hand, with the credentials of their account, "
        "each only when the stack before it no longer exists:"
    )
    prefix = prefix_of(folder, environment)
    models = [model] if model else model_names(folder, environment)
    for kind in KINDS[extent]:
        for each in models if kind != "Foundation" else [""]:
            of = f"--stack-name {stack_name(prefix, environment, kind, each)} --region <its Region>"
            if kind == "Foundation":
                yield f"  aws cloudformation update-termination-protection --no-enable-termination-protection {of}"
            yield f"  aws cloudformation delete-stack {of}"
            yield f"  aws cloudformation wait stack-delete-complete {of}"


def report(left: Left, anchor: EnvironmentRef) -> list[str]:
    """Return what is left, line by line."""
    lines = []
    if left.billing:
        lines.append("Still billed by the hour:")
        lines += _listed(left.billing)
    else:
        lines.append(f"Nothing of {anchor} is billed by the hour in {_where(anchor)}.")
    if left.deployed:
        lines.append("Still deployed:")
        lines += _listed(left.deployed)
    if left.running:
        lines.append("Still running:")
        lines += _listed(left.running)
    if left.kept:
        lines.append("Kept on purpose; to remove it, in this order:")
        lines += _listed(left.kept)
        if not anchor.is_elsewhere and not any(item.what == "Stack" for item in left.kept):
            lines.append(f"  or all of it, after a confirmation: python -m tune purge {anchor.arguments}")
    for account, stack in application_stacks(anchor):
        lines.append(
            f"Not looked at: stack {stack} in account {account}. It bills nothing; with credentials of that account:"
        )
        lines.append(f"      aws cloudformation delete-stack --stack-name {stack} --region {anchor.region}")
    return lines + ([f"  {left.unseen}"] if left.unseen else [])


def _where(anchor: EnvironmentRef) -> str:
    return f"account {anchor.account}, {anchor.region}"


def _listed(items: Sequence[InventoryItem]) -> list[str]:
    return [line for item in items for line in (f"  {item}", *([f"      {item.command}"] if item.command else []))]
