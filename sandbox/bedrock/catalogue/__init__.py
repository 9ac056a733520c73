"""The foundation models that the simulation knows, read from the TOML files beside this module."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from sandbox.bedrock.catalogue.models import (
    FINE_TUNING,
    ON_DEMAND,
    PROVISIONED,
    FoundationModel,
    HyperParameter,
    Lifecycle,
    Recipe,
)

__all__ = [
    "FINE_TUNING",
    "ON_DEMAND",
    "PROVISIONED",
    "Catalogue",
    "FoundationModel",
    "HyperParameter",
    "Lifecycle",
    "Recipe",
    "load_catalogue",
]


class Catalogue:
    """Foundation models by id."""

    def __init__(self, models: Mapping[str, FoundationModel]) -> None:
        self._models = dict(models)

    def find(self, model_id: str, region: str, now: datetime) -> FoundationModel | None:
        """Return the model when the region has it and it has not reached its end of life."""
        model = self._models.get(model_id)
        if model is None or region not in model.regions or model.lifecycle.is_over(now):
            return None
        return model

    def available(self, region: str, now: datetime) -> list[FoundationModel]:
        """Return what the region offers, in the order of the ids."""
        found = (self.find(model_id, region, now) for model_id in sorted(self._models))
        return [model for model in found if model is not None]

    def known(self, model_id: str) -> bool:
        """Return whether any region has, or once had, the model."""
        return model_id in self._models


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that comes with the simulation."""
    models: dict[str, FoundationModel] = {}
    for source in files(__package__).iterdir():
        if source.name.endswith(".toml"):
            for entry in tomllib.loads(source.read_text("utf-8"), parse_float=Decimal)["models"]:
                models.update((model.model_id, model) for model in _models(entry))
    return Catalogue(models)


def _models(entry: Mapping[str, Any]) -> list[FoundationModel]:
    forms = [{"inference_types": entry["inference_types"]}, *entry["variants"]]
    recipe = _recipe(entry["recipe"])
    return [
        FoundationModel(
            model_id=":".join(part for part in (entry["id"], form.get("suffix")) if part),
            name=entry["name"],
            provider=entry["provider"],
            input_modalities=tuple(entry["input_modalities"]),
            output_modalities=tuple(entry["output_modalities"]),
            dialect=entry["dialect"],
            regions=frozenset(entry["regions"]),
            inference_types=tuple(form["inference_types"]),
            tunable_in=frozenset(form.get("tunable_in", ())),
            lifecycle=Lifecycle(entry.get("legacy"), entry.get("public_extended_access"), entry.get("end_of_life")),
            recipe=recipe,
        )
        for form in forms
    ]


def _recipe(entry: Mapping[str, Any]) -> Recipe:
    return Recipe(
        record_format=entry["record_format"],
        train_records=tuple(entry["train_records"]),
        validation_records=tuple(entry["validation_records"]),
        max_total_records=entry["max_total_records"],
        max_record_tokens=entry["max_record_tokens"],
        hyper_parameters={
            name: HyperParameter(
                kind=values["kind"],
                minimum=Decimal(values["range"][0]),
                maximum=Decimal(values["range"][1]),
                default=Decimal(values["default"]),
            )
            for name, values in entry["hyper_parameters"].items()
        },
    )
