"""What a base model asks of its training and validation data."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bedrock_tuning.base_models.fields import Frozen, QuotaCode, Source

Word = Annotated[str, StringConstraints(pattern=r"\S")]


class Bounds(Frozen):
    """An inclusive range; a side that is absent is not limited by anything documented."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min must not be greater than max")
        return self

    def allow(self, number: int) -> bool:
        """Tell whether a number is within the range."""
        return (self.min or 0) <= number and (self.max is None or number <= self.max)

    def __str__(self) -> str:
        return f"{self.min or 0:,} or more" if self.max is None else f"{self.min or 0:,} to {self.max:,}"


class StricterRecordLimits(Frozen):
    """What another published text asks of the same files: told beside the other bound, and not enforced."""

    train: Bounds = Bounds()
    validation: Bounds = Bounds()
    source: Source


class RecordLimits(Frozen):
    """How many records (lines) the files may hold. `sum` counts training and validation together.

    `sum_quota_code` is the Service Quotas code by which an account can have the sum raised. `stricter` is there where
    published texts disagree.
    """

    train: Bounds = Bounds()
    validation: Bounds = Bounds()
    sum: Bounds = Bounds()
    sum_quota_code: QuotaCode | None = None
    stricter: StricterRecordLimits | None = None


class FileByteLimits(Frozen):
    """How large the files may be, in bytes."""

    train: Bounds = Bounds()
    validation: Bounds = Bounds()


class ReservedWords(Frozen):
    """Words that fail a job when a text of one of the `roles` holds them anywhere, in exactly this case.

    `suspected` are those that only some of the sources name, which are warned of. A word is more than white space:
    every text would hold the empty one.
    """

    words: tuple[Word, ...]
    suspected: tuple[Word, ...] = ()
    roles: tuple[Literal["system", "user", "assistant"], ...]
    source: Source


class DataLimits(Frozen):
    """Format and limits of the data; `model_dump(mode="json")` gives them as plain JSON values.

    `format` names the shape of a record: `messages` (content is text), `converse` (content is a list of
    blocks) or `prompt_completion`. `tokens_per_record` counts everything in one record, `tokens_per_input` what is
    asked in it and `tokens_per_output` what is answered. A limit that is absent is not documented. `text_only` says
    that the model takes no images, videos or documents, `validation` whether a training run uses validation data, and
    `validation_source` where that it does not is from.
    """

    format: Literal["messages", "converse", "prompt_completion"]
    tokens_per_record: Bounds = Bounds()
    tokens_per_input: Bounds = Bounds()
    tokens_per_output: Bounds = Bounds()
    records: RecordLimits = RecordLimits()
    file_bytes: FileByteLimits = FileByteLimits()
    reserved_words: ReservedWords | None = None
    text_only: bool = False
    validation: Literal["used", "not_used"] = "used"
    validation_source: Source | None = None
    source: Source

    @model_validator(mode="after")
    def _check_validation(self) -> Self:
        if (self.validation == "not_used") != (self.validation_source is not None):
            raise ValueError('validation_source must be set if, and only if, validation is "not_used"')
        return self
