"""Looks at the model that is to be promoted, and writes it into the file of the environment that takes it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import QualityGateProperties
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.contract.serving_bake import ServingBakeProperties
from bedrock_lifecycle.decisions import promoted_model
from bedrock_lifecycle.decisions.actions import Refuse, Wait
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.promoted_model import facts_of
from settings import Model, OnDemand, SettingsError, load_environment
from settings.folder import environment_file, exists, model_file
from settings.promotion import giving_environments
from settings.toml_file import label, read_toml, table
from tune.account import stack_states
from tune.account.aws import Aws
from tune.account.location import place_of
from tune.account.stacks import COMPLETE, StackReader
from tune.account.templates import of_type
from tune.promote import text
from tune.terminal.environments import DeployTarget, find_ref
from tune.terminal.exit_codes import ExitCode
from tune.terminal.problems import CannotBeDone

VERSION: Final = 1
_NOT_ALLOWED: Final = "allow.promote_from"


class NotPromoted(CannotBeDone):
    """The model, or the environment, is not one that can be promoted; the message says why and what to do."""

    code = ExitCode.FAILED


class PromotionRefused(CannotBeDone):
    """The settings refuse what would be written; the message has every problem."""


@dataclass(frozen=True)
class Written:
    """The file that a promotion writes, and how."""

    path: Path
    text: str
    model: str
    name: str = ""
    """The custom model's name; of what is promoted."""
    promotion: Mapping[str, Any] = field(default_factory=dict)
    """The table of what is promoted."""
    warning: str = ""
    """What is wrong with its base model or lies ahead of it; nothing where nothing is known."""


def promotion(giver: DeployTarget, taker: str, aws: Aws) -> Written:
    """Return what a promotion of the one model of `giver` writes.

    Raises NotPromoted when the model is not finished, is not what its settings say, or may not come here.
    """
    (model,) = giver.settings
    _check_environment(giver, taker)
    path = model_file(giver.folder, taker, model.name)
    table_ = _promoted_again(giver, model, aws) if model.promotion else _promoted(giver, taker, model, aws)
    written = text.with_promotion(_present(path), table_, _serving(model))
    buys = "provisioned_throughput" in table(tomllib.loads(written), "serving")
    warning = Preflight(aws).warning_of_promotion(table_["base_model"], datetime.now(UTC), buys=buys)
    return Written(path, written, model.name, model.model_name or "", table_, warning)


def again(giver: DeployTarget, taker: str) -> Written:
    """Return what is written to train once more in `taker` from the inputs of the one model of `giver`."""
    (model,) = giver.settings
    if model.training is None:
        raise NotPromoted(f"{giver.name}/{model.name}.toml has no [training], so there is nothing to train again")
    _check_known(giver, taker)
    path = model_file(giver.folder, taker, model.name)
    source = _present(model_file(giver.folder, giver.name, model.name))
    return Written(path, text.with_training(_present(path), source, _serving(model)), model.name)


def document(written: Written, taker: str, *, is_new: bool) -> dict[str, Any]:
    """Return what `--json` prints. Keys are only ever added; `version` goes up when one changes its meaning."""
    return {
        "version": VERSION,
        "environment": taker,
        "model": written.model,
        "from": written.promotion["from"],
        "training": written.promotion["training"],
        "customModel": written.name,
        "written": is_new,
        "warnings": [written.warning] if written.warning else [],
    }


def write(written: Written, folder: Path, taker: str) -> bool:
    """Write the file; return False when it is the same already. It is left as it was if the settings refuse it."""
    before = _present(written.path)
    if written.text == before:
        return False
    written.path.write_text(written.text, encoding="utf-8")
    try:
        load_environment(folder, taker, models=[written.model])
    except SettingsError as error:
        if before:
            written.path.write_text(before, encoding="utf-8")
        else:
            written.path.unlink()
        raise PromotionRefused(f"{error}\nThe file would be refused so, and is left as it was.") from None
    return True


def _present(path: Path) -> str:
    return path.read_text(encoding="utf-8") if exists(path) else ""


