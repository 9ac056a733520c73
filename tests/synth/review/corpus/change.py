"""One change of the corpus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.synth.review.changes import Changes, Stacks
from tune.review.assembly import StackTemplate
from tune.review.findings import CLASSES, ReviewFinding

Edit = Callable[[Stacks], Mapping[str, StackTemplate]]
"""A change of templates that no settings file makes: of constructs, or of an app that uses them."""

_SIGNS: Final = {"will": "", "atMost": "~", "unknown": "?"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change, and the classes of what must be said of it.

    title: What somebody did, as the title of a pull request.
    before, after: What the settings say, beside those of the development environment.
    edit: What is done to the templates afterwards; `edit_base` to those of the base.
    says: The classes, worst first, each once for each certainty: `~` is perhaps, `?` cannot be determined.
    tells: What must stand in what is said: the numbers and names that decide.
    """

    title: str
    before: Changes = ()
    after: Changes = ()
    edit: Edit | None = None
    edit_base: Edit | None = None
    says: str
    tells: tuple[str, ...] = ()


def summary(findings: tuple[ReviewFinding, ...]) -> str:
    """Return the classes of findings as `Change.says` has them, without the updates that do nothing."""
    signs = {(its.finding_class, _SIGNS[its.certainty]) for its in findings if its.finding_class != "changes"}
    return " ".join(f"{name}{sign}" for name, sign in sorted(signs, key=lambda its: (CLASSES.index(its[0]), its[1])))
