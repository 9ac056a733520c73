"""From what a command is given to a review."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tune.review.assembly import read
from tune.review.base import assembly_of, commit_of, synthesize
from tune.review.compare import Review, Stacks, review
from tune.review.live import observations
from tune.terminal.folders import ROOT


@dataclass(frozen=True)
class Compared:
    """A review, what it compared, and what one has to know of that."""

    review: Review
    base: str
    head: str
    notes: tuple[str, ...] = ()


def compared(
    base: Path | None, head: Path | None, since: str | None, folder: Path, environment: str | None, *, live: bool
) -> Compared:
    """Compare two assemblies; `since` makes the base, and without `head` this checkout is synthesized.

    live: Whether the accounts are asked too.

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
    before = read(base)

    def found(after: Stacks) -> Review:
        there = observations(before, after, folder, environment) if live else None
        return review(before, after, environment=environment, live=there)

    if head is not None:
        return Compared(found(read(head)), told, str(head), tuple(notes))
    with TemporaryDirectory(prefix="bedrock-tuning-review-") as made:
        synthesize(ROOT, folder.resolve(), Path(made) / "out")
        return Compared(found(read(Path(made) / "out")), told, "this checkout", tuple(notes))
