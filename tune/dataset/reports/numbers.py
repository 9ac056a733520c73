"""The numbers of data files, for people and for tools."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from bedrock_tuning.data.checker import FileStatistics, TokenRange, TrainingEstimate, training_estimate
from tune.dataset.epochs import Passes
from tune.dataset.reports.checked import CheckedFile, Measured

VERSION: Final = 1
_BAR: Final = 40
_OUTLIER: Final = "length-outlier"
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Bill:
    """What a training is estimated to bill: the tokens, who says how many epochs, and the price that was given."""

    estimate: TrainingEstimate
    epochs_source: str
    price_per_million_tokens: Decimal | None = None

    @property
    def cost(self) -> tuple[Decimal, Decimal] | None:
        """The least and the most that it costs, in the currency of the price."""
        price = self.price_per_million_tokens
        return None if price is None else self.estimate.cost(price)


def bill_of(files: Sequence[Measured], epochs: Passes | None, price: Decimal | None) -> Bill | None:
    """Return what a training on the files is estimated to bill; None where that cannot be told."""
    trained = next((each.numbers for each in files if each.file.split == "train"), None)
    if trained is None or not trained.records or epochs is None:
        return None
    return Bill(training_estimate(trained, epochs.count), epochs.source, price)


def lines(files: Sequence[Measured], bill: Bill | None) -> Iterator[str]:
    """Yield the numbers as text."""
    for each in files:
        yield from _file(each.file, each.numbers)
    if bill is None:
        counted = any(each.file.split == "train" and each.numbers.records for each in files)
        why = "the number of epochs is not known, give --epochs" if counted else "no training record can be counted"
        yield f"training    not estimated: {why}"
        return
    tokens = bill.estimate.tokens
    yield f"training    {bill.estimate.epochs} epochs ({bill.epochs_source}): {_range(tokens)} tokens"
    if bill.cost:
        least, most = (each.quantize(_CENT) for each in bill.cost)
        yield f"cost        {least:,} to {most:,}, at {bill.price_per_million_tokens} for a million tokens"
    yield f"basis       {bill.estimate.basis}"


def document(files: Sequence[Measured], bill: Bill | None) -> dict[str, Any]:
    """Return the numbers as one JSON document."""
    return {
        "version": VERSION,
        "files": [_entry(each.file, each.numbers) for each in files],
        "training": None if bill is None else _training(bill),
    }


def _file(file: CheckedFile, numbers: FileStatistics) -> Iterator[str]:
    errors = file.report.error_count
    without = (
        f"; records with errors are not counted ({errors:,} error{'s' * (errors > 1)}: run check)" if errors else ""
    )
    yield f"{file.name}: {numbers.records:,} records, {numbers.turns:,} turns, {file.report.bytes:,} bytes{without}"
    if not numbers.records:
        return
    yield f"  tokens      {_range(numbers.tokens)}"
    yield f"  a record    {numbers.median_tokens:,} tokens in the median, {numbers.max_tokens:,} at most"
    yield f"  duplicates  {numbers.duplicates:,}, among {numbers.compared:,} records compared"
    yield f"  outliers    {file.report.counts.get(_OUTLIER, 0):,} of quite another length{_some_lines(file)}"
    most = max((bucket.records for bucket in numbers.histogram), default=1)
    for bucket in numbers.histogram:
        bar = "█" * -(-bucket.records * _BAR // most)
        yield f"  {bucket.min_tokens:>9,} to {bucket.max_tokens:>9,} tokens  {bucket.records:>9,}  {bar}".rstrip()


def _some_lines(file: CheckedFile) -> str:
    found = [str(finding.line) for finding in file.report.findings if finding.rule == _OUTLIER][:5]
    return f": lines {', '.join(found)}" + " …" * (file.report.counts[_OUTLIER] > len(found)) if found else ""


def _range(tokens: TokenRange) -> str:
    return f"{tokens.low:,} to {tokens.high:,}"


def _entry(file: CheckedFile, numbers: FileStatistics) -> dict[str, Any]:
    return {
        "split": file.split,
        "file": file.name,
        "bytes": file.report.bytes,
        "sha256": file.report.sha256,
        "errors": file.report.error_count,
        "lengthOutliers": file.report.counts.get(_OUTLIER, 0),
        "records": numbers.records,
        "turns": numbers.turns,
        "characters": numbers.characters,
        "tokens": asdict(numbers.tokens),
        "medianTokens": numbers.median_tokens,
        "maxTokens": numbers.max_tokens,
        "duplicates": numbers.duplicates,
        "compared": numbers.compared,
        "histogram": [
            {"minTokens": each.min_tokens, "maxTokens": each.max_tokens, "records": each.records}
            for each in numbers.histogram
        ],
    }


def _training(bill: Bill) -> dict[str, Any]:
    cost = bill.cost and {"low": str(bill.cost[0]), "high": str(bill.cost[1])}
    return {
        "epochs": bill.estimate.epochs,
        "epochsSource": bill.epochs_source,
        "tokens": asdict(bill.estimate.tokens),
        "basis": bill.estimate.basis,
        "pricePerMillionTokens": None if cost is None else str(bill.price_per_million_tokens),
        "cost": cost,
    }
