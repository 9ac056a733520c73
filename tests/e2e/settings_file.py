"""Settings files and the data that they name, as a team would write them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sandbox.server import ACCOUNT, REGION

NAME: Final = "tuned"
BASE_MODEL: Final = "anthropic.claude-3-haiku-20240307-v1:0"


def record(question: str, answer: str) -> dict[str, Any]:
    """Return one record of training data."""
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


# As few as the base model takes.
RECORDS: Final = tuple(record(f"What is number {number} called?", f"It is called N-{number}.") for number in range(32))


def stack_of(environment: str, kind: str, *, name: str = NAME) -> str:
    """Return the name of a stack: Foundation's, or one of a model's."""
    return f"bedrock-tuning-{environment}-{kind if kind == 'Foundation' else f'{name}-{kind}'}"


@dataclass(frozen=True)
class Settings:
    """One model in one environment. Without `model_units` nothing is served.

    `organization` is TOML, tables and all, and stands in the environment's file.
    """

    environment: str
    name: str = NAME
    records: Sequence[Mapping[str, Any]] = RECORDS
    hyper_parameters: Mapping[str, int | float] = field(default_factory=lambda: {"epochCount": 2})
    attempt: int = 1
    max_training_hours: int = 1
    model_units: int | None = 1
    model_key_arns: Sequence[str] = ()
    base_model: str = f"{BASE_MODEL}:200k"
    organization: str = ""
    email: str | None = None
    reconcile: int = 0
    sources: Mapping[str, str] = field(default_factory=dict)
    """Data sources as they stand in the file, by split. Default: the training data by path, and no other."""
    access: str = ""
    """TOML at the end of the model's file."""

    def data(self) -> bytes:
        """Return the bytes of the training data."""
        return "".join(f"{json.dumps(each)}\n" for each in self.records).encode()

    def path(self, folder: Path) -> Path:
        """Return the path of the model's settings file."""
        return folder / self.environment / f"{self.name}.toml"

    def data_path(self, folder: Path) -> Path:
        """Return the path of the training data."""
        return folder / self.environment / f"{self.name}.jsonl"

    def stacks(self, *kinds: str) -> list[str]:
        """Return how the CDK CLI names stacks of some kinds."""
        ids = [kind if kind == "Foundation" else f"{self.name}-{kind}" for kind in kinds]
        return [f"{self.environment}/{each}" for each in ids]

    def write(self, folder: Path) -> None:
        """Write both settings files, and the data that the model's names by path."""
        (folder / self.environment).mkdir(parents=True, exist_ok=True)
        if "train" not in self.sources:
            self.data_path(folder).write_bytes(self.data())
        (folder / self.environment / "environment.toml").write_text(self._environment(), encoding="utf-8")
        self.path(folder).write_text(self._model(), encoding="utf-8")

    def _environment(self) -> str:
        keys = [f"model_key_arns = {json.dumps(self.model_key_arns)}"] if self.model_key_arns else []
        told = ["[notifications]", f'email = ["{self.email}"]'] if self.email is not None else []
        where = [f'account = "{ACCOUNT}"', f'region = "{REGION}"', "[allow]", "buy = true", "delete_models = true"]
        return "\n".join([*where, *keys, *told, self.organization, ""])

    def _model(self) -> str:
        lines = [
            f"reconcile = {self.reconcile}",
            "[training]",
            f'base_model = "{self.base_model}"',
            f"attempt = {self.attempt}",
            f"max_training_hours = {self.max_training_hours}",
            "[training.hyper_parameters]",
            *(f"{name} = {value}" for name, value in self.hyper_parameters.items()),
            "[data]",
            *(f"{split} = {source}" for split, source in self._sources().items()),
        ]
        if self.model_units is not None:
            lines += ["[serving.provisioned_throughput]", f"model_units = {self.model_units}"]
        return "\n".join([*lines, self.access, ""])

    def _sources(self) -> dict[str, str]:
        return {"train": f'{{ path = "{self.name}.jsonl" }}', **self.sources}
