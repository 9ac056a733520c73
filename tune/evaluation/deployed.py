"""The evaluation of a deployed stack."""

from datetime import UTC, datetime

from tune.account.aws import Aws
from tune.account.location import place_of
from tune.account.stacks import Stacks, known_values
from tune.evaluation.facts import EvaluationFacts
from tune.evaluation.observe import EvaluationObserver
from tune.terminal.environments import EnvironmentRef


def evaluation(aws: Aws, anchor: EnvironmentRef) -> EvaluationFacts | None:
    """Return the evaluation of the one model that a reference is about; None where its stack has none."""
    (name,) = anchor.stacks("Evaluation")
    stacks = Stacks(aws("cloudformation"))
    known = known_values(stacks.find(anchor.foundation), place_of(anchor))
    return EvaluationObserver(aws, anchor.foundation).look(stacks.template(name), known, datetime.now(UTC))
