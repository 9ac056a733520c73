"""The identity of an evaluation: who answered which questions, and how the answers were scored.

Answers are kept by what was asked of whom, scores by the answers and the metric: so a retraining asks nobody but the
tuned model again, and another metric asks nobody. Digests are public, as those of trainings are.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

EVALUATION_ID_LENGTH: Final = 12
_ID_LENGTH: Final = 20
# Raised when equal inputs would be asked in another way, so that old answers are not taken for new ones.
_ASKING_VERSION: Final = 1

TUNED: Final = "tuned"
"""How gates and reports name the model that is evaluated."""
BASE: Final = "base"
"""How they name its base model; any other model is named by its id."""


@dataclass(frozen=True, kw_only=True)
class Questions:
    """Which records are asked.

    test_sha256: SHA-256 of the file with the records.
    records: how many of them, drawn with a fixed seed; None for all.
    group_by: the field whose equal values mark records that belong together; None if each stands alone.
    """

    test_sha256: str
    records: int | None = None
    group_by: str | None = None

    @property
    def id(self) -> str:
        """What the questions lie under."""
        return _digest({"test": self.test_sha256, "records": self.records, "groupBy": self.group_by})


@dataclass(frozen=True, kw_only=True)
class Target:
    """A model that is asked.

    name: `tuned`, `base`, or the model's id.
    model: the id that Bedrock takes; of the tuned model the name of its training, whatever serves it.
    """

    name: str
    model: str

    def answers_id(self, questions: Questions, max_output_tokens: int) -> str:
        """Return what its answers lie under."""
        asked = {"questions": questions.id, "model": self.model, "maxOutputTokens": max_output_tokens}
        return _digest({"version": _ASKING_VERSION, **asked})


@dataclass(frozen=True, kw_only=True)
class Judging:
    """How pairs of answers are compared by another model."""

    model: str
    rubric_sha256: str
    records: int

    @property
    def definition(self) -> str:
        """Its canonical text."""
        return canonical({"model": self.model, "rubricSha256": self.rubric_sha256, "records": self.records})


@dataclass(frozen=True, kw_only=True)
class EvaluationInputs:
    """Everything that makes an evaluation another one; what it may cost is no part of it.

    metrics: the canonical text of each metric's definition, its version among them, see `metric_definition`.
    """

    questions: Questions
    targets: Sequence[Target]
    max_output_tokens: int
    metrics: Sequence[str]
    judge: Judging | None = None

    @property
    def id(self) -> str:
        """The identity of the evaluation."""
        answers = {each.name: self.answers_id(each) for each in self.targets}
        judge = self.judge.definition if self.judge else None
        return _digest({"answers": answers, "metrics": sorted(self.metrics), "judge": judge})[:EVALUATION_ID_LENGTH]

    def answers_id(self, target: Target) -> str:
        """Return what the answers of a target lie under."""
        return target.answers_id(self.questions, self.max_output_tokens)


def metric_definition(name: str, version: int, options: Mapping[str, Any] | None = None) -> str:
    """Return the canonical text of a metric: its name, its version, and what it was told."""
    return canonical({"name": name, "version": version, **(options or {})})


def scores_id(answers_id: str, metric: str) -> str:
    """Return what the scores of some answers by one metric lie under."""
    return _digest({"answers": answers_id, "metric": metric})


def judgments_id(ours: str, theirs: str, judge: Judging) -> str:
    """Return what the verdicts of a judge on two sets of answers lie under."""
    return _digest({"ours": ours, "theirs": theirs, "judge": judge.definition})


def canonical(value: Mapping[str, Any]) -> str:
    """Return the one JSON text of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _digest(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:_ID_LENGTH]
