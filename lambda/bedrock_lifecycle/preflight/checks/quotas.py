"""Quotas: what the account may have, held against what it has and what is asked for."""

from bedrock_lifecycle.preflight.facts import Deployments, Fact, NotChecked, Quota, Units
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict

_NO_UNITS = NotNeeded("no Provisioned Throughput is requested")
_NO_DEPLOYMENT = NotNeeded("no on-demand deployment is requested")


def scheduled_jobs(quota: Fact[Quota], running: Fact[tuple[str, ...]], name: str) -> Verdict:
    """Judge whether one more job may be scheduled.

    Which states count is not documented; counted are jobs in progress, which is what the API calls a queued one too.
    No AWS page has the code of this quota, so its name must say that it is the one.
    """
    if isinstance(running, NotChecked):
        return running
    others = [each for each in running.value if each != name]
    if isinstance(quota, NotChecked):
        return NotChecked(f"{quota.why}; {len(others)} in progress")
    if "customization job" not in quota.value.name.lower():
        return NotChecked(f"quota {quota.value.code} is named {quota.value.name}; {len(others)} in progress")
    if len(others) + 1 <= quota.value.value:
        return Passed(f"{_named(quota.value)}, {len(others)} in progress")
    return Problem(
        f"{_named(quota.value)}, and {len(others)} customization jobs are in progress: deploy again when one has "
        f"ended (aws bedrock list-model-customization-jobs --status-equals InProgress)"
        f"{_or_raise(quota.value, len(others) + 1)}"
    )


def custom_models(quota: Fact[Quota], models: Fact[int], running: Fact[tuple[str, ...]]) -> Verdict:
    """Judge whether the account may have one more custom model: jobs in progress will each make one."""
    if isinstance(quota, NotChecked):
        return quota
    if isinstance(models, NotChecked):
        return models
    coming = 0 if isinstance(running, NotChecked) else len(running.value)
    held = models.value + coming
    if held + 1 <= quota.value.value:
        return Passed(f"{_named(quota.value)}, {held} held or in training")
    return Problem(
        f"{_named(quota.value)}, and {held} custom models are held or in training: delete models that are not needed "
        f"(aws bedrock delete-custom-model){_or_raise(quota.value, held + 1)}"
    )


def units_of_one(units: Units | None) -> Verdict:
    """Judge whether one throughput may have so many model units."""
    if units is None:
        return _NO_UNITS
    if stands := _stands(units):
        return stands
    quota = units.of_one
    if isinstance(quota, NotChecked):
        return quota
    if units.model_units <= quota.value.value:
        return Passed(f"{_named(quota.value)}, {units.model_units} requested")
    return Problem(_units_missing(quota.value, units.model_units, f"{units.model_units} requested"))


def units_without_commitment(units: Units | None) -> Verdict:
    """Judge whether the account may hold so many more model units without commitment, over all custom models."""
    if units is None:
        return _NO_UNITS
    if units.committed:
        return NotNeeded("the purchase has a commitment")
    if stands := _stands(units):
        return stands
    quota, held = units.without_commitment, units.held
    if isinstance(quota, NotChecked):
        return quota
    if isinstance(held, NotChecked):
        return held
    present = sum(each.model_units for each in held.value if each.of_custom_model and not each.committed)
    needed = present + units.model_units
    told = f"{present} in use and {units.model_units} requested"
    if needed <= quota.value.value:
        return Passed(f"{_named(quota.value)}, {told}")
    return Problem(_units_missing(quota.value, needed, told))


def deployments(wanted: Deployments | None) -> Verdict:
    """Judge whether the account may have one more on-demand deployment of a custom model."""
    if wanted is None:
        return _NO_DEPLOYMENT
    if isinstance(wanted.held, NotChecked):
        return wanted.held
    if wanted.deployment_name in wanted.held.value:
        return NotNeeded(f"deployment {wanted.deployment_name} exists")
    if isinstance(wanted.quota, NotChecked):
        return wanted.quota
    held = len(wanted.held.value)
    if held + 1 <= wanted.quota.value.value:
        return Passed(f"{_named(wanted.quota.value)}, {held} in use")
    return Problem(
        f"{_named(wanted.quota.value)}, and {held} deployments of custom models exist: delete one that is not needed "
        f"(aws bedrock delete-custom-model-deployment){_or_raise(wanted.quota.value, held + 1)}"
    )


def _stands(units: Units) -> Verdict | None:
    """Return that nothing is bought, where the throughput exists: a model is moved into it."""
    if isinstance(units.held, NotChecked):
        return None
    exists = any(each.name == units.throughput_name for each in units.held.value)
    return NotNeeded(f"Provisioned Throughput {units.throughput_name} exists") if exists else None


def _units_missing(quota: Quota, needed: int, told: str) -> str:
    return (
        f"{_named(quota)}, {needed} needed ({told}): {_raise(quota, needed)}, or serve without Provisioned Throughput"
    )


def _or_raise(quota: Quota, needed: int) -> str:
    return f", or {_raise(quota, needed)}" if quota.adjustable else ""


def _raise(quota: Quota, needed: int) -> str:
    if quota.adjustable:
        return f"request {needed} in the Service Quotas console under Amazon Bedrock"
    return f"ask AWS Support for {needed} (Service Quotas cannot raise it)"


def _named(quota: Quota) -> str:
    return f"quota {quota.code} ({quota.name}) is {quota.value:g}"
