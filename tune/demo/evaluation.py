"""The demo's evaluation: what is asked in addition to what the environment's own files say, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import tomlkit

from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.evaluation.results import words
from bedrock_lifecycle.evaluation.results.verdict import judged
from bedrock_lifecycle.evaluation.stored.summary import Summary
from settings import Model
from settings.folder import environment_file, model_file
from tune.demo.checks import expect
from tune.demo.own_data import copy_settings
from tune.terminal.environments import DeployTarget, find

# One a second is asked where no quota is known: few, so that nobody waits long.
_RECORDS: Final = 12
_BASE: Final = "base"
_EVALUATION: Final[dict[str, Any]] = {
    "max_output_tokens": 200,
    "max_tokens": 200_000,
    "records": _RECORDS,
    "metrics": [{"name": "rouge_l"}],
}
_GATE: Final[dict[str, Any]] = {"require": [{"measure": "rouge_l", "better_than": _BASE, "by": 0.05}]}


@contextmanager
def evaluated(like: DeployTarget) -> Iterator[DeployTarget]:
    """Make an environment that is like another, whose models are evaluated against their base model.

    It is written into a folder that is gone after the block; the data stay where they are.
    """
    with TemporaryDirectory(prefix="bedrock-tuning-") as name:
        folder = Path(name)
        copy_settings(like, folder)
        _allow(environment_file(folder, like.name))
        for model in like.settings:
            _ask(model_file(folder, like.name, model.name), data_of=like.folder / like.name)
        yield find(folder, like.name, like.named)


def results(model: Model, objects: Any, bucket: str) -> list[str]:
    """Return what was measured and what the gate says, in lines; `objects` is a client of S3."""
    inputs, gate = model.evaluation_inputs, model.gate
    if inputs is None or gate is None:
        raise ValueError(f"model {model.name} has no evaluation, or no gate")
    body = objects.get_object(Bucket=bucket, Key=summary_key(inputs.id))["Body"].read()
    summary = Summary.from_json(body)
    expect(summary.is_complete, "the evaluation has not asked every record")
    verdict = judged(summary, gate.require, gate.confidence)
    return [*words.of_summary(summary), f"{verdict.verdict}: {verdict}"]


def _allow(path: Path) -> None:
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    document.setdefault("allow", tomlkit.table())["evaluate_with"] = [_BASE]
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _ask(path: Path, *, data_of: Path) -> None:
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    for source in document["data"].values():
        source["path"] = str((data_of / source["path"]).resolve())
    document["evaluation"] = _EVALUATION
    document["gate"] = _GATE
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
