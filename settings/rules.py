"""Rules between tables. They read the document itself, so that they hold while other parts are still wrong."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final, get_args

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import BaseModelProfile, BaseModels, ServingMode, UnknownBaseModelError
from bedrock_tuning.base_models.advice import BaseModelAdvice
from bedrock_tuning.common.custom_model_arn import CustomModelArn
from bedrock_tuning.common.messages import shown
from settings.evaluation_rules import broken_evaluation_order, broken_evaluation_rules
from settings.fields import base_model_of
from settings.model import Model
from settings.problems import missing
from settings.toml_file import Document, table

_TRAINED: Final = ("training", "data")
_NOT_BESIDE_PROMOTION: Final = ("model_arn", "base_model", "keep_models")


def broken_rules(
    document: Document, environment: Document | None, base_models: BaseModels, today: dt.date
) -> Iterator[tuple[str, str]]:
    """Yield place and message of every rule that a model's document breaks, beside the one of its environment.

    Those of a base model only when it is known, and of the environment only as far as its document says something:
    None is one that cannot be read.
    """
    environment = {"allow": None} if environment is None else environment
    yield from _what_is_served(document, base_models)
    yield from _one_mode(document)
    yield from _bake(document)
    yield from _not_allowed(document, environment.get("allow", {}))
    yield from _access(document, environment)
    yield from broken_evaluation_rules(document, environment)
    profile = _profile(document, base_models)
    if profile is None:
        return
    region = environment.get("region")
    advice = BaseModelAdvice(base_models, region if isinstance(region, str) else None, today)
    if "training" in document and (refusal := advice.region(profile)):
        yield "training.base_model", refusal
    yield from _validation_data(document, profile)
    yield from _serving_mode(document, profile, advice)
    yield from _given_model(document, environment, profile)
    yield from broken_evaluation_order(document, environment, profile)


def broken_environment_rules(document: Document) -> Iterator[tuple[str, str]]:
    """Yield place and message of every rule that an environment's document breaks."""
    yield from _model_keys_region(document)
    yield from _topic_region(document)
    yield from _only_serves(document)


def _profile(document: Document, base_models: BaseModels) -> BaseModelProfile | None:
    serving = table(document, "serving")
    made = table(document, "training") or table(document, "promotion")
    named = made.get("base_model", serving.get("base_model"))
    if named is None:
        return base_model_of(serving.get("model_arn"), base_models)
    try:
        return base_models.of(str(named))
    except UnknownBaseModelError:
        return None


def _what_is_served(document: Document, base_models: BaseModels) -> Iterator[tuple[str, str]]:
    """A model is trained here or exists already; keys for the one have no meaning for the other."""
    serving = table(document, "serving")
    if "promotion" in document:
        yield from _promoted(document, serving)
        return
    if "model_arn" not in serving:
        yield from ((key, missing(_example(key))) for key in _TRAINED if key not in document)
        if "base_model" in serving:
            why = "is only for the model of serving.model_arn, and there is no such line"
            yield "serving.base_model", f"{why}; remove it: [training] names the base model"
        return
    for key in _TRAINED:
        if key in document:
            why = "has no effect beside serving.model_arn, which names an existing model"
            yield key, f"{why}; remove the table, or serving.model_arn"
    if "base_model" not in serving and not base_model_of(serving["model_arn"], base_models):
        why = "is missing, and the base model that the ARN names has no profile"
        yield "serving.base_model", f"{why}; write the base model it was tuned from, an ID with a profile"
    if "keep_models" in serving:
        why = "has no effect beside serving.model_arn: it deletes only models that are trained here"
        yield "serving.keep_models", f"{why}; remove the line"


def _promoted(document: Document, serving: Document) -> Iterator[tuple[str, str]]:
    """Yield what has no meaning beside a model that another environment gives."""
    for key in _TRAINED:
        if key in document:
            why = "has no effect beside [promotion], which names a model of another environment"
            yield key, f"{why}; remove one of the two tables"
    if "serving" not in document:
        why = "is missing, and a model is only promoted to be served"
        yield "serving", f"{why}; add [serving] with one of its tables, or remove [promotion]"
    for key in _NOT_BESIDE_PROMOTION:
        if key in serving:
            why = "has no effect beside [promotion], which names the model, and whose models are never deleted"
            yield f"serving.{key}", f"{why}; remove the line"


def _one_mode(document: Document) -> Iterator[tuple[str, str]]:
    if not isinstance(document.get("serving"), Mapping):
        return
    modes = _modes(document)
    ways = "[serving.on_demand], paid by the token, or [serving.provisioned_throughput], billed by the hour"
    if not modes:
        yield "serving", f"must have {ways} (got neither); add one of them, or leave [serving] out"
    if len(modes) > 1:
        yield "serving", f"must have only one of {ways} (got both); remove one of them"


