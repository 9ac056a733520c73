"""Whatever stands in a settings file, loading it gives settings or a SettingsError with one line a problem."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settings import SettingsError
from tests.unit.settings.settings_files import DOCUMENT, changed, load_file, write

pytestmark = pytest.mark.slow
KEYS = [
    *(key for key in DOCUMENT if key != "name"),
    *("environment", "training.base_model", "training.attempt", "training.max_training_hours"),
    *("training.customization_type", "training.hyper_parameters", "training.hyper_parameters.epochCount"),
    *("training.hyper_parameters.earlyStoppingThreshold", "data.train", "data.validation", "data.test"),
    *(
        "data.train.path",
        "data.train.s3",
        "data.train.sha256",
        "data.train.version_id",
        "serving.provisioned_throughput",
        "tags.CostCentre",
    ),
    *(f"serving.provisioned_throughput.{key}" for key in ("model_units", "commitment_duration", "other")),
    *("data.train.sha256", "data.train.version_id", "data.train.kms_key_arn"),
    "serving.provisioned_throughput.acknowledge_commitment",
]
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
CONTENTS = st.binary() | st.text(st.characters(codec="utf-8")).map(str.encode)
SCALARS = st.one_of(
    TEXT,
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from(["train.jsonl", "OneMonth", "FINE_TUNING", "us-east-1", "..", "/dev/null", "1e-5"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environments")
    write(folder, changed())
    return folder


def load_or_refuse(path: Path) -> None:
    try:
        load_file(path)
    except SettingsError as error:
        lines = str(error).splitlines()
        if len(lines) != len(error.problems) or max(map(len, lines)) > 700:
            raise AssertionError(lines) from error


@settings(deadline=None)  # files, and the machine may be busy
@given(
    file=st.sampled_from(["environment.toml", "docstrings.toml"]),
    content=CONTENTS,
)
def test_any_bytes(folder: Path, file: str, content: bytes) -> None:
    path = folder / "dev" / file
    path.write_bytes(content)
    load_or_refuse(folder / "dev" / "docstrings.toml")
    write(folder, changed())


@settings(deadline=None)  # files, and the machine may be busy
@given(document=st.dictionaries(TEXT | st.sampled_from(KEYS), VALUES, max_size=5))
def test_any_document(folder: Path, document: dict[str, Any]) -> None:
    load_or_refuse(write(folder, {**document, "name": "docstrings"}))


@settings(deadline=None)  # files, and the machine may be busy
@given(key=st.sampled_from([key for key in KEYS if key.count(".") < 2]), value=VALUES)
def test_a_document_with_any_value_at_one_key(folder: Path, key: str, value: object) -> None:
    load_or_refuse(write(folder, changed((key, value))))


@settings(deadline=None)  # files, and the machine may be busy
@given(name=TEXT | st.sampled_from(["epochCount", "batchSize", "earlyStoppingThreshold"]), value=VALUES)
def test_a_document_with_any_hyper_parameter(folder: Path, name: str, value: object) -> None:
    load_or_refuse(write(folder, changed(("training.hyper_parameters", {name: value}))))


@settings(deadline=None)  # files, and the machine may be busy
@given(key=st.sampled_from([key for key in KEYS if key.startswith("serving.")]), value=VALUES)
def test_a_document_with_any_value_in_a_purchase(folder: Path, key: str, value: object) -> None:
    load_or_refuse(write(folder, changed((key, value))))


@settings(deadline=None)  # files, and the machine may be busy
@given(value=VALUES, split=st.sampled_from(["train", "validation", "test"]))
def test_a_document_with_any_path(folder: Path, value: object, split: str) -> None:
    load_or_refuse(write(folder, changed((f"data.{split}", {"path": value}))))


@settings(deadline=None)  # files, and the machine may be busy
@given(value=st.dictionaries(st.sampled_from(["path", "sha256", "s3", "version_id", "kms_key_arn"]), VALUES))
def test_a_document_with_any_data_source(folder: Path, value: object) -> None:
    load_or_refuse(write(folder, changed(("data.train", value))))
