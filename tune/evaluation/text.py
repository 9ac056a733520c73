"""An evaluation in words: where it stands, what was measured, what its gate says."""

from collections.abc import Iterator, Sequence

from bedrock_lifecycle.engine.clock import in_words
from bedrock_lifecycle.evaluation.asking.pacing import UNKNOWN_REQUESTS_A_MINUTE
from bedrock_lifecycle.evaluation.results import words
from tune.evaluation.estimate import AskedAtMost, Estimate
from tune.evaluation.facts import EvaluationFacts, TargetProgress, least_time, unpaced


def standing(its: EvaluationFacts) -> str:
    """Return where it stands, on one line."""
    if not its.id:
        return f"evaluation of stack {its.training}: could not be read: {its.unseen}"
    of = f" of {its.training}" if its.training else ""
    line = f"evaluation {its.id}{of}: {its.state}"
    line += f"; {progress(its)}" if progress(its) else ""
    if its.state == "failed" and its.numbers:
        line += f"; {words.of_unanswered(its.numbers)}; its scores are in {its.numbers_at}"
    line += (
        ""
        if its.is_wanted
        else "; no stack has this evaluation: the deployment that waits for it, or the next one, adopts it"
    )
    if its.gate and its.state == "complete":
        line += f"; gate {its.gate.verdict or 'without a verdict'}"
        line += f", accepted until {its.gate.accepted_until}" if its.gate.is_accepted else ""
    return f"{line}; not everything could be read: {its.unseen}" if its.unseen else line


def progress(its: EvaluationFacts) -> str:
    """Return how far one is that is not complete, as far as that was seen; empty for one that is."""
    if its.state == "complete":
        return ""
    told = []
    if its.asked:
        told.append("answered: " + ", ".join(f"{each.target} {each.answered:,} of {each.of:,}" for each in its.asked))
    if its.tokens is not None:
        bound = "" if its.max_tokens is None else f" of at most {its.max_tokens:,}"
        told.append(f"{its.tokens:,}{bound} tokens")
    if any(each.left for each in its.asked):
        told.append(time_to_ask(its.asked))
    return "; ".join(told)


def time_to_ask(asked: Sequence[TargetProgress]) -> str:
    """Return how long it takes to ask what is not answered: never more than the quotas tell."""
    time = least_time(asked)
    if time is None:
        return f"the time to send the requests is not known: no known quota for {', '.join(unpaced(asked))}"
    minutes = "less than a minute" if time.total_seconds() < 60 else f"at least {in_words(time)}"
    return f"{minutes} of requests by the quotas alone"


def lines(its: EvaluationFacts) -> Iterator[str]:
    """Yield everything that is told of it."""
    yield standing(its)
    if its.numbers:
        yield from words.of_summary(its.numbers)
    if its.gate:
        yield str(its.gate)


def estimated(its: Estimate) -> Iterator[str]:
    """Yield everything that is told of an estimate."""
    yield f"evaluation {its.id} of {its.training}: nothing was deployed, and no request was sent to a model"
    if its.is_complete:
        yield "its scores exist: a deploy sends no request to a model"
        return
    yield from (f"  {_to_ask(each)}" for each in its.targets)
    if its.judge:
        tokens = f", at most about {its.judge_tokens:,} tokens" if its.asked else ""
        yield f"  judge ({its.judge}): how long it takes is not known{tokens}"
    counted = f", of which {its.counted:,} are counted already" if its.counted else ""
    if its.asked:
        yield f"at most about {its.tokens:,} tokens in all; max_tokens allows {its.max_tokens:,}{counted}"
        yield time_to_ask(its.asked)
    else:
        yield f"max_tokens allows {its.max_tokens:,} tokens{counted}"
    if its.refusal:
        yield f"a deploy would be refused, and no request sent to a model: {its.refusal}"
    yield from its.notes


def _to_ask(its: AskedAtMost) -> str:
    who = f"{its.target} ({its.model})"
    if its.asked is None:
        return f"{who}: how many questions is not known"
    if not its.asked.left:
        return f"{who}: no question, because all are answered"
    rate = its.asked.a_minute
    pace = f"{rate:,.0f} a minute" if rate else f"no known quota, so {UNKNOWN_REQUESTS_A_MINUTE:.0f} a minute at first"
    return f"{who}: at most {its.asked.left:,} questions, about {its.tokens:,} tokens, {pace}"
