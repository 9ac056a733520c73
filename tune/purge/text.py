"""What is kept, in words."""

from collections.abc import Iterator, Sequence
from typing import Final

from bedrock_lifecycle import contract
from tune.account.items import InventoryItem
from tune.purge.kept import Kept
from tune.terminal.environments import EnvironmentRef

STAYS: Final = (
    "What cannot be removed: the records of its training runs, which Bedrock keeps forever and does not bill. The "
    "CDK's bootstrap bucket still has copies of data files; to remove them: cdk gc --unstable=gc"
)
_UNITS: Final = ("bytes", "KB", "MB", "GB")


def lines(kept: Kept, anchor: EnvironmentRef) -> Iterator[str]:
    """Yield what would be removed."""
    yield f"Left of {anchor} in account {anchor.account}, {anchor.region}:"
    for candidate in kept.candidates:
        yield f"  Candidate {candidate.name}: answered for a model during an evaluation, and holds it"
    for model in kept.models:
        yield f"  Custom model {model.name}: stored, billed by the month{f'; {model.details}' if model.details else ''}"
    for bucket in kept.buckets:
        yield f"  Bucket {bucket.name}: {bucket.versions:,} versions of objects, {_size(bucket.size_bytes)}"
    for key in kept.keys:
        state = f"is deleted on {key.deleted_on}" if key.deletion_date else "billed by the month"
        # There may be two: of data and models, and one that went with its stack.
        what = f" ({key.description})" if key.description else ""
        yield f"  Key {key.id}{what}: {state}"
    if not any((kept.candidates, kept.models, kept.buckets, kept.keys)):
        yield "  nothing that carries its tags"


def unproven(items: Sequence[InventoryItem]) -> Iterator[str]:
    """Yield what looks like the environment's and is not removed, with the command that does."""
    if items:
        yield (
            f"Not removed, because it lacks the tag {contract.TAG_APP} (a deploy adds it to what still exists), or was "
            "made under another stack_prefix. To permanently remove it by hand, in this order:"
        )
        for item in items:
            yield f"  {item}"
            yield f"      {item.command}"


def warning(waiting_days: int) -> str:
    """Return what somebody must know before agreeing."""
    return (
        "Models and objects are permanently deleted. The key is scheduled for deletion: you can cancel that for "
        f"{waiting_days} days, then everything that was encrypted with it is unreadable forever."
    )


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"
