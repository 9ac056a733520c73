"""What the List operations have in common: filters, order, pages."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import Final, Protocol, TypeVar

from sandbox.bedrock.errors import invalid
from sandbox.bedrock.operations.call import Params

# Used when maxResults is not sent; AWS does not document its own.
_DEFAULT_PAGE: Final = 100


class Listed(Protocol):
    """What can be listed."""

    @property
    def arn(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def created(self) -> datetime: ...


_L = TypeVar("_L", bound=Listed)


def page(resources: Iterable[_L], params: Params) -> tuple[list[_L], str | None]:
    """Return the page that the parameters ask for and the token of the next one.

    Without a sort order the newest comes first. A token names the last resource of the page before it, so that
    resources which come or go in between neither repeat nor hide others.
    """
    found = [each for each in resources if _matches(each, params)]
    descending = params.get("sortOrder", "Descending") == "Descending"
    found.sort(key=lambda each: (each.created, each.arn), reverse=descending)
    start = _start(found, params.get("nextToken"))
    end = start + int(params.get("maxResults", _DEFAULT_PAGE))
    return found[start:end], _token(found[end - 1]) if end < len(found) else None


def _matches(each: Listed, params: Params) -> bool:
    after, before = params.get("creationTimeAfter"), params.get("creationTimeBefore")
    return (
        (after is None or each.created > after)
        and (before is None or each.created < before)
        and params.get("nameContains", "") in each.name
    )


def _start(found: list[_L], token: str | None) -> int:
    if token is None:
        return 0
    for index, each in enumerate(found):
        if each.arn == _arn(token):
            return index + 1
    raise invalid("The nextToken is not valid for this request")


def _token(last: Listed) -> str:
    return base64.urlsafe_b64encode(last.arn.encode()).decode()


def _arn(token: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError):
        return None
