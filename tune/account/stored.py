"""Buckets and keys that this project made, and who holds them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bedrock_lifecycle import contract
from tune.account.orphans import FindOwner
from tune.account.stores import OwnStore


@dataclass(frozen=True)
class StoreFinding:
    """A bucket or a key. `command` removes what no stack holds any more; nothing for what one holds."""

    stored: OwnStore
    why: str
    command: str = ""


def judged(stored: Iterable[OwnStore], find_owner: FindOwner) -> Iterator[StoreFinding]:
    """Yield things with who holds them: what is not in its stack was made by an earlier one of that name."""
    for its in stored:
        tag = its.tags[contract.TAG_OWNER]
        name, stack = tag.rpartition("/")[2], find_owner(tag)
        if stack is None:
            yield StoreFinding(its, f"kept by stack {name}, which no longer exists", its.item.command)
        elif its.name in stack.held.values():
            yield StoreFinding(its, f"stack {name} holds it")
        else:
            yield StoreFinding(its, f"kept by an earlier stack {name}: the present one has another", its.item.command)
