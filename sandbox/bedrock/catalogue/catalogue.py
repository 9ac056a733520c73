"""Foundation models by id, as a Region offers them at a time."""

from collections.abc import Mapping
from datetime import datetime

from sandbox.bedrock.catalogue.models import FoundationModel


class Catalogue:
    """Foundation models by id."""

    def __init__(self, models: Mapping[str, FoundationModel]) -> None:
        self._models = dict(models)
        self._profiles = {profile.id: model for model in models.values() for profile in model.inference_profiles}

    def find(self, model_id: str, region: str, now: datetime) -> FoundationModel | None:
        """Return the model when the region has it and it has not reached its end of life."""
        model = self._models.get(model_id)
        if model is None or region not in model.regions or model.lifecycle.is_over(now):
            return None
        return model

    def past(self, model_id: str, region: str, now: datetime) -> FoundationModel | None:
        """Return the model when the region had it until its end of life."""
        model = self._models.get(model_id)
        return model if model and region in model.regions and model.lifecycle.is_over(now) else None

    def by_profile(self, profile_id: str, region: str, now: datetime) -> FoundationModel | None:
        """Return the model that may be asked from the region by the id of an inference profile."""
        model = self._profiles.get(profile_id)
        if model is None or model.lifecycle.is_over(now) or region not in self.profile_regions(profile_id):
            return None
        return model

    def profile_regions(self, profile_id: str) -> tuple[str, ...]:
        """Return the Regions of an inference profile, none if there is no such profile."""
        model = self._profiles.get(profile_id)
        profiles = model.inference_profiles if model else ()
        return next((each.regions for each in profiles if each.id == profile_id), ())

    def available(self, region: str, now: datetime) -> list[FoundationModel]:
        """Return what the region offers, in the order of the ids."""
        found = (self.find(model_id, region, now) for model_id in sorted(self._models))
        return [model for model in found if model is not None]

    def known(self, model_id: str) -> bool:
        """Return whether any region has, or once had, the model."""
        return model_id in self._models