def _check_known(giver: DeployTarget, taker: str) -> None:
    if taker == giver.name:
        raise NotPromoted(f"{taker} cannot be promoted from and to at once: name two different environments")
    find_ref(giver.folder, taker)


def _check_environment(giver: DeployTarget, taker: str) -> None:
    """Raise unless the environment takes models of the one that trained this one."""
    _check_known(giver, taker)
    (model,) = giver.settings
    trainer = model.promotion.giver if model.promotion else giver.name
    path = environment_file(giver.folder, taker)
    document = read_toml(path)
    allow = {**table(document, "allow"), "promote_from": [trainer]}
    _, refused = giving_environments(giver.folder, taker, {**document, "allow": allow})
    for _, why in refused:
        raise NotPromoted(f"{label(path)}: {taker} cannot take a model of {trainer}: {why}")
    allowed = table(document, "allow").get("promote_from", [])
    if not isinstance(allowed, list) or trainer not in allowed:
        raise NotPromoted(
            f"{label(path)}: {_NOT_ALLOWED}: does not allow models of {trainer}; write under [allow] train = false and "
            f'promote_from = ["{trainer}"], or ask who owns the environment to'
        )


def _promoted(giver: DeployTarget, taker: str, model: Model, aws: Aws) -> dict[str, Any]:
    """Return the table for a model that the giving environment has trained, as Bedrock has it."""
    bedrock = Bedrock(aws("bedrock"))
    if model.training is None or model.data is None:
        raise NotPromoted(
            f"{giver.name}/{model.name}.toml serves the model of an ARN, and what that was trained from is not known: "
            f"write that ARN as [serving] model_arn in {taker} too"
        )
    found = bedrock.model(model.training_name or "")
    inputs: dict[str, Any] = {
        "base_model": model.training.base_model,
        "customization_type": model.training.customization_type,
        "train_sha256": model.data.train.sha256,
        **({"validation_sha256": model.used_validation.sha256} if model.used_validation else {}),
        **({"kms_key_arn": found.key_arn} if found and found.key_arn else {}),
    }
    hyper_parameters = dict(model.training.hyper_parameters)
    wanted = PromotedModelProperties(
        Properties(
            PromotedModelProperties.write(
                name=model.name,
                environment=taker,
                giver=giver.name,
                giver_foundation=place_of(giver).stack_owner(giver.foundation),
                training_id=model.training_id,
                attempt=model.training.attempt,
                base_model=model.training.base_model,
                customization_type=model.training.customization_type,
                hyper_parameters=hyper_parameters,
                train_sha256=model.data.train.sha256,
                validation_sha256=inputs.get("validation_sha256"),
                custom_model_kms_key_arn=inputs.get("kms_key_arn"),
                mode="",
                reconcile=0,
            )
        )
    )
    now = datetime.now(UTC)
    facts = facts_of(bedrock, wanted, "Create", now=now, began=now, asks_for_holds=False)
    match decide(promoted_model.ROWS, replace(facts, is_baked_there=_bakes(model), is_gated_there=_gates(model))):
        case Refuse(reason) | Wait(reason):
            raise NotPromoted(f"{giver.name}/{model.name}: {reason}")
    if _gates(model):
        _check_gated(giver, model, aws("cloudformation"))
    told = {"from": giver.name, "training": f"{model.training_id}-{model.training.attempt}", **inputs}
    return {**told, "hyper_parameters": hyper_parameters} if hyper_parameters else told


def _promoted_again(giver: DeployTarget, model: Model, aws: Aws) -> Mapping[str, Any]:
    """Return the table of a model that was promoted to the giving environment before: where it was trained stays."""
    if model.promotion is None:
        raise AssertionError("it is promoted")
    if _bakes(model):
        _check_baked(giver, model, aws("cloudformation"))
    if _gates(model):
        _check_gated(giver, model, aws("cloudformation"))
    return model.promotion.model_dump(by_alias=True, exclude_unset=True)


_ROLLED_BACK: Final = "UPDATE_ROLLBACK_COMPLETE"


def _bakes(model: Model) -> bool:
    return model.serving is not None and model.serving.bake is not None


def _gates(model: Model) -> bool:
    return model.gate is not None and model.evaluation_inputs is not None


