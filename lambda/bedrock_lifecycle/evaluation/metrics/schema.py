"""JSON Schema without a library: a subset that is checked exactly, and everything else refused in words.

The subset means the same in draft 6, draft 7, 2019-09 and 2020-12.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from bedrock_lifecycle.evaluation.metrics.json_text import NotJson, parsed
from bedrock_lifecycle.evaluation.metrics.schema_keywords import KEYWORDS

_DIALECTS: Final = (
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
# They say nothing about which values are valid.
_NOTES: Final = {"$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
_AT_THE_TOP: Final = {"$schema", "$id", "$defs", "definitions"}
_LISTS: Final = ("allOf", "anyOf", "oneOf")
_ONE: Final = ("not", "items", "additionalProperties")
_SUBSCHEMAS: Final = {*_LISTS, *_ONE, "properties"}
_ALLOWED: Final = sorted({*KEYWORDS, *_SUBSCHEMAS, *_NOTES, "$ref"})
_INSTEAD: Final = {
    "pattern": "regular expressions differ between languages and some never end: use enum, minLength or maxLength",
    "format": "most validators do not check it either: remove it",
    "prefixItems": "use an object with a property for each item",
    **dict.fromkeys(_AT_THE_TOP, "move it to the top of the schema"),
}
# Which arguments each keyword takes, and that in words.
_TAKES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    **{name: (keyword.takes, keyword.says) for name, keyword in KEYWORDS.items()},
    **dict.fromkeys(_LISTS, (lambda argument: isinstance(argument, list) and bool(argument), "a list of schemas")),
    "properties": (lambda argument: isinstance(argument, dict), "an object of schemas"),
}


class UnsupportedSchema(ValueError):
    """A schema is wrong or asks for what is not checked; it says all that there is, one line each."""


class Schema:
    """A JSON Schema that is checked completely."""

    def __init__(self, text: str) -> None:
        """Read it from its text; `UnsupportedSchema` if any part of it would not be checked."""
        try:
            document = parsed(text)
        except NotJson as error:
            raise UnsupportedSchema(f"the schema {error}") from None
        self._document = document
        self._definitions = {"#": document, **_definitions(document)}
        problems = [*_problems_at_the_top(document), *_problems_of_all(self._definitions)]
        if problems := problems or list(_circles(self._definitions)):
            raise UnsupportedSchema("\n".join(problems))

    def accepts(self, value: Any) -> bool:
        """Tell whether a value that was read by `json_text.parsed` is valid."""
        # Each pair is looked at once: alternatives that recurse would double the work with every level.
        known: dict[tuple[int, int], bool] = {}
        # A list in place of calls in calls: no answer is nested too deep for it.
        begun = [((id(value), id(self._document)), _looking(value, self._document, self._definitions))]
        is_valid: bool | None = None
        while begun:
            pair, looking = begun[-1]
            try:
                part, schema = looking.send(is_valid)
            except StopIteration as end:
                known[pair] = is_valid = end.value
                begun.pop()
                continue
            asked = id(part), id(schema)
            is_valid = known.get(asked)
            if is_valid is None:
                begun.append((asked, _looking(part, schema, self._definitions)))
        return bool(is_valid)


Looking = Generator[tuple[Any, Any], Any, bool]
"""Yields values and schemas, is told of each whether it is valid, and returns that of its own."""


def _looking(value: Any, schema: Any, definitions: Mapping[str, Any]) -> Looking:
    if isinstance(schema, bool):
        return schema
    for keyword, argument in schema.items():
        if keyword in KEYWORDS:
            holds = KEYWORDS[keyword].holds(value, argument)
        else:
            holds = yield from _combining(keyword, argument, value, definitions)
        if not holds:
            return False
    for part, its in _inside(value, schema):
        if not (yield part, its):
            return False
    return True


def _combining(keyword: str, argument: Any, value: Any, definitions: Mapping[str, Any]) -> Looking:
    """Look at the schemas that a keyword has for the value itself; any other keyword says nothing here."""
    if keyword == "$ref":
        schemas = [definitions[argument]]
    else:
        schemas = argument if keyword in _LISTS else [argument] if keyword == "not" else []
    accepted = 0
    for each in schemas:
        accepted += yield value, each
    if keyword in ("anyOf", "oneOf"):
        return accepted == 1 if keyword == "oneOf" else accepted > 0
    return accepted == (0 if keyword == "not" else len(schemas))


def _inside(value: Any, schema: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield what is in a value, each with its schema."""
    if isinstance(value, list):
        yield from ((item, schema.get("items", True)) for item in value)
    if isinstance(value, dict):
        others = schema.get("additionalProperties", True)
        named = schema.get("properties", {})
        yield from ((item, named.get(name, others)) for name, item in value.items())


