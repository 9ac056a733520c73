"""The environments whose models another one serves: where they are, and why some cannot give any."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bedrock_tuning.common.messages import shown
from settings.folder import environment_file, environment_names
from settings.location import EnvironmentLocation, locate
from settings.problems import SettingsError
from settings.stack_names import stack_name
from settings.toml_file import read_toml, table

_PLACE: Final = "allow.promote_from"


def named_givers(folder: Path, environment: str) -> list[str]:
    """Return the environments that promote_from names, right or wrong."""
    named = table(read_toml(environment_file(folder, environment)), "allow").get("promote_from")
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def giving_environments(
    folder: Path, environment: str, document: Mapping[str, Any]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the Foundation stacks of the environments in promote_from, by their names; and what is wrong with others.

    Of their files only account, Region and names are read: a model of theirs that is wrong is no business of this one.
    """
    named = table(document, "allow").get("promote_from")
    found: dict[str, str] = {}
    refused: list[tuple[str, str]] = []
    for giver in named if isinstance(named, list) else []:
        if not isinstance(giver, str):  # refused where it is
            continue
        try:
            where = _locate(folder, environment, giver)
            _check_place(where, environment, document)
        except ValueError as why:
            refused.append((_PLACE, str(why)))
        else:
            found[giver] = stack_name(where.stack_prefix, giver, "Foundation")
    return found, refused


def key_that_may_not_be_used(
    folder: Path, document: Mapping[str, Any], beside: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the key of a promoted model, where it is the giving environment's own and this one does not name it.

    The roles here may use what carries the tag of the giving Foundation, which no key of your own does.
    """
    promotion = table(document, "promotion")
    giver, key_arn = promotion.get("from"), promotion.get("kms_key_arn")
    named = table(beside, "allow").get("model_key_arns", [])
    own = table(beside, "organization").get("key_arn")
    if not isinstance(giver, str) or not isinstance(key_arn, str) or key_arn == own:
        return
    if isinstance(named, list) and key_arn in named:
        return
    if giver in environment_names(folder) and _own_key(folder, giver) == key_arn:
        why = f"is key_arn of [organization] in {giver}, and the roles of this environment may not use it"
        advice = f'write under [allow] of environment.toml model_key_arns = ["{key_arn}"], and deploy Foundation'
        yield "promotion.kms_key_arn", f"{why} (got {shown(key_arn)}); {advice}"


def _own_key(folder: Path, environment: str) -> object:
    try:
        return table(read_toml(environment_file(folder, environment)), "organization").get("key_arn")
    except SettingsError:
        return None  # told where that file is loaded


def _locate(folder: Path, environment: str, giver: str) -> EnvironmentLocation:
    others = [name for name in environment_names(folder) if name != environment]
    if giver not in others:
        there = f"there are: {', '.join(others)}" if others else "there are none"
        if giver == environment:
            raise ValueError(f"must name other environments than its own (got {shown(giver)}); {there}: remove it")
        raise ValueError(
            f"must name environments that exist (got {shown(giver)}); besides {environment} {there}: add a folder "
            f"{giver} with an environment.toml, or remove {shown(giver)}"
        )
    try:
        return locate(folder, giver)
    except SettingsError:
        raise ValueError(
            f"names {giver}, whose environment.toml does not say where it is; correct account and region there"
        ) from None


def _check_place(where: EnvironmentLocation, environment: str, document: Mapping[str, Any]) -> None:
    for key, theirs in (("account", where.account), ("region", where.region)):
        if isinstance(document.get(key), str) and theirs != document[key]:
            raise ValueError(
                f"must be of {key} {shown(document[key])}, as this environment (got {where.name} of {shown(theirs)}), "
                f"since models are neither copied nor shared; remove {where.name}, and train again, which you pay for: "
                f"python -m tune promote {where.name} {environment} --again"
            )
