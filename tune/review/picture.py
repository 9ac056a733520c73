"""A picture of the stacks with what changes: a flowchart that hosts draw from the text of a comment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tune.review.compare import Review, StackReview
from tune.review.findings import CLASSES, NOUNS, FindingClass, ReviewFinding
from tune.terminal.counting import counted
from tune.terminal.escaped import label

MOST_STACKS: Final = 12
_MOST_OF_A_NAME: Final = 60
_SEVERE: Final = ("buys", "deletes", "stays", "shares", "widens", "refused")
# Lines only, no colors of areas: the host's own have the contrast, light and dark.
_STYLES: Final = ("classDef severe stroke:#d1242f,stroke-width:3px", "classDef gone stroke-dasharray:4")


def picture(review: Review) -> list[str]:
    """Return the lines of a Mermaid flowchart, of the stacks with the worst findings; none where no stack changes."""
    if not review.stacks:
        return []
    by_stack = {(its.environment, its.id): _classes(review.findings, its) for its in review.stacks}
    worst = sorted(review.stacks, key=lambda its: _rank(by_stack[its.environment, its.id]))
    chosen = set(worst[:MOST_STACKS])
    names = {its: f"s{number}" for number, its in enumerate(each for each in review.stacks if each in chosen)}
    lines = ["flowchart TB"]
    for number, environment in enumerate(dict.fromkeys(its.environment for its in names)):
        lines.append(f'  subgraph e{number}["{_name(environment)}"]')
        lines.append("    direction LR")
        for its, name in names.items():
            if its.environment == environment:
                lines.append(_box(its, name, by_stack[its.environment, its.id]))
        lines.append("  end")
    if left_out := len(review.stacks) - len(names):
        lines.append(f'  more["{counted(left_out, "changed stack")} more"]')
    return [*lines, *_arrows(names), *(f"  {each}" for each in _STYLES)]


def _classes(findings: Sequence[ReviewFinding], stack: StackReview) -> dict[FindingClass, int]:
    """Return how many findings of each class a stack has, the worst first."""
    found = [its.finding_class for its in findings if (its.environment, its.stack) == (stack.environment, stack.id)]
    return {each: found.count(each) for each in CLASSES if each in found}


def _rank(classes: Iterable[FindingClass]) -> list[int]:
    """Return what sorts the worst first, and of two alike that with more."""
    return [*map(CLASSES.index, classes), len(CLASSES)]


def _box(its: StackReview, name: str, classes: Mapping[FindingClass, int]) -> str:
    counts = ", ".join(f"{number} {verb}" for verb, number in its.counts.items())
    found = ", ".join(counted(number, NOUNS[each]) for each, number in classes.items() if each != "changes")
    told = "<br/>".join(filter(None, (_name(its.id), f"{its.state}{f': {counts}' if counts else ''}", found)))
    style = "gone" if its.state == "gone" else "severe" if any(each in _SEVERE for each in classes) else ""
    return f'    {name}["{told}"]{f":::{style}" if style else ""}'


def _arrows(names: Mapping[StackReview, str]) -> Iterator[str]:
    """Yield an arrow from each stack to those that are deployed after it: Foundation first, Serving last."""
    by_place = {(its.environment, its.id): name for its, name in names.items()}
    for its, name in names.items():
        model, _, kind = its.id.rpartition("-") if "/" not in its.id else ("", "", "")  # an application's is alone
        of_model = [f"{model}-Training", f"{model}-Promotion"] if kind == "Serving" else []
        earlier = [*of_model, "Foundation"] if model else []
        before = next(
            (by_place[its.environment, each] for each in earlier if (its.environment, each) in by_place), None
        )
        if before:
            yield f"  {before} --> {name}"


def _name(text: str) -> str:
    return label(text[:_MOST_OF_A_NAME])
