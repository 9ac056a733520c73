"""`tune dataset split`: every record goes where its own question says, so that it stays there when others come."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data.checker.check import SPLITS
from tune.dataset.arguments import BaseModel, Environment, Force, rules_of
from tune.dataset.endings import endings
from tune.dataset.files import Unusable, name_of
from tune.dataset.formats import format_of, other_format
from tune.dataset.output import settle, written
from tune.dataset.progress import progress
from tune.dataset.records import records, wide_limits
from tune.dataset.shares import Shares, identity, out_of_bounds
from tune.terminal.arguments import Folder
from tune.terminal.environments import DEFAULT_FOLDER

Source = Annotated[Path, typer.Argument(metavar="SOURCE", help="File with all records, in any of the formats.")]
Output = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where train.jsonl and the others go.")]
Validation = Annotated[str, typer.Option("--validation", metavar="PERCENT", help="Share for validation, such as 10%.")]
Test = Annotated[str, typer.Option("--test", metavar="PERCENT", help="Share for testing, such as 5%.")]


@endings(interrupted="Nothing was written.")
def split(
    source: Source,
    output: Output,
    validation: Validation = "0%",
    test: Test = "0%",
    base_model: BaseModel = None,
    environment: Environment = None,
    folder: Folder = DEFAULT_FOLDER,
    force: Force = False,
) -> None:
    """Split a file into train.jsonl, validation.jsonl and test.jsonl.

    Where a record goes is decided by what is asked in it, all before its last
    answer: it stays there when others come or go, and the same question goes
    to the same place whatever the answer. So the shares are met nearly, the
    nearer the more questions there are. Lines are taken over byte by byte.
    With a base model, numbers of records and a format that it does not take
    are told.

    python -m tune dataset split all.jsonl data --validation 10% --test 5%
    """
    try:
        shares = Shares.read(validation=validation, test=test)
    except ValueError as problem:
        raise Unusable(str(problem)) from None
    profile = rules_of(base_model, environment, folder).base_model if base_model or environment else None
    otherwise = RecordFormat(profile.data.format) if profile else RecordFormat.CONVERSE
    counts = split_file(source, output, shares, force=force, otherwise=otherwise)
    for each, count in counts.items():
        typer.echo(f"{name_of(output / f'{each}.jsonl')}: {count:,} records ({count / sum(counts.values()):.1%})")
    for warning in _warnings(source, counts, profile):
        typer.echo(f"warning: {warning}", err=True)


def _warnings(source: Path, counts: Mapping[Split, int], profile: BaseModelProfile | None) -> Iterator[str]:
    if profile is None:
        yield from (f"{each} has no records" for each, count in counts.items() if not count)
        return
    yield from out_of_bounds(counts, profile)
    if "validation" in counts and profile.unused_validation:
        yield profile.unused_validation
    told = other_format(source, profile)
    if told:
        yield told


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
