"""TagResource, UntagResource, ListTagsForResource, and the tags that come with a creation."""

from collections.abc import Mapping, Sequence
from typing import Final

from sandbox.bedrock.errors import ServiceError, invalid, not_found
from sandbox.bedrock.operations import sight
from sandbox.bedrock.operations.call import NOTHING, Call, Params, Result

_MAX_TAGS: Final = 50


def checked(tags: Sequence[Mapping[str, str]], resource_name: str) -> dict[str, str]:
    """Return the tags of a request as a dictionary; raise when they are not allowed."""
    result = {tag["key"]: tag["value"] for tag in tags}
    if len(result) < len(tags):
        raise invalid("Duplicate tag keys found")
    if any(key.lower().startswith("aws:") for key in result):
        raise invalid("Tag keys must not begin with aws:")
    _check_number(result, resource_name)
    return result


def tag(call: Call, params: Params) -> Result:
    """TagResource."""
    tags = _tags_of(call, params)
    merged = {**tags, **checked(params["tags"], params["resourceARN"])}
    _check_number(merged, params["resourceARN"])
    tags.update(merged)
    return NOTHING


def untag(call: Call, params: Params) -> Result:
    """UntagResource; a key that is not there is no error."""
    tags = _tags_of(call, params)
    for key in params["tagKeys"]:
        tags.pop(key, None)
    return NOTHING


def list_for_resource(call: Call, params: Params) -> Result:
    """ListTagsForResource."""
    tags = _tags_of(call, params) if sight.has_tags_in_sight(call, params["resourceARN"]) else {}
    return {"tags": [{"key": key, "value": value} for key, value in sorted(tags.items())]}


def _tags_of(call: Call, params: Params) -> dict[str, str]:
    arn = params["resourceARN"]
    tags = call.region.tags.get(arn)
    if tags is None:
        raise not_found(f"The resource {arn} was not found")
    return tags


def _check_number(tags: Mapping[str, str], resource_name: str) -> None:
    if len(tags) > _MAX_TAGS:
        message = f"A resource can have at most {_MAX_TAGS} tags"
        raise ServiceError("TooManyTagsException", message, resourceName=resource_name)
