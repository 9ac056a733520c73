"""The identity of a training: version 1 as it ever was, version 2 for what is more than plain fine-tuning."""

import dataclasses
import hashlib
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from tests.unit.settings.test_training_id import GOLDEN

PLAIN: Final = TrainingInputs(
    base_model="any.model", customization_type=FINE_TUNING, hyper_parameters={"epochCount": "2"}, train_sha256="a1"
)
NEWER: Final = {"parent_model": "arn:any", "grader_sha256": "b2", "teacher_model": "any.teacher"}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@pytest.mark.parametrize("base_model", sorted({golden["base_model"] for golden in GOLDEN["trainings"]}))
def test_plain_fine_tuning_keeps_the_first_version(base_model: str) -> None:
    canonical = json.loads(
        TrainingInputs(
            base_model=base_model, customization_type=FINE_TUNING, hyper_parameters={}, train_sha256="any"
        ).canonical_form
    )
    assert canonical == {
        "version": 1,
        "baseModel": base_model,
        "customizationType": "FINE_TUNING",
        "hyperParameters": {},
        "trainSha256": "any",
        "validationSha256": None,
    }


# Written down once: what they are the digests of must not change either.
@pytest.mark.parametrize(
    ("changes", "form"),
    [
        (
            {},
            '{"baseModel":"any.model","customizationType":"FINE_TUNING","hyperParameters":{"epochCount":"2"},"trainSha256":"a1","validationSha256":null,"version":1}',
        ),
        (
            {"customization_type": "REINFORCEMENT_FINE_TUNING", "grader_sha256": "b2", "hyper_parameters": {}},
            '{"baseModel":"any.model","customizationType":"REINFORCEMENT_FINE_TUNING","graderSha256":"b2","hyperParameters":{},"trainSha256":"a1","version":2}',
        ),
        (
            {"parent_model": "arn:any", "validation_sha256": "c3"},
            '{"baseModel":"any.model","customizationType":"FINE_TUNING","hyperParameters":{"epochCount":"2"},"parentModel":"arn:any","trainSha256":"a1","validationSha256":"c3","version":2}',
        ),
        (
            {"customization_type": "DISTILLATION", "teacher_model": "any.teacher"},
            '{"baseModel":"any.model","customizationType":"DISTILLATION","hyperParameters":{"epochCount":"2"},"teacherModel":"any.teacher","trainSha256":"a1","version":2}',
        ),
    ],
    ids=["plain", "grader", "parent", "teacher"],
)
def test_the_canonical_form_of_each_version_is_written_down(changes: dict[str, Any], form: str) -> None:
    inputs = dataclasses.replace(PLAIN, **changes)
    assert inputs.canonical_form == form
    assert training_id(inputs) == digest(form)


@pytest.mark.parametrize("field", NEWER)
def test_each_newer_input_makes_another_training_of_the_second_version(field: str) -> None:
    changes: dict[str, Any] = {field: NEWER[field]}
    inputs = dataclasses.replace(PLAIN, **changes)
    assert json.loads(inputs.canonical_form)["version"] == 2
    assert training_id(inputs) != training_id(PLAIN)


def test_what_is_absent_is_left_out_of_the_second_version() -> None:
    form = json.loads(dataclasses.replace(PLAIN, customization_type="DISTILLATION").canonical_form)
    assert not form.keys() & {"validationSha256", "parentModel", "graderSha256", "teacherModel"}


OPTIONAL: Final = st.none() | st.text(max_size=3)
INPUTS: Final = st.builds(
    TrainingInputs,
    base_model=st.text(max_size=3),
    customization_type=st.sampled_from(["FINE_TUNING", "DISTILLATION", "REINFORCEMENT_FINE_TUNING"]),
    hyper_parameters=st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2),
    train_sha256=st.text(max_size=3),
    validation_sha256=OPTIONAL,
    parent_model=OPTIONAL,
    grader_sha256=OPTIONAL,
    teacher_model=OPTIONAL,
)


@given(INPUTS, INPUTS)
def test_different_trainings_have_different_ids_across_the_versions(one: TrainingInputs, other: TrainingInputs) -> None:
    assert (training_id(one) == training_id(other)) == (one == other)


FIELDS: Final = [field.name for field in dataclasses.fields(TrainingInputs)]


@given(INPUTS, INPUTS, st.sampled_from(FIELDS))
def test_each_input_counts(one: TrainingInputs, other: TrainingInputs, field: str) -> None:
    changed = dataclasses.replace(one, **{field: getattr(other, field)})
    assert (training_id(changed) == training_id(one)) == (changed == one)


@given(INPUTS, st.randoms(use_true_random=False))
def test_the_order_in_which_inputs_are_given_counts_for_nothing(inputs: TrainingInputs, random: Any) -> None:
    pairs = list(inputs.hyper_parameters.items())
    random.shuffle(pairs)
    fields = [(name, getattr(inputs, name)) for name in FIELDS]
    random.shuffle(fields)
    shuffled = TrainingInputs(**{**dict(fields), "hyper_parameters": dict(pairs)})
    assert training_id(shuffled) == training_id(inputs)
