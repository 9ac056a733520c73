"""Every record goes where its own question says, so that it stays there when others come."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_tuning.data.checker.check import SPLITS
from tune.dataset.files import Unusable
from tune.dataset.formats import format_of, other_format
from tune.dataset.output import settle, written
from tune.dataset.progress import progress
from tune.dataset.records import records, wide_limits
from tune.dataset.shares import Shares, identity, out_of_bounds
from tune.dataset.subject import Rules
from tune.terminal.labels import name_of


def split_file(
    source: Path,
    folder: Path,
    shares: Shares,
    *,
    force: bool = False,
    otherwise: RecordFormat = RecordFormat.CONVERSE,
) -> dict[Split, int]:
    """Write train.jsonl and the others into a folder; return how many records went into each.

    The records may be in any of the formats; those of a file that seems to be in none must be in `otherwise`.

    Raises:
        DataRefused: When a line is no record. Nothing is written then.
        Unusable: When a file cannot be read or written, or one of another split would stay beside the new ones.
    """
    limits = wide_limits(format_of(source, otherwise))
    return _write(source, _outputs(folder, shares), shares, limits, force=force)


def _outputs(folder: Path, shares: Shares) -> dict[Split, Path]:
    paths = {each: folder / f"{each}.jsonl" for each in SPLITS}
    for each in SPLITS:
        if each not in shares.splits and paths[each].exists():
            why = "is there from another split and may hold records that are trained on now"
            raise Unusable(f"{name_of(paths[each])} {why}: remove it, or give --{each} as well")
    folder.mkdir(parents=True, exist_ok=True)
    return {each: paths[each] for each in shares.splits}


def _write(
    source: Path, outputs: Mapping[Split, Path], shares: Shares, limits: Limits, *, force: bool
) -> dict[Split, int]:
    counts: Counter[Split] = Counter(dict.fromkeys(outputs, 0))
    with ExitStack() as stack:
        files = {each: stack.enter_context(written(path, source=source, force=force)) for each, path in outputs.items()}
        advance = stack.enter_context(progress(source))
        for record in records(source, limits, advance):
            each = shares.place(identity(record.value))
            files[each].write(record.line + b"\n")
            counts[each] += 1
        for file in files.values():
            settle(file)
    return dict(counts)


def warnings_of(source: Path, counts: Mapping[Split, int], rules: Rules | None) -> Iterator[str]:
    """Yield what is remarkable about a split: of a base model's rules, where there is one."""
    if rules is None:
        yield from (f"{each} has no records" for each, count in counts.items() if not count)
        return
    yield from out_of_bounds(counts, rules)
    if "validation" in counts and rules.unused_validation:
        yield rules.unused_validation
    told = other_format(source, rules)
    if told:
        yield told