def _definitions(document: Any) -> dict[str, Any]:
    """Return the schemas that references can name."""
    top = document if isinstance(document, dict) else {}
    return {
        f"#/{folder}/{name}": schema
        for folder in ("$defs", "definitions")
        if isinstance(top.get(folder), dict)
        for name, schema in top[folder].items()
    }


def _problems_at_the_top(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        return
    dialect = document.get("$schema", _DIALECTS[-1])
    if not isinstance(dialect, str) or dialect.removesuffix("#") not in _DIALECTS:
        yield f"#: $schema: must be any of {', '.join(_DIALECTS)} (got {dialect!r})"
    for folder in ("$defs", "definitions"):
        if not isinstance(document.get(folder, {}), dict):
            yield f"#: {folder}: must be an object of schemas (got {document[folder]!r})"


def _problems_of_all(definitions: Mapping[str, Any]) -> Iterator[str]:
    for place, schema in definitions.items():
        yield from _problems(place, schema, definitions)


def _problems(place: str, schema: Any, definitions: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield f"{place}: must be a schema: an object, true or false (got {schema!r})"
        return
    for keyword, argument in schema.items():
        if place != "#" or keyword not in _AT_THE_TOP:
            yield from (f"{place}: {problem}" for problem in _problems_of(keyword, argument, schema, definitions))
    for below, inside in _subschemas(place, schema):
        yield from _problems(below, inside, definitions)


def _problems_of(
    keyword: str, argument: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Iterator[str]:
    if keyword == "$ref":
        yield from _problems_of_reference(argument, schema, definitions)
    elif keyword in _TAKES:
        takes, says = _TAKES[keyword]
        if not takes(argument):
            yield f"{keyword}: must be {says} (got {argument!r})"
    elif keyword not in {*_ONE, *_NOTES}:
        instead = _INSTEAD.get(keyword, f"checked are {', '.join(_ALLOWED)}")
        yield f"{keyword}: is not checked here; {instead}"


def _problems_of_reference(argument: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    if argument not in list(definitions):
        yield f"$ref: must be any of {', '.join(definitions)}: of the schemas at the top (got {argument!r})"
    # Up to draft 7 they mean nothing, and later they count.
    if beside := sorted(schema.keys() - _NOTES - _AT_THE_TOP - {"$ref"}):
        yield f"$ref: must not have other keywords beside it; move them into allOf (got {', '.join(beside)})"


def _subschemas(place: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for keyword, argument in schema.items():
        if keyword in _ONE:
            yield f"{place}/{keyword}", argument
        elif keyword in _LISTS and isinstance(argument, list):
            yield from ((f"{place}/{keyword}/{number}", each) for number, each in enumerate(argument))
        elif keyword == "properties" and isinstance(argument, dict):
            yield from ((f"{place}/{keyword}/{name}", each) for name, each in argument.items())


def _circles(definitions: Mapping[str, Any]) -> Iterator[str]:
    """Yield a definition that needs itself for the same value, for which no answer would ever end."""
    try:
        TopologicalSorter({name: set(_same_value(schema)) for name, schema in definitions.items()}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        yield f"{circle[0]}: $ref: must not come back to itself for the same value (got {' to '.join(circle)})"


def _same_value(schema: Any) -> Iterator[str]:
    """Yield the references that are about the value itself, not about what is in it."""
    if isinstance(schema, bool):
        return
    if "$ref" in schema:
        yield schema["$ref"]
    for each in (*(each for keyword in _LISTS for each in schema.get(keyword, ())), schema.get("not", True)):
        yield from _same_value(each)
