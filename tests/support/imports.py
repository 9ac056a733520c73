"""What Python files import, without running them."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the full names of what nodes import; a relative import is an error in this project."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def packages(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the top-level packages that nodes import."""
    return {name.partition(".")[0] for name in imported(nodes)}


def packages_of(path: Path) -> set[str]:
    """Return the top-level packages that a file imports anywhere."""
    return packages(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
