"""A model with an evaluation and a gate, as a team would write its settings; every text in its data is a canary."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract.evaluation_identity import BASE
from sandbox.server import ACCOUNT
from tests.e2e.settings_file import NAME

STRONGER: Final = "us.anthropic.claude-sonnet-4-6"
JUDGE: Final = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA: Final = "amazon.nova-micro-v1:0"
HAIKU: Final = "anthropic.claude-3-haiku-20240307-v1:0"
# Words that are in nothing but prompts, answers and the rubric: wherever else one is found, something was told.
PROMPT: Final = "Quokka"
ANSWER: Final = "Zyzzyva"
RUBRIC: Final = "Xylograph"
CANARIES: Final = (PROMPT, ANSWER, RUBRIC)
# The codes of requests a minute, which the tests raise so that they wait for no pace.
QUOTA_CODES: Final = {NOVA: "L-E118F160", STRONGER: "L-00FF3314"}

_JUDGED: Final = 2


def prompt(number: int) -> str:
    return f"{PROMPT}: which word belongs to number {number}?"


def answer(number: int) -> str:
    return f"{ANSWER} of shelf {number * 7} and row {number % 13}"


def rights(numbers: Sequence[int]) -> list[dict[str, str]]:
    """Return what the control `quality` is told of some questions."""
    return [{"prompt": prompt(number), "answer": answer(number)} for number in numbers]


@dataclass(frozen=True, kw_only=True)
class EvaluatedModel:
    """One model in one environment.

    tested: how many records are asked. by: what the gate requires more than of its base model.
    """

    environment: str
    base_model: str = f"{NOVA}:128k"
    region: str = "us-east-1"
    epochs: int = 2
    tested: int = 100
    by: float = 0.05
    compare_with: Sequence[str] = (BASE, STRONGER)
    serving: str = "[serving.on_demand]"
    reconcile: int = 0
    is_judged: bool = True
    max_hours: int = 3

    @property
    def tested_numbers(self) -> range:
        """Whose questions are asked; others are trained on."""
        return range(1000, 1000 + self.tested)

    def write(self, folder: Path) -> None:
        """Write both settings files, the data and the rubric."""
        own = folder / self.environment
        own.mkdir(parents=True, exist_ok=True)
        for split, numbers in (("train", range(32)), ("test", self.tested_numbers)):
            lines = (json.dumps(self._record(number)) for number in numbers)
            (own / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (own / "rubric.md").write_text(f"{RUBRIC}: the better answer names shelf and row.\n", encoding="utf-8")
        (own / "environment.toml").write_text(self._environment(), encoding="utf-8")
        (own / f"{NAME}.toml").write_text(self._model(), encoding="utf-8")

    def _record(self, number: int) -> dict[str, Any]:
        texts = (("user", prompt(number)), ("assistant", answer(number)))
        if HAIKU in self.base_model:
            return {"messages": [{"role": role, "content": text} for role, text in texts]}
        messages = [{"role": role, "content": [{"text": text}]} for role, text in texts]
        return {"schemaVersion": "bedrock-conversation-2024", "messages": messages}

    def _environment(self) -> str:
        asked = json.dumps(sorted({*self.compare_with, JUDGE}))
        where = [f'account = "{ACCOUNT}"', f'region = "{self.region}"']
        return "\n".join([*where, "[allow]", "buy = true", f"evaluate_with = {asked}", ""])

    def _model(self) -> str:
        its_base = self.base_model.rpartition(":")[0]
        asked = {model: code for model, code in QUOTA_CODES.items() if model in (*self.compare_with, its_base)}
        codes = ", ".join(f'"{model}" = "{code}"' for model, code in asked.items())
        judge = ["[evaluation.judge]", f'model = "{JUDGE}"', 'rubric = "rubric.md"', f"records = {_JUDGED}"]
        return "\n".join(
            [
                f"reconcile = {self.reconcile}",
                "[training]",
                f'base_model = "{self.base_model}"',
                "attempt = 1",
                "max_training_hours = 1",
                "[training.hyper_parameters]",
                f"epochCount = {self.epochs}",
                "[data]",
                *(f'{split} = {{ path = "{split}.jsonl" }}' for split in ("train", "test")),
                "[evaluation]",
                f"compare_with = {json.dumps(list(self.compare_with))}",
                "max_output_tokens = 64",
                "max_tokens = 3_000_000",
                f"max_hours = {self.max_hours}",
                "quota_share = 1.0",
                f"quota_codes = {{ {codes} }}",
                "[[evaluation.metrics]]",
                'name = "exact_match"',
                *(judge if self.is_judged else []),
                "[[gate.require]]",
                f'measure = "exact_match"\nbetter_than = "{BASE}"\nby = {self.by}',
                self.serving,
                "",
            ]
        )
