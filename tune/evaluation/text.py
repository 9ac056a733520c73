"""An evaluation in words: where it stands, what was measured, what its gate says."""

from collections.abc import Iterator

from bedrock_lifecycle.evaluation.results import words
from tune.evaluation.facts import EvaluationFacts


def standing(its: EvaluationFacts) -> str:
    """Return where it stands, on one line."""
    if not its.id:
        return f"evaluation of stack {its.training}: could not be read: {its.unseen}"
    line = f"evaluation {its.id} of {its.training}: {its.state}"
    if its.asked:
        line += "; answered: " + ", ".join(f"{each.target} {each.answered:,} of {each.of:,}" for each in its.asked)
    if its.tokens is not None and its.state != "complete":
        line += f"; {its.tokens:,} of at most {its.max_tokens:,} tokens"
    if its.gate and its.state == "complete":
        line += f"; gate {its.gate.verdict or 'without a verdict'}"
        line += f", accepted until {its.gate.accepted_until}" if its.gate.is_accepted else ""
    return f"{line}; not all was seen: {its.unseen}" if its.unseen else line


def lines(its: EvaluationFacts) -> Iterator[str]:
    """Yield everything that is told of it."""
    yield standing(its)
    if its.numbers:
        yield from words.of_summary(its.numbers)
    if its.gate:
        yield str(its.gate)
