"""What a base model accepts of each data file, from its profile."""

from typing import Final

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.limits import EVERY_ROLE, Limits, RecordFormat
from bedrock_tuning.base_models import BaseModelProfile, Bounds
from bedrock_tuning.base_models.data_limits import DataLimits

# Where a base model documents no bound, the largest object that S3 takes is one (Amazon S3 user guide, 5 TB), and
# no file has more records than bytes.
LARGEST_OBJECT_BYTES: Final = 5_000_000_000_000


def limits_of(base_model: BaseModelProfile, split: Split, customization_type: str) -> Limits:
    """Return what a base model accepts of one file; a test file has the validation file's bounds without a minimum."""
    data = base_model.customization(customization_type).data
    records = data.records.train if split == "train" else data.records.validation
    size = data.file_bytes.train if split == "train" else data.file_bytes.validation
    words = data.reserved_words
    return Limits(
        data_format=RecordFormat(data.format),
        min_records=1 if split == "test" else _or(records.min, 1),
        # Alone it cannot have more than both together.
        max_records=_or(records.max, _or(data.records.sum.max, LARGEST_OBJECT_BYTES)),
        max_tokens_per_record=_tokens(data),
        max_file_bytes=_or(size.max, LARGEST_OBJECT_BYTES),
        reserved_words=words.words if words else (),
        reserved_word_roles=words.roles if words else EVERY_ROLE,
        suspected_words=words.suspected if words else (),
        max_input_tokens=data.tokens_per_input.max,
        max_output_tokens=data.tokens_per_output.max,
        text_only=data.text_only,
    )


def record_sum_of(base_model: BaseModelProfile, customization_type: str) -> Bounds:
    """Return how many records training and validation may have together."""
    return base_model.customization(customization_type).data.records.sum


def _tokens(data: DataLimits) -> int:
    if data.tokens_per_record.max is not None:
        return data.tokens_per_record.max
    parts = data.tokens_per_input.max, data.tokens_per_output.max
    return sum(part for part in parts if part is not None) if None not in parts else LARGEST_OBJECT_BYTES


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
