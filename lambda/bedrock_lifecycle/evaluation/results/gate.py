"""Whether a model is good enough: judged by bounds of what was measured, never by the estimate."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from bedrock_lifecycle.evaluation.statistics.bounded import lower_bound, upper_bound
from bedrock_lifecycle.evaluation.statistics.comparison import POWER
from bedrock_lifecycle.evaluation.statistics.confidence import level, one_sided
from bedrock_lifecycle.evaluation.statistics.intervals import bounds
from bedrock_lifecycle.evaluation.statistics.sample import FewGroups, Sample, Spread

_MOST_RECORDS: Final = 10**9


class Verdict(StrEnum):
    """What a gate says."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Requirement:
    """One line of a gate: a measure of the tuned model, or how far it is above another's, is at least `threshold`.

    `against` names the other target; None for the tuned model's own score.
    """

    measure: str
    threshold: float
    against: str | None = None

    @classmethod
    def at_least(cls, measure: str, share: float) -> Self:
        """The score itself; `share` in [0, 1], `ValueError` otherwise. No test set shows a share of 1 to be passed."""
        return cls(measure, _in_unit("at_least", share))

    @classmethod
    def better_than(cls, measure: str, against: str, *, by: float) -> Self:
        """The score is above another's by at least `by`, in [0, 1]; `ValueError` otherwise."""
        return cls(measure, _in_unit("by", by), against)

    @classmethod
    def not_worse_than(cls, measure: str, against: str, *, by: float) -> Self:
        """The score is below another's by at most `by`, in [0, 1]; `ValueError` otherwise."""
        return cls(measure, 0.0 - _in_unit("by", by), against)

    def to_text(self) -> str:
        """Return it as text, which equal requirements have in common: templates hand it over so."""
        value = {"against": self.against, "measure": self.measure, "threshold": float(self.threshold)}
        return json.dumps(value, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the requirement of a text; `ValueError` for any other text."""
        try:
            raw = json.loads(text)
            return cls(str(raw["measure"]), float(raw["threshold"]), raw["against"])
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"must be a requirement of a gate (got {text!r})") from None


@dataclass(frozen=True)
class Judgment:
    """What a sample says about one requirement."""

    requirement: Requirement
    verdict: Verdict
    estimate: float
    low: float
    high: float
    """Bounds, each one-sided: the true value is above the one, and below the other, with the gate's confidence."""
    records: int
    needed: int | None = None
    """If inconclusive: about how many records would tell in four of five evaluations, if what was measured is true.

    None if the estimate is the threshold, or if no test set has so many records.
    """
    few_groups: FewGroups | None = None
    """The groups of records where these are few."""


def judge(requirement: Requirement, sample: Sample, confidence: float) -> Judgment:
    """Judge one requirement by the scores or, against another model, by the paired differences.

    It has passed if the lower bound is at the threshold or above, and failed if the upper bound is below. A model that
    is not good enough passes in at most 1 - `confidence` of all evaluations. `confidence` in (0.5, 1). `ValueError` for
    another one, for a sample of the wrong kind, and for one without any record.
    """
    kind = "scores" if requirement.against is None else "differences"
    if sample.kind != kind:
        raise ValueError(f"{requirement.measure}: must be judged by {kind} (got {sample.kind})")
    low, high = bounds(sample, confidence)
    verdict = Verdict.INCONCLUSIVE
    if low >= requirement.threshold:
        verdict = Verdict.PASSED
    elif high < requirement.threshold:
        verdict = Verdict.FAILED
    needed = _needed(requirement.threshold, sample, confidence) if verdict is Verdict.INCONCLUSIVE else None
    return Judgment(requirement, verdict, sample.spread.mean, low, high, sample.records, needed, sample.few_groups)


def decide(judgments: Iterable[Judgment]) -> Verdict:
    """Return the verdict of a gate: failed if any requirement has, passed if all have; `ValueError` without any."""
    verdicts = {judgment.verdict for judgment in judgments}
    if not verdicts:
        raise ValueError("a gate must have a requirement (got none)")
    if Verdict.FAILED in verdicts:
        return Verdict.FAILED
    return Verdict.INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts else Verdict.PASSED


def _needed(threshold: float, sample: Sample, confidence: float) -> int | None:
    spread = sample.spread
    # Surer bounds leave room for a second sample that turns out worse than this one.
    surer = level(one_sided(confidence) + one_sided(POWER))

    def tells(records: float) -> bool:
        clusters = sample.clusters * records / sample.records
        return _is_clear(replace(spread, clusters=clusters), threshold, sample.lowest, surer)

    low = high = float(sample.records)
    while not tells(high):
        low, high = high, 2 * high
        if high > _MOST_RECORDS:
            return None
    while high - low > 0.001 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if tells(middle) else (middle, high)
    # Two digits: more would promise what an estimate cannot.
    unit = int(10 ** max(0, math.floor(math.log10(high)) - 1))
    return math.ceil(high / unit) * unit


def _is_clear(spread: Spread, threshold: float, lowest: float, confidence: float) -> bool:
    """Tell whether the bounds leave no doubt on which side of the threshold the true value is."""
    if spread.mean >= threshold:
        return lower_bound(spread, lowest, confidence) >= threshold
    return upper_bound(spread, 1, confidence) < threshold


def _in_unit(what: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{what}: must be from 0 to 1 (got {value!r})")
    return value
