"""The demo's evaluation: what is asked in addition to what the environment's own files say, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import tomlkit

from bedrock_lifecycle.contract.evaluation_identity import BASE, TUNED
from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.evaluation.results import words
from bedrock_lifecycle.evaluation.results.verdict import judged
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bedrock_tuning.data.sources import FileSource
from settings import Model
from settings.folder import environment_file, model_file
from tune.dataset.subject import rules_of_model
from tune.demo.answers import questions
from tune.demo.checks import expect
from tune.demo.own_data import copy_settings
from tune.terminal.environments import DeployTarget, find

# One a second is asked where no quota is known: few, so that nobody waits long.
_RECORDS: Final = 30
# How often the simulated models are right on the example's records. The evaluation is not told.
_RIGHT: Final = {BASE: 0.2, TUNED: 0.7}
# How far they are right on the same records.
_CORRELATION: Final = 0.3
_EVALUATION: Final[dict[str, Any]] = {
    "max_output_tokens": 200,
    "max_tokens": 200_000,
    "records": _RECORDS,
}
_REQUIREMENT: Final[dict[str, Any]] = {"better_than": BASE, "by": 0.05}
EXACT: Final = "exact_match"
"""What tells which of the example's answers are right."""
CLOSE: Final = "rouge_l"
"""What tells how near an answer comes to the expected one."""


@contextmanager
def evaluated(like: DeployTarget, measure: str) -> Iterator[DeployTarget]:
    """Make an environment that is like another, whose models are evaluated against their base model by a measure.

    It is written into a folder that is gone after the block; the data stay where they are.
    """
    with TemporaryDirectory(prefix="bedrock-tuning-") as name:
        folder = Path(name)
        copy_settings(like, folder)
        _allow(environment_file(folder, like.name))
        for model in like.settings:
            _ask(model_file(folder, like.name, model.name), measure, data_of=like.folder / like.name)
        yield find(folder, like.name, like.named)


def quality(model: Model) -> dict[str, Any]:
    """Return what the sandbox's control `quality` is told, for models that are right as often as the example's.

    Raises:
        ValueError: When the model has no test data on this machine.
    """
    source = model.data.test if model.data else None
    if not isinstance(source, FileSource):
        raise ValueError(f"model {model.name} has no test data on this machine")
    test = questions(source.path.read_bytes(), None, rules_of_model(model).record_format.value)
    return {
        "records": [{"prompt": each.prompt, "answer": each.expected} for each in test],
        "rates": {model.profile.untuned_id: _RIGHT[BASE], str(model.training_name): _RIGHT[TUNED]},
        "correlation": _CORRELATION,
    }


def truth() -> str:
    """Say how often the example's models are right: what an evaluation is there to estimate."""
    base, tuned = _RIGHT[BASE], _RIGHT[TUNED]
    return (
        f"Which the evaluation was not told: the simulation plays a base model that is right in {base:.0%} of such "
        f"records and a tuned one in {tuned:.0%}. The true difference is {tuned - base:+.3f}."
    )


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
    document.setdefault("allow", tomlkit.table())["evaluate_with"] = [BASE]
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _ask(path: Path, measure: str, *, data_of: Path) -> None:
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    for source in document["data"].values():
        source["path"] = str((data_of / source["path"]).resolve())
    document["evaluation"] = {**_EVALUATION, "metrics": [{"name": measure}]}
    document["gate"] = {"require": [{"measure": measure, **_REQUIREMENT}]}
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
