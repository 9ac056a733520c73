"""Prints the reference of the construct library from its docstrings."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, Unpack, get_args, get_origin, get_overloads, get_type_hints

import bedrock_tuning
from tests.conftest import ROOT

_SECTION: Final = re.compile(r"^(Args|Attributes|Raises):$", re.MULTILINE)
_ENTRY: Final = re.compile(r"^(\w+): ")
# What the CDK itself calls.
_HOOKS: Final = ("validate", "visit")
# What every construct takes first, as everywhere in the CDK.
_EVERYWHERE: Final = ("self", "scope", "construct_id", "_scope", "_construct_id")

Public = type | Callable[..., Any]

HEAD: Final = """\
# The construct library

Made from the docstrings of `constructs/bedrock_tuning`; to renew it: `make snapshots`. Every construct takes a scope
and an id first, everything else by name. How they fit together: [constructs/README.md](../../constructs/README.md).
A model that is trained and served, all at once:

"""


def examples() -> list[str]:
    """Return the examples of constructs/README.md; the first is the shortest way."""
    text = (ROOT / "constructs" / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def page() -> str:
    """Return the whole page."""
    public = [getattr(bedrock_tuning, name) for name in bedrock_tuning.__all__]
    index = "".join(f"- [{each.__name__}](#{each.__name__.lower()}): {_first_sentence(each)}\n" for each in public)
    return f"{HEAD}```python\n{examples()[0]}```\n\n{index}" + "".join(f"\n{reference(each)}" for each in public)


def reference(public: Public) -> str:
    """Return the section of one class or function."""
    text, sections = _with_inherited(public)
    lines = [f"## {public.__name__}", "", text]
    if parameters := list(_parameters(public, sections.get("Args", {}))):
        lines += ["", "| parameter | type | meaning |", "|---|---|---|", *parameters]
    for title in ("Attributes", "Raises"):
        lines += ["", f"{title}:", ""] * bool(sections.get(title))
        lines += [f"- `{name}`: {meaning}" for name, meaning in sections.get(title, {}).items()]
    if methods := dict(_methods(public)):
        lines += ["", "Methods:", "", *(f"- `{call}`: {meaning}" for call, meaning in methods.items())]
    return "\n".join(lines) + "\n"


def undocumented(public: Public) -> set[str]:
    """Return the parameters that a docstring does not speak of, or the other way round."""
    taken = {each.name for each in _signature(public)}
    documented = _with_inherited(public)[1].get("Args", {}).keys()
    return (taken - documented) | (_parsed(public)[1].get("Args", {}).keys() - taken)


def _methods(public: Public) -> Iterator[tuple[str, str]]:
    """Yield how each method of a class is called, and what it does."""
    for each in _lineage(public):
        for name, member in vars(each).items() if each.__module__.startswith("bedrock_tuning.") else ():
            function = inspect.unwrap(getattr(member, "__func__", member))
            if inspect.isfunction(function) and not name.startswith("_") and name not in _HOOKS:
                text, sections = _parsed(function)
                told = "".join(f" `{of}`: {meaning}" for of, meaning in sections.get("Args", {}).items())
                yield f"{name}({_names(function)})", " ".join(text.split()) + told


def _names(function: Callable[..., Any]) -> str:
    """Return the parameters of a function without their types."""
    parameters = inspect.signature(function).parameters.values()
    bare = [each.replace(annotation=each.empty) for each in parameters if each.name not in ("self", "cls")]
    return str(inspect.Signature(bare)).strip("()")


def _first_sentence(public: Public) -> str:
    return re.split(r"(?<=\.)\s", _parsed(public)[0], maxsplit=1)[0].replace("**", "")


def _parameters(public: Public, meanings: dict[str, str]) -> Iterator[str]:
    for parameter in _signature(public):
        kind = inspect.formatannotation(parameter.annotation).replace("|", "\\|").replace("collections.abc.", "")
        kind = re.sub(r"\b(?:\w+\.)+(?=\w)", "", kind)
        kind = re.sub(r"^Optional\[(.*)\]$", r"\1 \\| None", kind)
        yield f"| `{parameter.name}` | `{kind}` | {meanings.get(parameter.name, '').replace('|', '/')} |"


def _signature(public: Public) -> list[inspect.Parameter]:
    own = vars(public).get("__init__") if isinstance(public, type) else public
    if own is None:
        return []
    calls = get_overloads(own) or [own]
    found = [each for call in calls for each in inspect.signature(call).parameters.values()]
    by_name = {each.name: each for it in found if it.name not in _EVERYWHERE for each in _unpacked(it)}
    return list(by_name.values())


def _unpacked(parameter: inspect.Parameter) -> Iterator[inspect.Parameter]:
    """Yield a parameter, or those that a typed dictionary of parameters stands for."""
    if parameter.kind is not parameter.VAR_KEYWORD or get_origin(parameter.annotation) is not Unpack:
        yield parameter
        return
    (shared,) = get_args(parameter.annotation)
    for name, annotation in get_type_hints(shared).items():
        yield inspect.Parameter(name, parameter.KEYWORD_ONLY, annotation=annotation)


def _with_inherited(public: Public) -> tuple[str, dict[str, dict[str, str]]]:
    """Return a class's own text, and its sections with those of the classes of the library that it is one of."""
    sections: dict[str, dict[str, str]] = {}
    for each in _lineage(public):
        if each is public or each.__module__.startswith("bedrock_tuning."):
            for title, entries in _parsed(each)[1].items():
                sections[title] = {**sections.get(title, {}), **entries}
    return _parsed(public)[0], sections


def _lineage(public: Public) -> tuple[Public, ...]:
    """Return a class and what it is one of, the most general first; a function is only itself."""
    return public.__mro__[::-1] if isinstance(public, type) else (public,)


def _parsed(public: object) -> tuple[str, dict[str, dict[str, str]]]:
    """Return the text of a docstring, and its sections by title and entry."""
    text, *rest = _SECTION.split(inspect.getdoc(public) or "")
    sections: dict[str, dict[str, str]] = {}
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        # What is not indented any more is text again.
        indented, *more = re.split(r"\n(?=[^\s])", body, maxsplit=1)
        sections[title] = dict(_entries(indented))
        text += "\n".join(more)
    return text.strip(), sections


def _entries(body: str) -> Iterator[tuple[str, str]]:
    name, words = "", [""]
    for line in inspect.cleandoc(body).splitlines():
        if found := _ENTRY.match(line):
            if name:
                yield name, " ".join(words)
            name, words = found[1], [line[found.end() :].strip()]
        elif line.strip():
            words.append(line.strip())
    if name:
        yield name, " ".join(words)


def everything_public() -> list[Any]:
    """Return what the library exports."""
    return [getattr(bedrock_tuning, name) for name in bedrock_tuning.__all__]
