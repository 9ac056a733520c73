"""The evaluation that a deployment waits for."""

import time
from collections.abc import Callable
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tune.account.aws import Aws
from tune.evaluation.facts import EvaluationFacts
from tune.evaluation.observe import EvaluationObserver
from tune.terminal.environments import EnvironmentRef

LOOK_EVERY_SECONDS: Final = 15.0
"""A look lists what every target has answered, in pages of 1,000 objects of some 50 answers each."""


class EvaluationWatch:
    """Looks at one evaluation now and then. Whatever keeps it from looking must not disturb a deployment.

    evaluation: its id, None where nothing is evaluated.
    """

    def __init__(
        self, aws: Aws, of: EnvironmentRef, evaluation: str | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._observer = EvaluationObserver(aws, of)
        self._evaluation = evaluation
        self._clock = clock
        self._next = clock()
        self._found: EvaluationFacts | None = None

    def look(self) -> EvaluationFacts | None:
        """Return it while it goes on; None where it does not, or that is not seen."""
        if self._evaluation is not None and self._clock() >= self._next:
            try:
                self._found = self._observer.under_way(self._evaluation)
            except (ClientError, BotoCoreError):
                self._found = None
            self._next = self._clock() + LOOK_EVERY_SECONDS
        return self._found