def _check_gated(giver: DeployTarget, model: Model, cloudformation: Any) -> None:
    """Raise unless a stack of the giving environment is complete that has the gate of this model's settings.

    A tag says what a gate found last, not what it required: a newer gate may have had no verdict, or was not deployed.
    """
    if model.gate is None or model.evaluation_inputs is None:
        raise AssertionError("it has a gate")
    stacks, name = StackReader(cloudformation), model.stack_name("Evaluation")
    status = stacks.status(name)
    found = of_type(stacks.template(name), contract.QUALITY_GATE) if status in COMPLETE else {}
    gates = [QualityGateProperties(Properties(its.properties)) for its in found.values()]
    wanted = (
        model.model_name,
        model.evaluation_inputs.id,
        tuple(each.to_text() for each in model.gate.require),
        model.gate.confidence,
    )
    if wanted not in [(its.model, its.gate_evaluation_id, its.requirements, its.confidence) for its in gates]:
        raise NotPromoted(
            f"{giver.name}/{model.name}: custom model {model.model_name} has not passed the gate of evaluation "
            f"{model.evaluation_inputs.id}, which stack {name} does not have, or not with these requirements (the "
            f"stack is {status or 'missing'}): deploy {giver.name} first"
        )


def _check_baked(giver: DeployTarget, model: Model, cloudformation: Any) -> None:
    """Raise unless a stack of the giving environment is complete in which this model is baked.

    It may leave no tag on a model of another environment; its stack is complete only once the model has passed. A bake
    that is new beside a commitment has asked nothing, and a rollback asks nothing either.
    """
    stacks, name = StackReader(cloudformation), model.stack_name("Serving")
    status = stacks.status(name)
    found = of_type(stacks.template(name), contract.SERVING_BAKE) if status in COMPLETE else {}
    bakes = {logical_id: ServingBakeProperties(Properties(its.properties)) for logical_id, its in found.items()}
    baked = {logical_id: its for logical_id, its in bakes.items() if its.model == model.model_name}
    if not baked:
        raise NotPromoted(
            f"{giver.name}/{model.name}: custom model {model.model_name} has not passed a bake in {giver.name}, whose "
            f"stack {name} is {status or 'missing'}: deploy {giver.name} first"
        )
    if status == _ROLLED_BACK and not any(_is_as_in(model, its) for its in baked.values()):
        raise NotPromoted(
            f"{giver.name}/{model.name}: stack {name} was rolled back last, to a bake of custom model "
            f"{model.model_name} with other questions or alarms than {giver.name}/{model.name}.toml has: deploy "
            f"{giver.name} first"
        )
    asking = {logical_id for logical_id, its in baked.items() if its.commitment_duration and its.questions}
    if asking and (status == _ROLLED_BACK or not asking <= _updated(cloudformation, name)):
        raise NotPromoted(
            f"{giver.name}/{model.name}: stack {name} may have sent no question to custom model {model.model_name}, "
            "since its bake is new beside a commitment, or was rolled back last: raise `reconcile` by one in "
            f"{giver.name}/{model.name}.toml and deploy {giver.name} first"
        )


def _is_as_in(model: Model, its: ServingBakeProperties) -> bool:
    """Tell whether a step of a bake asks and reads what the settings say."""
    bake = model.serving.bake if model.serving else None
    if bake is None:
        return False
    asked = (model.bake_sha256, bake.questions, bake.right or bake.questions, set(bake.alarms))
    return asked == (its.questions_sha256, its.questions, its.right, set(its.alarms))


def _updated(cloudformation: Any, name: str) -> set[str]:
    """Return the resources of a stack that were updated since they were made."""
    resources = stack_states.resources(cloudformation, name)
    return {its["LogicalResourceId"] for its in resources if its["ResourceStatus"] == "UPDATE_COMPLETE"}


def _serving(model: Model) -> dict[str, Any]:
    """Return how a file that does not say it serves the model: as the giving environment does, and never committed."""
    if model.serving is None or isinstance(model.serving.way, OnDemand):
        return {"on_demand": {}}
    return {"provisioned_throughput": {"model_units": model.serving.way.model_units}}
