"""What the CDK CLI prints of wait steps: a training has up to 160 of them, and only the first says something new."""

import re
from typing import Final

# `stack | 3/20 | 10:12:01 AM | CREATE_COMPLETE | type | path (logical ID)`, in colors on a terminal.
_COLOR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PART: Final = " | "
_QUIET: Final = re.compile(
    r"\| (?:CREATE|UPDATE|DELETE)_(?:IN_PROGRESS|COMPLETE) *"
    r"\| Custom::Bedrock(?:Training|Evaluation)Await *"
    r"\| \S+/Await(?!1/)\d+/"
)


class WaitStepFilter:
    """Leaves the events of wait steps out, but those of the first and whatever fails.

    Text that may be a prompt passes at once; only a line that has begun as an event is held until it is whole.
    """

    def __init__(self) -> None:
        self._held = ""
        self._is_shown = False
        """Whether the beginning of the present line has passed already."""

    def passed(self, text: str) -> str:
        """Return what is to be shown of the output so far."""
        *lines, rest = (self._held + text).splitlines(keepends=True) or [""]
        if rest.endswith("\n"):
            lines, rest = [*lines, rest], ""
        shown = "".join(line for number, line in enumerate(lines) if self._passes(line, is_first=number == 0))
        if lines:
            self._is_shown = False
        if rest and not self._is_shown and _PART in rest:
            self._held = rest
            return shown
        self._held = ""
        self._is_shown = self._is_shown or bool(rest)
        return shown + rest

    def _passes(self, line: str, *, is_first: bool) -> bool:
        return (is_first and self._is_shown) or not _QUIET.search(_COLOR.sub("", line))
