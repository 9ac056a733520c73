"""The base model: what Bedrock says of it is believed over every profile, because dates change."""

import re
from datetime import datetime
from typing import Final

from bedrock_lifecycle.preflight.facts import Base, BaseModel, Fact, Known, ModelAvailability, NotChecked
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict

_ACTIVE = "ACTIVE"
_LEGACY: Final = "LEGACY"
_VARIANT: Final = re.compile(r":\d+:\d+k$")
_CHOOSE_ANOTHER = "choose another base model"


def for_training(base: Base) -> Verdict:
    """Judge whether a base model takes new customization jobs here.

    One that is legacy or past its end of life does not (Bedrock user guide, "Model lifecycle").
    """
    if isinstance(base.found, NotChecked):
        return base.found
    wrong = _wrong(base.found.value, base.now, "it takes no new customization jobs")
    if not wrong and base.found.value and base.customization_type not in (base.found.value.customizations or ()):
        if _VARIANT.search(base.id) or base.found.value.customizations is None:
            # A variant of a context length is an entry of its own. What such an entry says of customization is not
            # documented.
            return NotChecked(f"Bedrock does not list {base.customization_type} for {base.id}")
        wrong = f"does not take {base.customization_type} in this Region"
    return _verdict(base, wrong, _CHOOSE_ANOTHER)


def for_purchase(base: Base, *, model_is_given: bool) -> Verdict:
    """Judge whether the models of a base model can be given new Provisioned Throughput.

    A model that is given may have been copied to a Region that does not offer its base model at all. Models that were
    tuned before their base model became legacy may still be deployed on demand (Bedrock user guide, "Model lifecycle").
    """
    if isinstance(base.found, NotChecked):
        return base.found
    if model_is_given and base.found.value is None:
        return NotChecked(f"base model {base.id} is not offered in this Region, and the model was not trained here")
    wrong = _wrong(base.found.value, base.now, "no new Provisioned Throughput can be bought for its models")
    is_over = base.found.value is None or _is_over(base.found.value, base.now)
    return _verdict(base, wrong, _CHOOSE_ANOTHER if is_over else f"serve on demand if possible, or {_CHOOSE_ANOTHER}")


def for_promotion(base: Base, *, buys: bool) -> Verdict:
    """Judge whether the models of a base model can still be served, by throughput that is bought if `buys`.

    What lies ahead of it is told: a promotion is meant to last.
    """
    if isinstance(base.found, NotChecked):
        return base.found
    found = base.found.value
    if found is None:
        return NotChecked(f"base model {base.id} is not offered in this Region")
    if buys:
        verdict = for_purchase(base, model_is_given=True)
    elif _is_over(found, base.now):
        verdict = _verdict(base, _wrong(found, base.now, ""), _CHOOSE_ANOTHER)
    else:
        verdict = Passed(f"{base.id} is {found.status}")
    return Passed(f"{verdict.detail}{_ahead(found, base.now)}") if isinstance(verdict, Passed) else verdict


def warning(base: Base, *, buys: bool) -> str:
    """Return what whoever promotes a model should know of its base model; nothing where nothing is wrong or ahead."""
    verdict = for_promotion(base, buys=buys)
    if isinstance(verdict, Problem):
        return verdict.text
    found = base.found.value if isinstance(base.found, Known) else None
    ahead = _ahead(found, base.now) if found else ""
    return f"base model {base.id} is {found.status}{ahead}" if found and ahead else ""


def access(base: Base, found: Fact[ModelAvailability]) -> Verdict:
    """Judge whether the account may use a base model."""
    if base.found == Known(None):
        return NotNeeded("the base model is not offered here")
    return access_to(base.id, found)


def access_to(model_id: str, found: Fact[ModelAvailability]) -> Verdict:
    """Judge whether the account may use a foundation model."""
    if isinstance(found, NotChecked):
        return found
    told = {"agreement": found.value.agreement, "entitlement": found.value.entitlement, "Region": found.value.region}
    wrong = [f"{name} {value}" for name, value in told.items() if value != "AVAILABLE"]
    authorization = f"authorization {found.value.authorization}"
    if found.value.authorization != "AUTHORIZED":
        if not wrong:
            # On some accounts this field alone says no of every model of Amazon's, which can be invoked all the same;
            # of an account under security review it told the truth. To ask Bedrock by the create costs nothing.
            return NotChecked(f"{authorization}, everything else AVAILABLE: Bedrock decides when the job is created")
        wrong.append(authorization)
    if not wrong:
        return Passed(f"this account has access to {model_id}")
    if found.value.agreement_error:
        wrong.append(found.value.agreement_error)
    return Problem(
        f"this account has no access to base model {model_id} ({', '.join(wrong)}): request it in the model catalog "
        "of the Amazon Bedrock console; it can take 15 minutes to take effect"
    )


def _wrong(model: BaseModel | None, now: datetime, when_legacy: str) -> str:
    if model is None:
        return "is not offered in this Region"
    if _is_over(model, now):
        return f"reached its end of life on {model.end_of_life:%Y-%m-%d}"
    return "" if model.status == _ACTIVE else f"is {model.status}: {when_legacy}"


def _is_over(model: BaseModel, now: datetime) -> bool:
    return model.end_of_life is not None and model.end_of_life <= now


def _ahead(model: BaseModel, now: datetime) -> str:
    told = ((f"{_LEGACY} from", model.legacy), ("end of life on", model.end_of_life))
    return "".join(f", {what} {when:%Y-%m-%d}" for what, when in told if when and when > now)


def _verdict(base: Base, wrong: str, remedy: str) -> Verdict:
    if wrong:
        return Problem(f"base model {base.id} {wrong}; {remedy}{_active_ones(base.active)}")
    return Passed(f"{base.id} is {_ACTIVE}")


def _active_ones(active: Fact[tuple[str, ...]]) -> str:
    if isinstance(active, NotChecked):
        return " that is active here"
    if not active.value:
        return " in another Region; no base model is active here"
    return f"; active base models here: {', '.join(active.value)}"
