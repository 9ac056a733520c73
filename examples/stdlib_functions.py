"""Functions of the running interpreter's standard library, each with the first line of its docstring."""

import ast
import hashlib
import re
import sysconfig
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

MIN_LINES: Final = 3
MAX_LINES: Final = 40
MAX_CHARACTERS: Final = 520  # keeps the committed files small
MIN_SUMMARY: Final = 20
MAX_SUMMARY: Final = 100

# Tests, vendored code and demonstrations do not read like a library.
_LEFT_OUT: Final = frozenset(
    {
        "__pycache__",
        "ensurepip",
        "idlelib",
        "lib2to3",
        "pydoc_data",
        "site-packages",
        "test",
        "tests",
        "turtledemo",
    }
)
# A file with a notice of its own may stand under its own terms; the rest is under the PSF licence.
_NOTICE: Final = re.compile(r"copyright|licen[cs]e", re.IGNORECASE)
# Base models keep such words for themselves (Claude: a line that starts with a speaker; Nova: anywhere).
_RESERVED: Final = re.compile(
    r"human:|user:|bot:|assistant:|system:|thought:|<image>|<video>|<unk>|\[eos\]", re.IGNORECASE
)
_SENTENCE: Final = re.compile(r"[A-Z](?!.*->).*\.")
_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function without its docstring, and the docstring's first line."""

    module: str
    name: str
    source: str
    summary: str

    @property
    def digest(self) -> str:
        """What the function is known by: its text alone, so that it has the same place in every extract."""
        return hashlib.sha256(f"{self.source}\n{self.summary}".encode()).hexdigest()

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def stdlib_root() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def stdlib_functions(root: Path) -> list[Function]:
    """Return the usable functions by digest, without those whose source or summary occurs twice."""
    found: dict[str, Function] = {}
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        if _LEFT_OUT.isdisjoint(relative.parts) and all(map(str.isidentifier, _module_parts(relative))):
            for function in functions_of(".".join(_module_parts(relative)), path.read_bytes()):
                found.setdefault(function.digest, function)
    functions = [found[digest] for digest in sorted(found)]
    # Twins (posixpath and ntpath, say) would put the answer to a test record into the training file.
    return _first_of_each(_first_of_each(functions, "source"), "summary")


def functions_of(module: str, data: bytes) -> Iterator[Function]:
    """Yield the usable functions of one module, methods included, nested functions not."""
    if not data.isascii() or _NOTICE.search(text := data.decode("ascii")) or "\f" in text or "\t" in text:
        return
    lines = text.splitlines()
    for prefix, body in _scopes(ast.parse(data)):
        for node in body:
            if isinstance(node, _FunctionNode):
                function = _function(module, prefix + node.name, node, lines)
                if function is not None and _usable(function):
                    yield function


def _scopes(tree: ast.Module) -> Iterator[tuple[str, list[ast.stmt]]]:
    yield "", tree.body
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield f"{node.name}.", node.body


def _function(module: str, name: str, node: _FunctionNode, lines: list[str]) -> Function | None:
    docstring = ast.get_docstring(node)
    if docstring is None or len(node.body) == 1:
        return None
    summary, _, rest = docstring.partition("\n")
    if rest and not rest.startswith("\n"):
        return None  # the summary runs over several lines
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    rest_of_body = lines[node.body[0].end_lineno : node.end_lineno]
    while rest_of_body and not rest_of_body[0].strip():
        del rest_of_body[0]
    kept = lines[first - 1 : node.body[0].lineno - 1] + rest_of_body
    return Function(module, name, textwrap.dedent("\n".join(kept)), summary.strip())


def _usable(function: Function) -> bool:
    return (
        MIN_LINES <= function.source.count("\n") + 1 <= MAX_LINES
        and len(function.source) <= MAX_CHARACTERS
        and MIN_SUMMARY <= len(function.summary) <= MAX_SUMMARY
        and _SENTENCE.fullmatch(function.summary) is not None
        and not _RESERVED.search(function.source)
        and not _RESERVED.search(function.summary)
        and _parses(function.source)
    )


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False  # a docstring that shares its line with other code
    return True


def _first_of_each(functions: list[Function], field: str) -> list[Function]:
    first: dict[str, Function] = {}
    for function in functions:
        first.setdefault(getattr(function, field), function)
    return list(first.values())


def _module_parts(relative: Path) -> tuple[str, ...]:
    parts = relative.with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts
