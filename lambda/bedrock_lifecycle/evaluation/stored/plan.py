"""What a run of the workflow has to do, as the reconciler writes it down and the functions read it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from bedrock_lifecycle.contract.evaluation_identity import TUNED, Judging, Questions, Target


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The deployment on demand that answers for the tuned model during the run, and is gone afterwards."""

    name: str
    model_arn: str
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class EvaluationPlan:
    """One evaluation.

    id: its identity.
    owner: the owner tag of the stack that asked for it.
    questions: which records of the test file are asked.
    targets: who is asked, the tuned model first. `asked_as` has the ids that Bedrock takes, by the targets' names; the
        tuned model's is missing where a candidate answers for it.
    metrics: the canonical texts of their definitions; metric_functions has the versions of functions by metric name.
    max_tokens: the bound of all tokens of the evaluation, of every run of it.
    max_error_rate: the share of records without an answer from which on the run has failed.
    quota_share: the share of each quota that it may use.
    requests_per_minute, tokens_per_minute: the quota of a deployment of the tuned model; None where none is known.
    quota_codes: Service Quotas codes of requests a minute, by model id.
    train_sha256: the training data, whose questions are looked for among the test's; None where it is not here.
    """

    id: str
    owner: str
    questions: Questions
    targets: tuple[Target, ...]
    asked_as: Mapping[str, str]
    metrics: tuple[str, ...]
    max_output_tokens: int
    max_tokens: int
    max_error_rate: float
    quota_share: float
    metric_functions: Mapping[str, str] = field(default_factory=dict)
    judge: Judging | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    quota_codes: Mapping[str, str] = field(default_factory=dict)
    candidate: Candidate | None = None
    train_sha256: str | None = None

    def to_json(self) -> str:
        """Return it as text, which equal plans have in common."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the plan of a text; fields that this code does not know are left out."""
        raw: dict[str, Any] = json.loads(text)
        known = {name: value for name, value in raw.items() if name in cls.__dataclass_fields__}
        judge, candidate = known.get("judge"), known.get("candidate")
        return cls(
            **{
                **known,
                "questions": Questions(**known["questions"]),
                "targets": tuple(Target(**each) for each in known["targets"]),
                "metrics": tuple(known["metrics"]),
                "judge": Judging(**judge) if judge else None,
                "candidate": Candidate(**candidate) if candidate else None,
            }
        )

    @property
    def tuned(self) -> Target:
        """The tuned model."""
        return next(each for each in self.targets if each.name == TUNED)

    def answers_id(self, target: Target) -> str:
        """Return what a target's answers lie under."""
        return target.answers_id(self.questions, self.max_output_tokens)