def _bake(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what a bake does not know to ask, or asks nothing of."""
    bake = table(document, "serving").get("bake")
    if not isinstance(bake, Mapping):  # refused where it is
        return
    if not bake.keys() & {"path", "sha256"} and "test" not in table(document, "data"):
        why = "is missing, and there is no data.test whose records could be sent to the model"
        remedy = 'write path = "questions.jsonl", then run python -m tune dataset push, which writes its sha256'
        yield "serving.bake.sha256", f"{why}; {remedy}"


def _not_allowed(document: Document, allow: object) -> Iterator[tuple[str, str]]:
    """Yield what the environment does not allow: Foundation's roles could not do it."""
    if not isinstance(allow, Mapping):  # refused where it is
        return
    serving = table(document, "serving")
    for place, needs, key, default in (
        ("training", "training" in document, "train", True),
        ("serving.provisioned_throughput", "provisioned_throughput" in serving, "buy", False),
        ("serving.keep_models", "keep_models" in serving, "delete_models", False),
        ("serving.bake", "bake" in serving, "bake", False),
    ):
        if needs and allow.get(key, default) is False:
            why = f"needs allow.{key} = true in environment.toml, which this environment does not have"
            yield place, f"{why}; remove this setting, or ask who owns the environment to add that line"

    giver = table(document, "promotion").get("from")
    givers = allow.get("promote_from", [])
    if isinstance(giver, str) and isinstance(givers, list) and giver not in givers:
        why = f'needs [allow] promote_from = ["{giver}"] in environment.toml'
        allowed = f"this environment allows {', '.join(map(str, givers)) or 'none'}"
        yield "promotion.from", f"{why}; {allowed}: ask who owns the environment to add this one, or correct the line"


def _only_serves(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what an environment to which models are promoted must not do: its roles could harm what others gave."""
    allow = table(document, "allow")
    if "promote_from" not in allow:
        return
    for key, default in (("train", True), ("delete_models", False)):
        if allow.get(key, default) is True:
            why = "must be false beside promote_from: an environment to which models are promoted only serves them"
            yield f"allow.{key}", f"{why}; write {key} = false, or remove allow.promote_from"


def _access(document: Document, environment: Document) -> Iterator[tuple[str, str]]:
    """Yield access to what nobody serves, and access of the account in which it is served."""
    accesses = document.get("access")
    if accesses and "serving" not in document:
        yield "access", "has no effect without [serving]: nothing could be invoked; add [serving], or remove [[access]]"
    for number, each in enumerate(accesses if isinstance(accesses, list) else (), 1):
        account = each.get("account") if isinstance(each, Mapping) else None
        if isinstance(account, str) and account == environment.get("account"):
            why = f"must be another account than the environment's (got {shown(account)})"
            advice = "in the environment's own account, allow the application's own role to invoke the model instead"
            yield f"access[{number}].account", f"{why}; {advice}"


def _model_keys_region(document: Document) -> Iterator[tuple[str, str]]:
    """Yield keys that are elsewhere: a model is under a key of its own Region."""
    region, arns = document.get("region"), table(document, "allow").get("model_key_arns")
    for arn in arns if isinstance(arns, list) else ():
        parts = arn.split(":") if isinstance(arn, str) else []
        if isinstance(region, str) and len(parts) == 6 and parts[3] != region:
            why = f"must have keys of {region}, where the model is served (got {shown(arn)} of {parts[3]})"
            yield "allow.model_key_arns", f"{why}; correct this ARN"


def _topic_region(document: Document) -> Iterator[tuple[str, str]]:
    """Yield a topic that is elsewhere: EventBridge reaches targets in its own Region alone."""
    arn, region = table(document, "notifications").get("topic_arn"), document.get("region")
    if isinstance(arn, str) and isinstance(region, str) and arn.count(":") == 5 and arn.split(":")[3] != region:
        why = f"must be a topic in {shown(region)} (got {shown(arn)})"
        yield "notifications.topic_arn", f"{why}; name a topic of that Region"


def _validation_data(document: Document, profile: BaseModelProfile) -> Iterator[tuple[str, str]]:
    if "validation" in table(document, "data"):
        return
    training = table(document, "training")
    customization_type = str(training.get("customization_type", FINE_TUNING))
    if customization_type not in profile.customizations:  # refused with its own key
        return
    for name in profile.needing_validation_data(table(training, "hyper_parameters"), customization_type):
        why = "has no effect without data.validation"
        yield f"training.hyper_parameters.{name}", f"{why}; name a validation file, or remove the line"


def _serving_mode(document: Document, profile: BaseModelProfile, advice: BaseModelAdvice) -> Iterator[tuple[str, str]]:
    for mode in _modes(document):
        if refusal := advice.serving_mode(profile, mode):
            yield f"serving.{mode}", refusal


def _given_model(document: Document, environment: Document, profile: BaseModelProfile) -> Iterator[tuple[str, str]]:
    try:
        given = CustomModelArn.parse(str(table(document, "serving").get("model_arn")))
    except ValueError:
        return
    for key, theirs in (("region", given.region), ("account", given.account)):
        if isinstance(environment.get(key), str) and theirs != environment[key]:
            why = f"must be a model of {key} {shown(environment[key])}, the environment's (got one of {shown(theirs)})"
            yield "serving.model_arn", f"{why}; train the model there, or correct {key} in environment.toml"
    if not given.may_be_tuned_from(profile.id):
        why = f"must be {given.base_model}, the base model in the ARN (got {shown(profile.id)})"
        yield "serving.base_model", f"{why}; correct serving.base_model or serving.model_arn"


def _modes(document: Document) -> list[ServingMode]:
    return [mode for mode in get_args(ServingMode) if mode in table(document, "serving")]


def _example(key: str) -> str:
    return str((Model.model_fields[key].examples or [key])[0])
