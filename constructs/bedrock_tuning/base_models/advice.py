"""What to say when a base model cannot be had: why, with its source, and which others can."""

import datetime as dt
from collections.abc import Sequence
from typing import assert_never

from bedrock_tuning.base_models.profile import BaseModelProfile, ServingMode
from bedrock_tuning.base_models.registry import BaseModels


class BaseModelAdvice:
    """Words about base models in one Region on one day; by the dates in the profiles, which Bedrock may overtake.

    Args:
        base_models: The base models that can be proposed.
        region: The Region that is meant, or None when it is not known.
        today: The day that counts as today.
    """

    def __init__(self, base_models: BaseModels, region: str | None, today: dt.date) -> None:
        self._base_models = base_models
        self._region = region
        self._today = today

    def lifecycle(self, profile: BaseModelProfile) -> str | None:
        """Return what has passed in the base model's life, or None while nothing known has."""
        lifecycle = profile.lifecycle
        passed = lifecycle.passed(self._today) if lifecycle else None
        if not lifecycle or not passed:
            return None
        why = f"base model {profile.id} {passed.says} ({_pages(lifecycle.source)})"
        return f"{why}; before a job is created Bedrock is asked, and its answer decides; {self._others(profile)}"

    def region(self, profile: BaseModelProfile) -> str | None:
        """Return why the base model cannot be tuned in the Region, or None when it can, or the Region is not known."""
        if self._region is None or self._region in profile.regions:
            return None
        why = f"{profile.name} cannot be tuned in Region {self._region} ({_pages(profile.regions_source)})"
        if not profile.regions:
            return f"{why}, and AWS no longer lists a Region for it; choose another base model; {self._others(profile)}"
        theirs = ", ".join(profile.regions)
        if self._tunable(self._region, profile, None):
            return f"{why}; choose Region {theirs}, or another base model; {self._others(profile)}"
        return f"{why}; choose Region {theirs}, or another Region and base model; {self._others(profile)}"

    def serving_mode(self, profile: BaseModelProfile, mode: ServingMode) -> str | None:
        """Return why a model tuned from the base model cannot be served in a mode, or None when it can.

        The text goes on where a message has named the mode.
        """
        if mode in profile.serving_modes:
            match mode:
                case "on_demand":
                    return self._deployable(profile)
                case "provisioned_throughput":  # `purchase_region` says what is doubtful about it
                    return None
                case _:
                    assert_never(mode)
        modes = ", ".join(profile.serving_modes)
        served = f"which is served by {modes}" if modes else "and how it is served is not documented"
        why = f"is not documented for {profile.name}, {served}"
        return f"{why}; choose {modes or 'no way to serve'}, or another base model; {self._others(profile, mode)}"

    def purchase_region(self, profile: BaseModelProfile) -> str | None:
        """Return why it is doubtful that a Provisioned Throughput can be bought in the Region, or None when it is not.

        The pages on where contradict each other for copied models, so Bedrock is left to refuse.
        """
        purchase = profile.serving.provisioned_throughput
        if purchase is None or (known := self._listed_elsewhere(purchase.regions)) is None:
            return None
        listed = f"no page lists Provisioned Throughput of {profile.name} in {self._region} ({_pages(purchase.source)})"
        return f"{listed}, only in {', '.join(known)}; Bedrock may refuse the purchase, before anything is billed"

    def _deployable(self, profile: BaseModelProfile) -> str | None:
        on_demand = profile.serving.on_demand
        if on_demand is None or (known := self._listed_elsewhere(on_demand.regions)) is None:
            return None
        why = f"is not offered for {profile.name} in {self._region} ({_pages(on_demand.source)})"
        return f"{why}; choose Region {', '.join(known)}, or another way to serve"

    def _listed_elsewhere(self, regions: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Return the Regions that pages list when this one is not among them, or None."""
        return None if regions is None or self._region is None or self._region in regions else regions

    def _others(self, than: BaseModelProfile, mode: ServingMode | None = None) -> str:
        """Return which others can be tuned, and served in a mode: in the Region, or else in which other ones."""
        can = "can be tuned" if mode is None else f"can be tuned and served by {mode}"
        if self._region and (here := self._tunable(self._region, than, mode)):
            return f"base models that {can} in {self._region}: {', '.join(here)}"
        regions = sorted({region for profile in self._base_models for region in profile.regions} - {self._region})
        found = [f"{region} has {', '.join(ids)}" for region in regions if (ids := self._tunable(region, than, mode))]
        elsewhere = "; ".join(found) or "none in any Region"
        if self._region is None:
            return f"other base models that {can}: {elsewhere}"
        return f"no other base model {can} in {self._region}; elsewhere: {elsewhere}"

    def _tunable(self, region: str, than: BaseModelProfile, mode: ServingMode | None) -> list[str]:
        there = (each for each in self._base_models.tunable(region, self._today) if each.id != than.id)
        return [each.id for each in there if mode is None or mode in each.serving_modes]


def _pages(source: Sequence[str]) -> str:
    return f"source: {', '.join(source)}"
