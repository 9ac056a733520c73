"""The identity of a training: the same inputs give the same id, on every machine, for ever.

What the user did not set is in neither the id nor the request, so a changed default retrains nobody. The canonical form
is versioned; golden ids in the tests may only be appended to. See docs/adr/0019-what-a-training-is.md.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.contract import FINE_TUNING, TRAINING_ID_LENGTH

_NAMES: Final = {
    "base_model": "baseModel",
    "customization_type": "customizationType",
    "hyper_parameters": "hyperParameters",
    "train_sha256": "trainSha256",
    "validation_sha256": "validationSha256",
    "parent_model": "parentModel",
    "grader_sha256": "graderSha256",
    "teacher_model": "teacherModel",
}


@dataclass(frozen=True, kw_only=True)
class TrainingInputs:
    """Everything that makes a training another one.

    `parent_model` is the custom model that is trained on, `grader_sha256` the digest of what grades answers, and
    `teacher_model` the model that answers for the student. Nothing asks for these three yet.
    """

    base_model: str
    customization_type: str
    hyper_parameters: Mapping[str, str]
    train_sha256: str
    validation_sha256: str | None = None
    parent_model: str | None = None
    grader_sha256: str | None = None
    teacher_model: str | None = None

    @property
    def canonical_form(self) -> str:
        """The text that the id is the digest of: version 1 for plain fine-tuning, version 2 for everything else."""
        told = {name: getattr(self, field) for field, name in _NAMES.items()}
        told["hyperParameters"] = dict(self.hyper_parameters)
        if self._is_plain_fine_tuning:
            newer = ("parentModel", "graderSha256", "teacherModel")
            form = {"version": 1, **{name: value for name, value in told.items() if name not in newer}}
        else:
            form = {"version": 2, **{name: value for name, value in told.items() if value is not None}}
        return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @property
    def _is_plain_fine_tuning(self) -> bool:
        others = (self.parent_model, self.grader_sha256, self.teacher_model)
        return self.customization_type == FINE_TUNING and others == (None, None, None)


def training_id(inputs: TrainingInputs) -> str:
    """Return the identity of a training."""
    return hashlib.sha256(inputs.canonical_form.encode()).hexdigest()[:TRAINING_ID_LENGTH]
