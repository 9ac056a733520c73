"""What an evaluation asks of whom, as settings and constructs say it alike. No CDK: settings read it too."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_identity import (
    BASE,
    TUNED,
    EvaluationInputs,
    Judging,
    Questions,
    Target,
)
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_lifecycle.evaluation.scoring.definitions import JUDGE
from bedrock_lifecycle.evaluation.statistics.rates import exact_lower_bound
from bedrock_tuning.base_models import BaseModelProfile, ServingMode
from bedrock_tuning.evaluation.metrics import MEASURES, EvaluationMetric


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Another model that compares the answers, two by two and in both orders.

    Args:
        model: The ID of the model, best of another family than the tuned one. Foundation's `evaluate_with` must have
            it.
        rubric: The file that says what a better answer is, at most 32 KiB of UTF-8. It is a CDK asset, so copies stay
            in the cloud assembly and in the bootstrap bucket.
        records: How many of the asked records are compared, 1 to 10,000; each is judged twice for each other model.
    """

    model: str
    rubric: Path
    records: int

    def __post_init__(self) -> None:
        if not 1 <= self.records <= contract.MAX_JUDGED_RECORDS:
            raise ValueError(f"`records` must be 1 to {contract.MAX_JUDGED_RECORDS:,} (got {self.records})")
        size = self.rubric.stat().st_size
        if not 1 <= size <= contract.MAX_RUBRIC_BYTES:
            raise ValueError(f"`rubric` must have 1 to {contract.MAX_RUBRIC_BYTES:,} bytes (got {size:,})")

    @property
    def judging(self) -> Judging:
        """What is part of the identity of an evaluation."""
        digest = hashlib.sha256(self.rubric.read_bytes()).hexdigest()
        return Judging(model=self.model, rubric_sha256=digest, records=self.records)


def evaluation_inputs(
    *,
    model: str,
    base_model: BaseModelProfile,
    test_sha256: str,
    compare_with: Sequence[str],
    metrics: Sequence[EvaluationMetric],
    max_output_tokens: int,
    records: int | None = None,
    group_by: str | None = None,
    judge: Judge | None = None,
) -> EvaluationInputs:
    """Return the inputs of an evaluation; `model` is the name of the tuned model."""
    others = [Target(name=each, model=base_model.untuned_id if each == BASE else each) for each in compare_with]
    return EvaluationInputs(
        questions=Questions(test_sha256=test_sha256, records=records, group_by=group_by),
        targets=[Target(name=TUNED, model=model), *sorted(others, key=lambda each: each.name)],
        max_output_tokens=max_output_tokens,
        metrics=sorted(each.definition for each in metrics),
        judge=judge.judging if judge else None,
    )


def is_asked_as_it_serves(base_model: BaseModelProfile, region: str) -> bool:
    """Tell whether nothing can be deployed for the evaluation alone, so that it asks what serves."""
    mode: ServingMode = "on_demand"
    on_demand = base_model.serving.on_demand
    if mode not in base_model.serving_modes or on_demand is None:
        return True
    return on_demand.regions is not None and region not in on_demand.regions


def unmet_needs(
    requirements: Sequence[Requirement],
    metrics: Sequence[str],
    compare_with: Sequence[str],
    *,
    is_judged: bool,
    records: int | None,
    confidence: float,
) -> Iterator[tuple[int | None, str]]:
    """Yield what an evaluation does not measure for a gate: the place of the requirement, None for all, and why.

    `metrics` are names of metrics; `records` is how many are asked at most, None if that is not known.
    """
    measures = [measure for name in metrics for measure in MEASURES[name]] + [JUDGE] * is_judged
    for place, each in enumerate(requirements):
        if each.measure not in measures:
            known = ", ".join(measures)
            yield place, f"no metric measures {each.measure}; the measures are {known}: use one, or add a metric"
        elif each.measure == JUDGE and each.against is None:
            yield place, "a judge only compares; use better_than or not_worse_than"
        if each.against is not None and each.against not in compare_with:
            asked = f"only {', '.join(compare_with)}" if compare_with else "and no other model"
            yield place, f"the evaluation does not ask {each.against}, {asked}: add it to compare_with"
        if why := never_shown(each, records, confidence):
            yield place, why
    if requirements and all(each.measure == JUDGE for each in requirements):
        yield None, "a gate must not rest on a judge alone; require something of another metric too"


def never_shown(requirement: Requirement, records: int | None, confidence: float) -> str | None:
    """Return why no evaluation of so many records can show what is required, however good it is; None if one can."""
    threshold = requirement.threshold
    if threshold >= 1:
        return "1 is shown by no number of records, even if every answer is right; require less, for example 0.99"
    if requirement.against is not None or not records or threshold <= exact_lower_bound(records, records, confidence):
        return None
    least = math.ceil(math.log(1 - confidence) / math.log(threshold))
    return (
        f"{records:,} records cannot show {threshold:g} at a confidence of {confidence:g}, even if every answer is "
        f"right: it takes {least:,}; evaluate more records, or require less"
    )


def beyond_bound(*, asked: int, in_file: int, models: int, max_output_tokens: int, max_tokens: int) -> str | None:
    """Return why an evaluation cannot stay within its bound, whatever the questions are; None if it may.

    `asked` records of the `in_file` records are asked of so many `models`. Their answers alone are reckoned, which
    reserve their tokens: how many the questions have is known to those who read them.
    """
    asked = min(asked, in_file)
    least = asked * models * max_output_tokens
    if least <= max_tokens:
        return None
    fit = max_tokens // (models * max_output_tokens)
    asked_models = "1 model" if models == 1 else f"{models} models"
    return (
        f"the answers alone may take {least:,} tokens ({asked:,} records, {asked_models}, {max_output_tokens:,} "
        f"output tokens), and max_tokens allows {max_tokens:,}: raise max_tokens, or set records to at most {fit:,}"
    )


def by_name(metrics: Sequence[EvaluationMetric]) -> Mapping[str, EvaluationMetric]:
    """Return metrics by their names; raise ValueError for none, and for two of one name."""
    found = {each.name: each for each in metrics}
    if not metrics or len(found) < len(metrics):
        raise ValueError("`metrics` must have at least one metric, and each of them once")
    return found
