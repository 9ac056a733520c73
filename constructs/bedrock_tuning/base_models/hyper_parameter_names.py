"""Names of hyper-parameters that no page lists for a base model: whether one looks like a slip of the pen."""

import functools

from bedrock_tuning.base_models.profile import BaseModelProfile
from bedrock_tuning.base_models.registry import BaseModels
from bedrock_tuning.common.messages import nearest


def doubt_of(base_model: BaseModelProfile, name: str, customization_type: str) -> str | None:
    """Return what is doubtful about a name, or None for one that is documented, or that nothing known is like.

    It is compared with the names that completed jobs of the base model have taken, and where none are known with those
    that are documented for any other.
    """
    its = base_model.customization(customization_type).hyper_parameters
    if name in its.known:
        return None
    sent = f"hyper-parameter {name}: no page lists it for {base_model.name}; it is sent to Bedrock unchanged"
    if its.documented:
        return f"{sent}, and jobs with it have completed; remove it if Bedrock refuses it"
    near = nearest(name.replace("_", ""), its.seen or documented_names())
    return None if near in (name, None) else f"{sent}; did you mean {near}?"


@functools.cache
def documented_names() -> tuple[str, ...]:
    """Return the names that are documented for any base model of the library."""
    customizations = (its for profile in BaseModels.shipped() for its in profile.customizations.values())
    return tuple(sorted({name for its in customizations for name in its.hyper_parameters.known}))
