"""A deploy's output, and that of a destroy, told as steps: a line for each stack instead of one for each event."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from settings.stack_names import DEFAULT_PREFIX
from tune.demo.progress import Progress

_SYNTHESIZED: Final = re.compile(r"Synthesis time")
_STARTED: Final = re.compile(r"^(\S+/[\w-]+) \(\S+\): deploying\.\.\.|^Deleting stack (\S+)$")
_EVENT: Final = re.compile(r"^\S+ \| +(\d+)(?:/(\d+))? \| ")
_FINISHED: Final = re.compile(r"^ ?✅ +(\S+/[\w-]+) |^Stack (\S+) is deleted$")


class CdkProgress:
    """A screen for the CDK CLI that shows steps, and keeps everything it was given in case something goes wrong."""

    is_terminal = False

    def __init__(self, story: Progress, *, verbose: bool) -> None:
        self.lines: list[str] = []
        self.began: Callable[[str], None] = lambda _: None
        """Is told of each step that starts."""
        self._story = story
        self._notes: Mapping[str, str] = {}
        self._verbose = verbose
        self._rest = ""
        self._step = ""
        self._count = ""
        self._training: str | None = None

    def follow(self, notes: Mapping[str, str]) -> None:
        """Use these words, by step, for what a run of the CLI has done."""
        self._notes = notes

    def begin(self, step: str) -> None:
        """Start a step; the CLI's output ends it and starts the next."""
        self._step = step
        self._count = ""
        self.began(step)
        self._story.begin(step.removeprefix(DEFAULT_PREFIX))  # what all stacks begin with leaves no room

    def output(self, text: str) -> None:
        *whole, self._rest = (self._rest + text).split("\n")
        for line in whole:
            self.lines.append(line)
            if self._verbose:
                self._story.console.print(line, markup=False, highlight=False, soft_wrap=True)
            self._read(line)

    def status(self, text: str | None) -> None:
        # The step's title says already whose progress it is.
        self._training = text and text.partition(": ")[2]
        self._tell()

    def say(self, text: str) -> None:
        self.lines.append(text)
        self._read(text)

    def _read(self, line: str) -> None:
        if _SYNTHESIZED.search(line):
            self._finish()
        elif started := _STARTED.match(line):
            self._finish()
            self.begin(started[1] or started[2])
        elif event := _EVENT.match(line):
            self._count = f"{event[1]} of {event[2]} resources" if event[2] else ""
            self._tell()
        elif _FINISHED.match(line):
            self._finish()

    def _tell(self) -> None:
        if self._step:
            self._story.detail(self._training or self._count)

    def _finish(self) -> None:
        if self._step:
            self._story.done(self._notes.get(self._step, ""))
            self._step = ""
            self._count = ""
