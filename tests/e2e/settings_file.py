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


@dataclass(frozen=True)
class Settings:
    """One environment. Without `model_units` nothing is served; `organization` is TOML, tables and all."""

    environment: str
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

    def data(self) -> bytes:
        """Return the bytes of the training data."""
        return "".join(f"{json.dumps(each)}\n" for each in self.records).encode()

    def write(self, folder: Path) -> None:
        """Write the settings file, and the data that it names by path."""
        folder.mkdir(parents=True, exist_ok=True)
        if "train" not in self.sources:
            (folder / f"{self.environment}.jsonl").write_bytes(self.data())
        (folder / f"{self.environment}.toml").write_text(self._toml(), encoding="utf-8")

    def _toml(self) -> str:
        lines = [
            f'name = "{NAME}"',
            f'account = "{ACCOUNT}"',
            f'region = "{REGION}"',
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
            lines += ["[serving]", f"model_key_arns = {json.dumps(self.model_key_arns)}"] if self.model_key_arns else []
            lines += ["[serving.provisioned_throughput]", f"model_units = {self.model_units}"]
        if self.email is not None:
            lines += ["[notifications]", f'email = ["{self.email}"]']
        return "\n".join([*lines, self.organization, ""])

    def _sources(self) -> dict[str, str]:
        return {"train": f'{{ path = "{self.environment}.jsonl" }}', **self.sources}
