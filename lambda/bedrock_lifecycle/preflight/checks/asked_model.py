"""The models that an evaluation asks besides the tuned one, and the bound of tokens."""

from datetime import datetime

from bedrock_lifecycle.preflight.checks import base_model
from bedrock_lifecycle.preflight.facts import AskedModel, NotChecked
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict


def all_answer(asked: tuple[AskedModel, ...], now: datetime) -> Verdict:
    """Judge whether every model can be asked.

    One that Bedrock lists as no foundation model may be an inference profile, so nothing is refused for it; one that is
    legacy still answers (Bedrock user guide, "Model lifecycle").
    """
    if not asked:
        return NotNeeded("no other model is called")
    verdicts = [_answers(each, now) for each in asked]
    if problems := [each.text for each in verdicts if isinstance(each, Problem)]:
        return Problem("; ".join(problems))
    if unknown := [each.why for each in verdicts if isinstance(each, NotChecked)]:
        return NotChecked("; ".join(unknown))
    return Passed(f"this account has access to {', '.join(each.id for each in asked)}")


def fits(max_tokens: int, max_output_tokens: int) -> Verdict:
    """Judge whether the bound has room for a single answer."""
    if max_tokens > max_output_tokens:
        return Passed(f"{max_tokens:,} tokens at most")
    return Problem(
        f"`evaluation.max_tokens` must be above `evaluation.max_output_tokens` (got {max_tokens:,} and "
        f"{max_output_tokens:,}): raise `evaluation.max_tokens`"
    )


def _answers(asked: AskedModel, now: datetime) -> Verdict:
    if isinstance(asked.found, NotChecked):
        return NotChecked(f"{asked.id}: {asked.found.why}")
    if asked.found.value is None:
        return NotChecked(f"{asked.id} is not a foundation model that Bedrock lists in this Region")
    over = asked.found.value.end_of_life
    if over is not None and over <= now:
        return Problem(f"model {asked.id} reached its end of life on {over:%Y-%m-%d}: choose another model")
    return base_model.access_to(asked.id, asked.access)
