"""Tables that depend on which base models there are: those of the library, and a team's own."""

from typing import Any

from pydantic import PrivateAttr

from bedrock_tuning.base_models import BaseModels
from settings.fields import known_base_models
from settings.problems import SettingsTable


class KnowsBaseModels(SettingsTable):
    """A table that was read in the light of the base models that there are."""

    _base_models: BaseModels = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        self._base_models = known_base_models(context)

    @property
    def base_models(self) -> BaseModels:
        """The base models that could have been named: those of the library, and the team's own."""
        return self._base_models
