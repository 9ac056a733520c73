"""From what a command is given to a review."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tune.review.assembly import read, version_of
from tune.review.base import assembly_of, checkout_name, commit_of, synthesize
from tune.review.compare import Review, Stacks, review
from tune.review.observations import Observations
from tune.review.structure import Library
from tune.terminal.folders import ROOT


@dataclass(frozen=True)
class Compared:
    """A review, what it compared, and what one has to know of that."""

    review: Review
    base: str
    head: str
    notes: tuple[str, ...] = ()


def compared(
    base: Path | None,
    head: Path | None,
    since: str | None,
    folder: Path,
    environment: str | None,
    *,
    live: bool = False,
    library: Library | None = None,
) -> Compared:
    """Compare two assemblies; `since` makes the base, and without `head` this checkout is synthesized.

    live: Whether the accounts are asked too.
    library: What compares templates, where it is started before it is needed.

    Raises CannotBeDone for what is no assembly, and for a revision that cannot be synthesized.
    """
    notes: list[str] = []
    told = str(base)
    if since is not None:
        commit = commit_of(since)
        base, notes = assembly_of(commit, folder)
        told = f"{since}@{commit[:12]}"
    if base is None:
        raise AssertionError("the command asks for one of the two")
    with TemporaryDirectory(prefix="bedrock-tuning-review-") as made:
        is_made = head is None
        if head is None:
            head = Path(made) / "out"
            synthesize(ROOT, folder.resolve(), head, name="this checkout")
        notes += _versions(base, head)
        before, after = read(base), read(head)
        there = _observations(before, after, folder, environment) if live else None
        found = review(before, after, environment=environment, live=there, library=library)
        return Compared(found, told, checkout_name() if is_made else str(head), tuple(notes))


def _observations(before: Stacks, after: Stacks, folder: Path, environment: str | None) -> Observations:
    # It loads the clients of AWS, which nothing else here needs.
    from tune.review.live import observations

    return observations(before, after, folder, environment)


def _versions(base: Path, head: Path) -> Iterator[str]:
    """Yield what is to be known of two assemblies that the CDK wrote in different forms."""
    before, after = (version_of(each) for each in (base, head))
    if before != after:
        yield (
            f"the assemblies are of different versions of the CDK ({before} and {after}): what only it changed is "
            "among the updates"
        )
