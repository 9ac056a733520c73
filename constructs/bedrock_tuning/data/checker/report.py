"""What comes out of checking data files: findings, numbers, and what training on the files comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.dataset.rules.limits import CAUTIOUS_CHARACTERS_PER_TOKEN, CHARACTERS_PER_TOKEN

_MILLION: Final = Decimal(1_000_000)

BASIS: Final = (
    "estimated, because no tokenizer of the base models is public: at least one token for every "
    f"{CHARACTERS_PER_TOKEN} characters, the ratio in Bedrock's user guide, and at most one for every "
    f"{CAUTIOUS_CHARACTERS_PER_TOKEN} bytes of text, the ratio of AWS's own validator"
)


@dataclass(frozen=True)
class TokenRange:
    """An estimate of tokens, from the fewest to the most."""

    low: int
    high: int


@dataclass(frozen=True)
class HistogramBucket:
    """How many records are estimated at `min_tokens` to `max_tokens` tokens at most, both inclusive."""

    min_tokens: int
    max_tokens: int
    records: int


@dataclass(frozen=True)
class FileStatistics:
    """The numbers of one file; only records without errors are counted.

    `turns` counts messages, or prompts and completions. `histogram` goes by the higher estimate of a record's tokens,
    and so do `median_tokens` and `max_tokens`; its buckets double. Only the first `compared` records are looked at one
    by one: for `histogram`, `median_tokens` and `duplicates`, the records that say the same as one before them.
    """

    records: int
    turns: int
    characters: int
    tokens: TokenRange
    histogram: tuple[HistogramBucket, ...]
    median_tokens: int
    max_tokens: int
    duplicates: int
    compared: int


@dataclass(frozen=True)
class FileReport(FileFindings):
    """A report on one file of this machine, with what only shows beside the other files.

    `sha256` is empty and `statistics` is None after a structural check, and for a file that could not be read.
    """

    statistics: FileStatistics | None = None


@dataclass(frozen=True)
class FilesReport:
    """The reports on the files of one training."""

    files: Mapping[Split, FileReport]

    @property
    def accepted(self) -> bool:
        return all(report.accepted for report in self.files.values())

    @property
    def error_count(self) -> int:
        return sum(report.error_count for report in self.files.values())

    @property
    def warning_count(self) -> int:
        return sum(report.warning_count for report in self.files.values())


@dataclass(frozen=True)
class TrainingEstimate:
    """How many tokens a training run bills: those of the training data, times the epochs."""

    tokens: TokenRange
    epochs: int
    basis: str = BASIS

    def cost(self, price_per_million_tokens: Decimal) -> tuple[Decimal, Decimal]:
        """Return the least and the most that the training costs at a price that the caller knows."""
        price = price_per_million_tokens / _MILLION
        return self.tokens.low * price, self.tokens.high * price


def training_estimate(statistics: FileStatistics, epochs: int) -> TrainingEstimate:
    """Estimate what a training run on this file bills; raises ValueError for fewer epochs than one."""
    if epochs < 1:
        raise ValueError(f"`epochs` must be 1 or more (got {epochs})")
    tokens = statistics.tokens
    return TrainingEstimate(TokenRange(tokens.low * epochs, tokens.high * epochs), epochs)
