"""Settings files of an environment, `staging`, to which another one, `dev`, gives its model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from tests.unit.settings.settings_files import NOVA_MICRO, changed, write

KEY: Final = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
INPUTS: Final = TrainingInputs(
    base_model=NOVA_MICRO,
    customization_type=FINE_TUNING,
    hyper_parameters={"epochCount": "2"},
    train_sha256="a" * 64,
    validation_sha256="b" * 64,
)
PROMOTION: Final[Mapping[str, Any]] = {
    "from": "dev",
    "training": f"{training_id(INPUTS)}-3",
    "base_model": NOVA_MICRO,
    "train_sha256": "a" * 64,
    "validation_sha256": "b" * 64,
    "kms_key_arn": KEY,
    "hyper_parameters": {"epochCount": 2},
}
STAGING: Final[Mapping[str, Any]] = {
    "name": "docstrings",
    "account": "111122223333",
    "region": "us-east-1",
    "allow": {"train": False, "promote_from": ["dev"]},
    "promotion": PROMOTION,
    "serving": {"on_demand": {}},
}
DEV: Final[Mapping[str, Any]] = {"name": "other", "account": "111122223333", "region": "us-east-1"}


def written(folder: Path, *changes: tuple[str, object], dev: Mapping[str, Any] | None = DEV) -> Path:
    """Write the files of `staging`, with values set at dotted keys, and where `dev` is; return the model's path."""
    if dev:
        write(folder, dev, environment="dev")
        (folder / "dev" / "other.toml").unlink()
    return write(folder, changed(*changes, document=STAGING), environment="staging")
