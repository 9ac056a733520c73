"""Reads a catalogue from TOML files: those beside this module, and any others that are named.

A file has a list of `models`; what stands at its top holds for each of them unless it says otherwise, and so does its
`recipe`, key by key. A model is listed as itself, without a suffix, and as each of its `variants`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sandbox.bedrock.catalogue.catalogue import Catalogue
from sandbox.bedrock.catalogue.models import FoundationModel, HyperParameter, InferenceProfile, LifecycleDates, Recipe

Entry = Mapping[str, Any]


@cache
def load_catalogue(*others: Path) -> Catalogue:
    """Return the catalogue that comes with the simulation, and the models of other files beside it."""
    own = [source.read_text("utf-8") for source in files(__package__).iterdir() if source.name.endswith(".toml")]
    texts = [*own, *(path.read_text("utf-8") for path in others)]
    return Catalogue({model.model_id: model for text in texts for model in _models_of(text)})


def _models_of(text: str) -> list[FoundationModel]:
    document = tomllib.loads(text, parse_float=Decimal)
    shared = {key: value for key, value in document.items() if key != "models"}
    models = []
    for entry in document["models"]:
        recipe = _recipe({**shared.get("recipe", {}), **entry.get("recipe", {})})
        complete = {"output_modalities": ["TEXT"], **shared, **entry}
        itself = {key: complete.get(key, ()) for key in ("inference_types", "inference_profiles")}
        forms = [itself, *complete["variants"]]
        models += [_model(complete, form, recipe) for form in forms]
    return models


def _model(entry: Entry, form: Entry, recipe: Recipe) -> FoundationModel:
    return FoundationModel(
        model_id=":".join(part for part in (entry["id"], form.get("suffix")) if part),
        without_context=entry["id"],
        name=entry["name"],
        provider=entry["provider"],
        input_modalities=tuple(entry["input_modalities"]),
        output_modalities=tuple(entry["output_modalities"]),
        dialect=entry["dialect"],
        converse=entry["converse"],
        regions=frozenset(entry["regions"]),
        inference_types=tuple(form["inference_types"]),
        inference_profiles=tuple(
            InferenceProfile(each["id"], tuple(each["regions"])) for each in form.get("inference_profiles", ())
        ),
        tunable_in=frozenset(form.get("tunable_in", ())),
        deployable_in=frozenset(form.get("deployable_in", ())),
        lifecycle=LifecycleDates(entry.get("legacy"), entry.get("public_extended_access"), entry.get("end_of_life")),
        recipe=recipe,
        quota_per_output_token=entry.get("quota_per_output_token", 1),
        longest_answer=entry.get("longest_answer"),
        calls_tools=entry.get("calls_tools", True),
        takes_temperature_and_top_p=entry.get("takes_temperature_and_top_p", True),
    )


def _recipe(entry: Entry) -> Recipe:
    documented = entry.get("hyper_parameters")
    return Recipe(
        record_format=entry["record_format"],
        train_records=_range(entry.get("train_records", ())),
        validation_records=_range(entry.get("validation_records", ())),
        total_records=_range(entry.get("total_records", ())),
        max_record_tokens=entry.get("max_record_tokens"),
        max_input_tokens=entry.get("max_input_tokens"),
        max_output_tokens=entry.get("max_output_tokens"),
        reserved_words=tuple(entry.get("reserved_words", ())),
        reserved_in=frozenset(entry.get("reserved_in", ())),
        hyper_parameters=None
        if documented is None
        else {name: _hyper_parameter(value) for name, value in documented.items()},
    )


def _range(bounds: Sequence[int]) -> tuple[int, int | None]:
    """Return a range of records: from one on when none is given, without an end when that is not."""
    at_least, *at_most = bounds or (1,)
    return at_least, at_most[0] if at_most else None


def _hyper_parameter(entry: Entry) -> HyperParameter:
    return HyperParameter(
        kind=entry["kind"],
        minimum=Decimal(entry["range"][0]),
        maximum=Decimal(entry["range"][1]),
        default=Decimal(entry["default"]),
    )
