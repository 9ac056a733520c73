"""The datasets of a job: the files, their records, and the limits of the base model on them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.bedrock.catalogue.models import Recipe
from sandbox.bedrock.training.records import BadRecord, Example, read_record


class BadDataset(Exception):
    """A dataset breaks a rule of its base model; the message names file, line and rule, never content."""


@dataclass(frozen=True)
class TrainingData:
    """What a job trains on, checked. `tokens` are those of one epoch."""

    examples: tuple[Example, ...]
    validation_records: int
    tokens: int
    digest: str


def load(recipe: Recipe, train_uri: str, validation_uris: Sequence[str], read: Callable[[str], bytes]) -> TrainingData:
    """Read and check a job's datasets; raise `BadDataset`, or what `read` raises."""
    digest = hashlib.sha256()
    train = _load_file(recipe, train_uri, read, digest.update)
    validation = sum(len(_load_file(recipe, uri, read, digest.update)) for uri in validation_uris)
    _check_count("the training dataset holds", len(train), recipe.train_records)
    if validation_uris:
        _check_count("the validation dataset holds", validation, recipe.validation_records)
    _check_count("the datasets hold together", len(train) + validation, recipe.total_records)
    return TrainingData(tuple(train), validation, sum(each.tokens for each in train), digest.hexdigest())


def _load_file(
    recipe: Recipe, uri: str, read: Callable[[str], bytes], update_digest: Callable[[bytes], object]
) -> list[Example]:
    if not uri.endswith(".jsonl"):
        raise BadDataset(f"{uri}: the file name must end in .jsonl")
    body = read(uri)
    update_digest(hashlib.sha256(body).digest())
    try:
        lines = body.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise BadDataset(f"{uri}: the file is not UTF-8") from None
    if lines[-1] == "":
        lines.pop()
    return [_load_line(recipe, uri, number, line) for number, line in enumerate(lines, start=1)]


def _load_line(recipe: Recipe, uri: str, number: int, line: str) -> Example:
    try:
        example = read_record(line, recipe)
    except BadRecord as error:
        raise BadDataset(f"{uri}: line {number}: {error}") from None
    if recipe.max_record_tokens is not None and example.tokens > recipe.max_record_tokens:
        msg = (
            f"{uri}: line {number}: the record has about {example.tokens} tokens, "
            f"at most {recipe.max_record_tokens} are allowed"
        )
        raise BadDataset(msg)
    return example


def _check_count(holds: str, count: int, bounds: tuple[int, int | None]) -> None:
    at_least, at_most = bounds
    if count < at_least or (at_most is not None and count > at_most):
        required = f"at least {at_least}" if at_most is None else f"between {at_least} and {at_most}"
        raise BadDataset(f"{holds} {count} records, {required} are required")
