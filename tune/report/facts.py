"""What is known of an evaluation when a report of it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bedrock_lifecycle.contract.evaluation_identity import EvaluationInputs
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.evaluation.results.verdict import Judged
from bedrock_lifecycle.evaluation.stored.summary import Summary
from tune.metrics.training import TrainingLosses


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked of whom, and the most tokens that it might take."""

    inputs: EvaluationInputs
    max_tokens: int


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """In how many records the tuned model has the better, the same or the worse score, of a measure, than another."""

    theirs: str
    measure: str
    better: int = 0
    equal: int = 0
    worse: int = 0

    @property
    def records(self) -> int:
        """How many records were counted."""
        return self.better + self.equal + self.worse


@dataclass(frozen=True, kw_only=True)
class GateFacts:
    """What a gate says of the numbers.

    judged: the judgment on each requirement; None where there is no verdict.
    """

    verdict: GateVerdict
    judged: Judged | None


@dataclass(frozen=True, kw_only=True)
class RecordInWords:
    """One record in words: what was asked, what its own answer is, and what each target said.

    answers: by the target's name; None where there is no answer.
    """

    record: int
    question: str
    reference: str
    answers: Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that a report shows.

    has_failed: whether too many records had no answer in the run that left these numbers.
    asked: None where nobody knows any more: a plan expires, and the stack asks for another evaluation.
    gate: None where no gate on this evaluation is known.
    outcomes: of the measures that are not 0 or 1.
    training: the training of the tuned model; `no_training` says why there is none.
    is_simulated: whether a local AWS has given the answers.
    contents: of the worst records; None unless they were asked for.
    """

    environment: str
    model: str
    numbers: Summary
    has_failed: bool = False
    asked: Asked | None = None
    gate: GateFacts | None = None
    outcomes: Sequence[Outcomes] = ()
    training: TrainingLosses | None = None
    no_training: str = ""
    is_simulated: bool = False
    contents: Sequence[RecordInWords] | None = None
