"""Another way of customizing than fine-tuning: everything that is asked of the base model is asked for that way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_tuning import DataSource, FineTunedModel, make_foundation
from bedrock_tuning.base_models import BaseModels
from settings import Model
from tests.support.messages import saying
from tests.support.profiles import OTHER_WAY, customized_otherwise_too
from tests.synth.data.test_unused_validation import warnings
from tests.synth.foreign import HAIKU, ForeignStack
from tests.synth.stages import stacks_of, stage_of
from tests.synth.templates import Json, resources_of_type, to_json
from tests.unit.settings.settings_files import changed, load_file, training_of, write

Foreign = Callable[..., ForeignStack]
BOTH_WAYS = customized_otherwise_too(HAIKU)
PAIR = b'{"prompt": "any", "completion": "any"}\n'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Settings as they are once the second way may be named in them."""
    monkeypatch.setattr(BaseModels, "of", lambda _known, _id, _today=None: BOTH_WAYS)
    path = write(tmp_path, changed())
    (path.parent / "train.jsonl").write_bytes(PAIR)
    model = load_file(path)
    return model.model_copy(
        update={"training": training_of(model).model_copy(update={"customization_type": OTHER_WAY})}
    )


def expected_id(sha256: str, **hyper_parameters: str) -> str:
    inputs = TrainingInputs(
        base_model=HAIKU.id, customization_type=OTHER_WAY, hyper_parameters=hyper_parameters, train_sha256=sha256
    )
    return training_id(inputs)


def the_job(template: Json) -> Json:
    (job,) = resources_of_type(template, contract.MODEL_CUSTOMIZATION).values()
    return dict(job["Properties"])


def datasets(template: Json) -> list[Json]:
    return [dict(each["Properties"]) for each in resources_of_type(template, contract.DATASET).values()]


def test_settings_and_their_stack_agree_on_the_training(
    settings: Model, tmp_path: Path, context: dict[str, Any]
) -> None:
    assert settings.data is not None
    assert settings.training_id == expected_id(settings.data.train.sha256, epochCount="2")
    stack = stacks_of(stage_of(settings, tmp_path / "cdk.out", context))["Training"]
    template = to_json(stack)
    job = the_job(template)
    assert (job["TrainingId"], job["CustomizationType"]) == (settings.training_id, OTHER_WAY)
    assert [name for name in job if name.startswith("Validation")] == []
    assert (job["MaxRecordsSum"], job["Quotas"][contract.RECORDS_QUOTA]) == ("3", "L-00000007")
    (data,) = datasets(template)
    assert (data["DataFormat"], data["MaxRecords"]) == ("prompt_completion", "3")
    assert f"/{OTHER_WAY}/" in data["ReportKey"]
    assert len(warnings(stack)) == 1


def test_a_model_in_one_call_asks_for_the_way_that_it_is_given(tmp_path: Path) -> None:
    stack = Stack(
        App(builtin_cloud_formation_validation=False, outdir=str(tmp_path / "cdk.out")),
        "Foreign",
        env=Environment(account="111122223333", region="us-west-2"),
    )
    (tmp_path / "train.jsonl").write_bytes(PAIR)
    (tmp_path / "validation.jsonl").write_bytes(PAIR * 2)
    train, validation = (DataSource.file(tmp_path / f"{name}.jsonl") for name in ("train", "validation"))
    model = FineTunedModel(
        stack,
        "Model",
        foundation=make_foundation(stack),
        name="any",
        environment="dev",
        base_model=BOTH_WAYS,
        customization_type=OTHER_WAY,
        train=train,
        validation=validation,
    )
    assert model.training_id == expected_id(train.sha256)
    assert [each["DataFormat"] for each in datasets(to_json(stack))] == ["prompt_completion"]
    assert len(warnings(stack)) == 1


def test_data_that_was_checked_for_another_way_is_refused(foreign_stack: Foreign) -> None:
    foreign = foreign_stack()
    with pytest.raises(ValueError, match=saying(contract.FINE_TUNING, OTHER_WAY)):
        foreign.customization(base_model=BOTH_WAYS, customization_type=OTHER_WAY)
