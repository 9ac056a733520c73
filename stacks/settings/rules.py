"""Rules between tables. They read the document itself, so that they hold while other parts are still wrong."""

from collections.abc import Iterator, Mapping

from bedrock_tuning.base_models import BaseModelProfile, UnknownBaseModelError
from bedrock_tuning.base_models.wording import shown

Document = Mapping[str, object]


def broken_rules(document: Document) -> Iterator[tuple[str, str]]:
    """Yield place and message of every rule that the document breaks; none while the base model is unknown."""
    training = _table(document, "training")
    try:
        profile = BaseModelProfile.of(str(training.get("base_model")))
    except UnknownBaseModelError:
        return
    yield from _region(document, profile)
    yield from _validation_data(document, profile)
    yield from _serving_mode(document, profile)


def _region(document: Document, profile: BaseModelProfile) -> Iterator[tuple[str, str]]:
    region = document.get("region")
    if isinstance(region, str) and region not in profile.regions:
        allowed = ", ".join(profile.regions)
        why = f"{shown(region)} does not tune {profile.name}"
        yield "region", f"{why}; allowed {allowed}; choose one of these, or another base model"


def _validation_data(document: Document, profile: BaseModelProfile) -> Iterator[tuple[str, str]]:
    if "validation" in _table(document, "data"):
        return
    for name in profile.needing_validation_data(_table(_table(document, "training"), "hyper_parameters")):
        why = "has no effect without validation data; allowed only beside data.validation"
        yield f"training.hyper_parameters.{name}", f"{why}; name a validation file, or remove the line"


def _serving_mode(document: Document, profile: BaseModelProfile) -> Iterator[tuple[str, str]]:
    if "provisioned_throughput" in _table(document, "serving"):
        modes = profile.serving_modes
        if "provisioned_throughput" not in modes:
            why = f"is not offered for {profile.name}; allowed {', '.join(modes)}"
            yield "serving.provisioned_throughput", f"{why}; leave [serving] out, or use another base model"


def _table(document: Document, key: str) -> Document:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}
