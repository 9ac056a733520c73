"""Patterns of actions, ARNs and condition values, and which of them one text can match together."""

import functools
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

Pattern = tuple[str, ...]
"""A pattern by its signs: `*`, `?`, letters, and references as one sign each, of whose values nothing is known."""

ANYTHING: Final = "Any"
"""In a witness: what no pattern names."""
_SIGN: Final = re.compile(r"<[^<>]*>|\$\{[^{}]*\}|.", re.DOTALL)
_STAR, _ONE = "*", "?"
# So many states take some seconds.
_MOST_STATES: Final = 10_000


class TooMany(Exception):
    """So many patterns overlap that it cannot be told in time which match together."""


def pattern(text: str, *, like: bool = True) -> Pattern:
    """Return the signs of a text; without `like`, `*` and `?` are letters."""
    signs: list[str] = _SIGN.findall(text)
    if not like:
        return tuple(f"\\{sign}" if sign in (_STAR, _ONE) else sign for sign in signs)
    return tuple(sign for before, sign in zip(["", *signs], signs, strict=False) if (before, sign) != (_STAR, _STAR))


@functools.lru_cache(maxsize=1024)
def matched_together(patterns: tuple[Pattern, ...], *, fold: bool = False) -> Mapping[frozenset[Pattern], str]:
    """Return every set of patterns that some text matches, and matches no other of them, with such a text.

    fold: Do letters match in either case?

    Raises TooMany when there are too many to go through.
    """
    machine = _Machine(patterns, fold=fold)
    found: dict[int, str] = {}
    reached = {machine.start: ""}
    queue = deque([machine.start])
    while queue:
        state = queue.popleft()
        text = reached[state]
        if machine.ends_in(state) not in found:
            # One more letter makes a better example, where it says the same.
            same = machine.ends_in(machine.after(state, ANYTHING)) == machine.ends_in(state)
            found[machine.ends_in(state)] = text + ANYTHING * (same and not text.endswith(ANYTHING))
        for letter in (*machine.letters_of(state), ANYTHING):
            following = machine.after(state, letter)
            if following not in reached:
                reached[following] = text + machine.as_written(state, letter)
                queue.append(following)
        if len(reached) > _MOST_STATES:
            raise TooMany
    return {machine.patterns_of(ends): text for ends, text in found.items()}


class _Machine:
    """All patterns side by side: a bit of a state for each place in a pattern that a text may have come to."""

    def __init__(self, patterns: Sequence[Pattern], *, fold: bool) -> None:
        self._fold = fold
        self._signs = [sign for signs in patterns for sign in (*signs, "")]
        self._stars = self._where(_STAR)
        self._ones = self._where(_ONE)
        self._letters: dict[str, int] = defaultdict(int)
        for place, sign in enumerate(self._signs):
            if sign not in (_STAR, _ONE, ""):
                self._letters[self._folded(sign)] |= 1 << place
        ends = [place for place, sign in enumerate(self._signs) if not sign]
        self._ends = {1 << place: signs for place, signs in zip(ends, patterns, strict=True)}
        self._end = sum(self._ends)
        begins = [0, *(place + 1 for place in ends[:-1])] if ends else []
        self.start = self._past_stars(sum(1 << place for place in begins))

    def after(self, state: int, letter: str) -> int:
        """Return the state after one more letter."""
        matching = self._letters.get(self._folded(letter), 0) if letter != ANYTHING else 0
        if letter == ANYTHING or len(letter) == 1:
            matching |= self._ones
        return self._past_stars((state & matching) << 1 | state & self._stars)

    def letters_of(self, state: int) -> Iterable[str]:
        """Return the letters with which a pattern goes on."""
        return [letter for letter, places in self._letters.items() if state & places]

    def as_written(self, state: int, letter: str) -> str:
        """Return a letter in the case in which a pattern has it."""
        places = state & self._letters.get(letter, 0)
        return self._signs[(places & -places).bit_length() - 1].removeprefix("\\") if places else letter

    def ends_in(self, state: int) -> int:
        return state & self._end

    def patterns_of(self, ends: int) -> frozenset[Pattern]:
        return frozenset(signs for place, signs in self._ends.items() if ends & place)

    def _past_stars(self, state: int) -> int:
        # No two stars stand side by side.
        return state | (state & self._stars) << 1

    def _where(self, wanted: str) -> int:
        return sum(1 << place for place, sign in enumerate(self._signs) if sign == wanted)

    def _folded(self, letter: str) -> str:
        return letter.lower() if self._fold and len(letter) == 1 else letter
