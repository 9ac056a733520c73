"""How the code hangs together, counted from what its files import: `make structure`.

A unit is a file, or a sub-package as one; a layer is a depth of imports between them; an edge is that one unit imports
another; a cycle is a set of units that import each other. Deferred imports count. What is tuned by these numbers is
where a newcomer looks: fewer units at one level, fewer layers, no cycle.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).resolve().parents[1]
# Packages by the source root from which they are imported.
PACKAGES: Final = (
    ("constructs", "bedrock_tuning"),
    ("constructs", "bedrock_tuning/base_models"),
    ("constructs", "bedrock_tuning/data"),
    ("constructs", "bedrock_tuning/data/checker"),
    ("lambda", "bedrock_lifecycle"),
    ("lambda", "bedrock_lifecycle/contract"),
    ("lambda", "bedrock_lifecycle/dataset"),
    ("", "settings"),
    ("", "stacks"),
    ("", "tune"),
    ("", "sandbox"),
)
PRODUCT: Final = ("app.py", "pipeline_access.py", "constructs", "lambda", "sandbox", "settings", "stacks", "tune")


@dataclass(frozen=True)
class Package:
    """One package, and which of its units imports which."""

    name: str
    edges: Mapping[str, frozenset[str]]

    @classmethod
    def read(cls, source_root: str, path: str) -> "Package":
        folder = ROOT / source_root / path
        name = path.replace("/", ".")
        paths = [each for each in sorted(folder.rglob("*.py")) if each != folder / "__init__.py"]
        edges: dict[str, set[str]] = {_unit(each, folder): set() for each in paths}
        for each in paths:
            unit = _unit(each, folder)
            edges[unit] |= {other for other in _imported(each, name) if other in edges and other != unit}
        return cls(name, {unit: frozenset(others) for unit, others in edges.items()})

    @cached_property
    def cycles(self) -> list[set[str]]:
        """The sets of units that reach each other."""
        reached = {unit: self._reached(unit) for unit in self.edges}
        groups = {frozenset(other for other in reached[unit] if unit in reached[other]) for unit in self.edges}
        return [set(group) for group in groups if len(group) > 1]

    @property
    def layers(self) -> int:
        """How deep imports go; a cycle counts as one layer."""
        depths: dict[str, int] = {}

        def depth(unit: str, above: frozenset[str]) -> int:
            if unit not in depths:
                below = [depth(other, above | {unit}) for other in self.edges[unit] if other not in above]
                depths[unit] = 1 + max(below, default=0)
            return depths[unit]

        return max((depth(unit, frozenset()) for unit in self.edges), default=0)

    def _reached(self, unit: str) -> set[str]:
        found, todo = set[str](), [unit]
        while todo:
            for other in self.edges[todo.pop()] - found:
                found.add(other)
                todo.append(other)
        return found


def packages() -> list[Package]:
    """Return every package that is looked at."""
    return [Package.read(source_root, path) for source_root, path in PACKAGES]


def product_files() -> list[Path]:
    """Return the files of the product."""
    found = (ROOT / each for each in PRODUCT)
    return [path for each in found for path in ([each] if each.is_file() else sorted(each.rglob("*.py")))]


def repeated_class_names() -> dict[str, int]:
    """Return the names of public classes that the product uses more than once, and how often."""
    names = Counter(
        node.name
        for path in product_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    return {name: count for name, count in sorted(names.items()) if count > 1}


def main() -> None:
    console = Console()
    table = Table(title="What imports what", title_justify="left")
    for heading in ("package", "units", "layers", "edges", "cycles"):
        table.add_column(heading, justify="left" if heading == "package" else "right")
    every = packages()
    for package in every:
        edges = sum(map(len, package.edges.values()))
        table.add_row(package.name, *map(str, (len(package.edges), package.layers, edges, len(package.cycles))))
    console.print(table)
    files = product_files()
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in files]
    repeated = repeated_class_names()
    console.print(f"product: {len(files):,} files, {sum(lines):,} lines, at most {max(lines)} in one")
    console.print(f"names of public classes that stand more than once: {len(repeated)} ({', '.join(repeated)})")
    sys.exit(1 if any(package.cycles for package in every) else 0)


def _unit(path: Path, folder: Path) -> str:
    return path.relative_to(folder).parts[0].removesuffix(".py")


def _imported(path: Path, package: str) -> Iterator[str]:
    """Yield the units of a package that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith(f"{package}."):
                yield name.removeprefix(f"{package}.").partition(".")[0]


if __name__ == "__main__":
    main()
