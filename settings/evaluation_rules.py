"""Rules between what is evaluated, what a gate requires, and what the environment allows."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import BASE
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.evaluation.inputs import is_asked_as_it_serves, unmet_needs
from settings.fields import is_model_id
from settings.model import Model
from settings.toml_file import Document, table

_ASK: Final = "ask who owns the environment to add what is missing, or correct the line"


def broken_evaluation_rules(document: Document, environment: Document) -> Iterator[tuple[str, str]]:
    """Yield place and message of every rule that a model's document breaks, whatever its base model."""
    if "evaluation" not in document:
        if "gate" in document:
            why = "has no effect without [evaluation]: there would be nothing to judge"
            yield "gate", f"{why}; add [evaluation], or remove [gate]"
        return
    if not isinstance(document["evaluation"], Mapping):  # refused where it is
        return
    if "training" not in document and "promotion" not in document and "model_arn" in table(document, "serving"):
        why = "is only for a model that is trained or promoted here, and serving.model_arn names another one"
        yield "evaluation", f"{why}; remove [evaluation] or serving.model_arn"
        return
    if "sha256" not in document["evaluation"] and "test" not in table(document, "data"):
        if "promotion" in document:
            why = "is missing, and a promoted model has no data.test whose records could be sent to the model"
            yield "evaluation.sha256", f"{why}; copy a file of records to test/ in the bucket, and write its SHA-256"
        else:
            yield "evaluation", 'has no test records; name them, for example [data] test = { path = "test.jsonl" }'
    allow = environment.get("allow", {})
    if isinstance(allow, Mapping):  # refused where it is
        yield from _not_allowed(document["evaluation"], allow)


def broken_evaluation_order(
    document: Document, environment: Document, profile: BaseModelProfile
) -> Iterator[tuple[str, str]]:
    """Yield what is evaluated as it serves, and is not served."""
    region = environment.get("region")
    if "evaluation" not in document or "serving" in document or not isinstance(region, str):
        return
    if is_asked_as_it_serves(profile, region):
        why = f"needs a model that serves, since {profile.name} is not deployed on demand in {region}"
        yield "evaluation", f"{why}; add [serving.provisioned_throughput], or remove [evaluation]"


def broken_asking_rules(model: Model) -> Iterator[tuple[str, str]]:
    """Yield models that would be asked twice, and quotas of models that nobody asks."""
    if model.evaluation is None:
        return
    base, compared = model.profile.untuned_id, model.evaluation.compare_with
    if BASE in compared and base in compared:
        why = f'has the base model twice: "{BASE}" is {base}, and both would be sent requests, and paid for'
        yield "evaluation.compare_with", f"{why}; remove one of them"
    asked = [each for each in compared if each != BASE] + [BASE, base] * (BASE in compared)
    if unknown := [each for each in model.evaluation.quota_codes if each not in asked]:
        names = ", ".join(asked) or "none"
        why = f"must be of models in evaluation.compare_with, which are {names} (got {', '.join(unknown)})"
        yield "evaluation.quota_codes", f"{why}; correct the name, or remove its line"


def broken_gate_rules(model: Model) -> Iterator[tuple[str, str]]:
    """Yield what a gate requires that its evaluation does not measure."""
    if model.gate is None or model.evaluation is None:
        return
    metrics = [each.name for each in model.evaluation.metrics]
    unmet = unmet_needs(
        model.gate.require,
        metrics,
        model.evaluation.compare_with,
        is_judged=model.evaluation.judge is not None,
        records=model.evaluation.records,
        confidence=model.gate.confidence,
    )
    for place, why in unmet:
        where = "gate.require" if place is None else f"gate.require[{place + 1}]"
        yield where, why


def _not_allowed(evaluation: Mapping[str, object], allow: Document) -> Iterator[tuple[str, str]]:
    """Yield models that Foundation's roles could not ask."""
    allowed = allow.get("evaluate_with", [])
    if not isinstance(allowed, list):  # refused where it is
        return
    compared = evaluation.get("compare_with", [BASE])
    judge = table(evaluation, "judge").get("model")
    if compared == [] and not allowed:
        # Foundation has the workflow only then.
        why = "needs allow.evaluate_with in environment.toml with at least one model, even if none of them is called"
        yield "evaluation", f"{why}; {_ASK}"
    for place, asked in (
        ("evaluation.compare_with", compared if isinstance(compared, list) else []),
        ("evaluation.judge.model", [judge]),
    ):
        if missing := [each for each in asked if _is_model(each) and each not in allowed]:
            why = f"needs allow.evaluate_with = {json.dumps(missing)} in environment.toml"
            yield place, f"{why}; this environment allows {', '.join(map(str, allowed)) or 'none'}: {_ASK}"


def _is_model(value: object) -> bool:
    return isinstance(value, str) and (value == BASE or is_model_id(value))
