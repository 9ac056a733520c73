"""Resources that have another logical id than before, and are otherwise what they were."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from tune.review.assembly import StackTemplate

_NOBODY: Final = re.compile(r"(?!)")


def renamed(before: StackTemplate, after: StackTemplate) -> dict[str, str]:
    """Return the new logical ids of resources by their old ones: of the same construct, or with the same content."""
    return _Pairs(before, after).found


class _Pairs:
    def __init__(self, before: StackTemplate, after: StackTemplate) -> None:
        self.found: dict[str, str] = {}
        self._stacks = before, after
        self._left = (
            sorted(before.resources.keys() - after.resources.keys()),
            sorted(after.resources.keys() - before.resources.keys()),
        )
        self._names = tuple(_any_of(names) for names in self._left)
        if all(self._left):
            self._of_same_construct()
            while self._of_same_content():
                pass

    def _of_same_construct(self) -> None:
        old, new = (
            {stack.path_of(its): its for its in left} for stack, left in zip(self._stacks, self._left, strict=True)
        )
        for path in sorted(old.keys() & new.keys()):
            self._pair(old[path], new[path])

    def _of_same_content(self) -> bool:
        """Pair those of one content; where several have it, and nothing else tells them apart, in their order."""
        old, new = (self._by_content(side) for side in (0, 1))
        several = 0
        for content in sorted(old.keys() & new.keys(), key=lambda its: (len(old[its]), its)):
            several = several or len(old[content])
            if len(old[content]) == len(new[content]) == several:
                self._pair(old[content][0], new[content][0])
                return True
        return False

    def _pair(self, old: str, new: str) -> None:
        kinds = [stack.resources[its]["Type"] for stack, its in zip(self._stacks, (old, new), strict=True)]
        if old in self.found or new in self.found.values() or kinds[0] != kinds[1]:
            return
        self.found[old] = new
        # What stands in the same place of both is the same.
        references = [self._names[side].findall(self._written(side, its)) for side, its in enumerate((old, new))]
        if len(references[0]) == len(references[1]):
            for pair in zip(*references, strict=True):
                self._pair(*pair)

    def _by_content(self, side: int) -> Mapping[str, list[str]]:
        """Return what is not paired yet by its content, in which references are those of the head, or types."""
        found: dict[str, list[str]] = defaultdict(list)
        taken: Iterable[str] = self.found.values() if side else self.found
        resources = self._stacks[side].resources
        paired = set(self.found.values())

        def named(match: "re.Match[str]") -> str:
            name = match[0] if side else self.found.get(match[0], match[0])
            return name if name in paired else f"({resources[match[0]]['Type']})"

        for its in self._left[side]:
            if its not in taken:
                found[self._names[side].sub(named, self._written(side, its))].append(its)
        return found

    def _written(self, side: int, logical_id: str) -> str:
        resource = self._stacks[side].resources[logical_id]
        return json.dumps([resource["Type"], resource.get("Properties", {})], sort_keys=True)


def _any_of(names: Iterable[str]) -> "re.Pattern[str]":
    each = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    # Where a reference has it: the whole text, before an attribute, or in `${…}`.
    return re.compile(rf'(?<=["{{])(?:{each})(?=[".}}])') if each else _NOBODY
