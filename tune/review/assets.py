"""Permissions on assets of the CDK, which are named by their content: other content is no other permission."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from tune.review.assembly import StackTemplate
from tune.review.grants import Grant, Patterns

_ASSET: Final = re.compile(r"(?<=/)[0-9a-f]{64}(?=\.\w+$)")
_BUCKET: Final = re.compile(r":::cdk-[a-z0-9]+-assets-[^/*?]*/")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def with_assets_of_base(
    old: Sequence[Grant], new: Sequence[Grant], before: StackTemplate | None, after: StackTemplate
) -> list[Grant]:
    """Return the grants of the head; where an asset took the place of one that is gone, with that of the base."""
    gone, come = _assets(old), _assets(new)
    if before is None or not gone or not come or gone == come:
        return list(new)
    there, here = (set(_DIGEST.findall(json.dumps(its.body))) for its in (before, after))
    was, now = _by_rest(old, there - here), _by_rest(new, here - there)
    return [_instead(grant, now.get(_without(grant), []), was.get(_without(grant), [])) for grant in new]


def _by_rest(found: Iterable[Grant], only: set[str]) -> dict[Grant, list[str]]:
    """Return some of the assets by what is the same whichever it is."""
    by_rest: dict[Grant, list[str]] = {}
    for grant in found:
        if (digest := _asset(grant)) in only:
            by_rest.setdefault(_without(grant), []).append(digest)
    return by_rest


def _assets(found: Iterable[Grant]) -> set[str]:
    return {digest for grant in found if (digest := _asset(grant))}


def _asset(grant: Grant) -> str:
    digest = _ASSET.search(str(grant.resource)) if _BUCKET.search(str(grant.resource)) else None
    return digest[0] if digest else ""


def _without(grant: Grant, asset: str = "") -> Grant:
    return replace(grant, resource=Patterns((_ASSET.sub(asset, str(grant.resource)),))) if _asset(grant) else grant


def _instead(grant: Grant, now: Sequence[str], was: Sequence[str]) -> Grant:
    """Return a grant with the asset of the base in whose place its own is, one for one."""
    instead = dict(zip(sorted(set(now)), sorted(set(was)), strict=False))
    return _without(grant, instead[_asset(grant)]) if _asset(grant) in instead else grant
