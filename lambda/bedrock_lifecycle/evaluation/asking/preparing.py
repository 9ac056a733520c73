"""What a run asks of whom, whether its tokens suffice, and how fast it may ask: decided before the first question."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.contract.evaluation_identity import TUNED, Target
from bedrock_lifecycle.contract.evaluation_store import rubric_key
from bedrock_lifecycle.evaluation.asking import pacing
from bedrock_lifecycle.evaluation.asking.counter import Counter
from bedrock_lifecycle.evaluation.questions.estimate import tokens_of
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.progress import shards_to_ask, tokens_to_ask, tokens_to_judge
from bedrock_lifecycle.evaluation.stored.records import AskingAgain, Index
from bedrock_lifecycle.evaluation.stored.shards import read_again
from bedrock_lifecycle.evaluation.stored.store import Missing, Store

_BEDROCK: Final = "bedrock"


@dataclass(frozen=True)
class PreparationRefused:
    """The run may not begin; `reason` is for the person who deploys."""

    reason: str


@dataclass(frozen=True)
class ToAsk:
    """The shards that one target still has to answer, and how fast; `target` is its place in the plan."""

    target: int
    shards: list[int]
    pace: pacing.Pace
    again: AskingAgain


def refusal(plan: EvaluationPlan, index: Index, *, needed: int, counted: int) -> PreparationRefused | None:
    """Return why so many more tokens may not be spent; None if they may. Pure."""
    left = max(plan.max_tokens - counted, 0)
    if needed <= left:
        return None
    used = f" ({counted:,} are counted already)" if counted else ""
    # Rounded down to two digits, since the tokens are an estimate.
    fitting = index.records * left // needed
    fitting -= fitting % 10 ** max(len(str(fitting)) - 2, 0)
    fits = f"set `evaluation.records` to at most {fitting:,}" if fitting else "lower `evaluation.max_output_tokens`"
    return PreparationRefused(
        f"`evaluation.max_tokens` = {plan.max_tokens:,}{used} is too little for {index.records:,} records: about "
        f"{needed:,} tokens are needed; raise `evaluation.max_tokens`, or {fits}"
    )


def tokens_needed(plan: EvaluationPlan, index: Index, to_ask: Iterable[ToAsk], store: Store) -> int:
    """Return about how many tokens the run will take, of questions and judge; `Missing` without the judge's rubric."""
    asked = sum(
        tokens_to_ask(plan, index, plan.targets[each.target], each.shards, store.keys, each.again) for each in to_ask
    )
    if not plan.judge:
        return asked
    rubric = store.found(rubric_key(plan.judge.rubric_sha256))
    if rubric is None:
        raise Missing(
            "the judge's rubric has expired, or was deleted: raise `reconcile` by one and deploy, which copies it again"
        )
    return asked + tokens_to_judge(plan, index, tokens_of(rubric.decode()), store.keys)


def targets_to_ask(plan: EvaluationPlan, index: Index, store: Store, quotas: Callable[[str], Any]) -> list[ToAsk]:
    """Return whom the run asks, each with its shards and pace. `quotas` gives the client of Service Quotas."""
    found = []
    for place, target in enumerate(plan.targets):
        again = read_again(store, plan.answers_id(target))
        if shards := shards_to_ask(plan, index, target, store.keys, again):
            found.append(ToAsk(place, shards, _pace(plan, index, target, len(shards), quotas), again))
    return found


def needs_candidate(plan: EvaluationPlan, to_ask: Iterable[ToAsk]) -> bool:
    """Tell whether a deployment must answer for the tuned model."""
    return plan.candidate is not None and any(plan.targets[each.target].name == TUNED for each in to_ask)


def prepared(
    plan: EvaluationPlan, index: Index, store: Store, counter: Counter, quotas: Callable[[str], Any]
) -> dict[str, Any]:
    """Return what the workflow does next, for questions that are written."""
    to_ask = targets_to_ask(plan, index, store, quotas)
    needed = tokens_needed(plan, index, to_ask, store)
    if refused := refusal(plan, index, needed=needed, counted=counter.read().tokens):
        return {"next": "refused", "reason": refused.reason}
    return {
        "next": "go",
        "needsCandidate": needs_candidate(plan, to_ask),
        "targets": [
            {
                "target": each.target,
                "concurrency": each.pace.concurrency,
                "pace": each.pace.seconds,
                "adapts": each.pace.adapts,
                "shards": each.shards,
            }
            for each in to_ask
        ],
        "shards": list(range(len(index.shards))),
        "judges": plan.judge is not None,
    }


def requests_a_minute(plan: EvaluationPlan, index: Index, target: Target, quotas: Callable[[str], Any]) -> float | None:
    """Return how many questions a minute a target may be asked; None where no quota is known. `quotas` as above."""
    requests = _quota_of_requests(plan, target, quotas)
    tokens = plan.tokens_per_minute if target.name == TUNED and plan.candidate else None
    a_question = sum(each.tokens for each in index.shards) / index.records + plan.max_output_tokens
    return pacing.requests_a_minute(
        requests=requests, tokens=tokens, share=plan.quota_share, tokens_a_question=a_question
    )


def _pace(plan: EvaluationPlan, index: Index, target: Target, shards: int, quotas: Callable[[str], Any]) -> pacing.Pace:
    allowed = requests_a_minute(plan, index, target, quotas)
    return pacing.pace(allowed, shards=shards, max_output_tokens=plan.max_output_tokens)


def _quota_of_requests(plan: EvaluationPlan, target: Target, quotas: Callable[[str], Any]) -> float | None:
    if target.name == TUNED:
        # What serves by throughput has no quota of requests.
        return plan.requests_per_minute if plan.candidate else None
    code = plan.quota_codes.get(target.model)
    if code is None:
        return None
    try:
        found = quotas("service-quotas").get_service_quota(ServiceCode=_BEDROCK, QuotaCode=code)
    except (ClientError, BotoCoreError):
        # The pace is then that of a quota that nobody knows.
        return None
    value = found.get("Quota", {}).get("Value")
    return float(value) if value else None
