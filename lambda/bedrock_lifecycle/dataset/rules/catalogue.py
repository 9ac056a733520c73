"""Every rule that a dataset can break: its id, its level, the reason for it, and its source.

An error is what a standard or a written text of AWS or Anthropic forbids. A warning is what nobody is known to forbid:
a habit that costs quality, or a case of which it is not established what Bedrock does with it. Warnings never fail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Level(StrEnum):
    """What a finding means for the file: an error refuses it, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Rule:
    """A rule by its stable id. `source` names the text that it comes from."""

    id: str
    level: Level
    reason: str
    source: str


_JSON: Final = "RFC 8259 (JSON)"
_I_JSON: Final = "RFC 7493 (I-JSON)"
_LINES: Final = "https://jsonlines.org"
_PREPARE: Final = "https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-prepare.html"
_NOVA: Final = "https://docs.aws.amazon.com/nova/latest/userguide/fine-tune-prepare-data-understanding.html"
_COOKBOOK: Final = "https://github.com/anthropics/claude-cookbooks (finetuning on Bedrock)"
_VALIDATORS: Final = "https://github.com/aws-samples/amazon-bedrock-samples (custom models, validators)"
_TOOLS: Final = (
    "https://github.com/aws-samples/amazon-nova-samples (nova_ft_dataset_validator.py), "
    "https://github.com/aws/nova-forge-sdk (dataset_checks_config.py)"
)
_PROFILE: Final = "the base model's profile, which names its page"
_BLANK: Final = (
    "what the APIs refuse: Messages (https://github.com/anthropics/claude-code/issues/23440), "
    "Converse (https://github.com/boto/botocore/issues/3525)"
)
_OURS: Final = "this project: what Bedrock does is not established"
_QUALITY: Final = "this project: good for training, not a rule of Bedrock"


def _errors() -> dict[str, tuple[str, str]]:
    return {
        "file-unreadable": ("A file that cannot be read to its end cannot be checked.", "this project"),
        "file-kind": ("The data must be lines of JSON in UTF-8, uncompressed.", _PREPARE),
        "other-shape": ("Most records have the shape of another format than the base model's.", _PREPARE),
        "file-size": ("Every base model limits the size of its files.", _PROFILE),
        "file-changed": ("A file that changes while it is read has not been checked.", "this project"),
        "same-file": ("Validation and test data say nothing if they are the training data.", _PREPARE),
        "record-count": ("Every base model limits the number of records.", _PROFILE),
        "record-sum": ("A separate limit applies to training and validation records together.", _PROFILE),
        "byte-order-mark": ("JSON text must not begin with a byte order mark.", f"{_JSON}, section 8.1"),
        "blank-line": ("Every line of JSON Lines is a JSON value.", _LINES),
        "line-length": ("A line longer than the longest possible record is not checked.", "this project"),
        "utf-8": ("JSON text is encoded in UTF-8.", f"{_JSON}, section 8.1"),
        "json": ("Every line is one complete JSON text.", _JSON),
        "json-constant": ("NaN and Infinity are not JSON numbers.", f"{_JSON}, section 6"),
        "json-nesting": ("A record is nested five levels deep; more than 64 levels are not read.", "this project"),
        "duplicate-key": (
            "If a key appears twice, readers disagree about its value.",
            f"{_JSON}, section 4; {_I_JSON}",
        ),
        "unicode": ("Half of a surrogate pair is not a character.", f"{_JSON}, section 8.2; {_I_JSON}"),
        "record": ("A record is an object.", _PREPARE),
        "missing-key": ("The format requires this key.", _PREPARE),
        "unknown-key": ("Claude's format has no other keys.", f"{_COOKBOOK}; {_VALIDATORS}"),
        "text": ("Texts are strings.", _PREPARE),
        "empty-text": ("A message must not be empty.", _BLANK),
        "messages": ("Messages are a list.", _PREPARE),
        "message": ("A message is an object.", _PREPARE),
        "message-count": ("A conversation has a question and an answer.", f"{_COOKBOOK}; {_VALIDATORS}"),
        "role": ("Only the user and the assistant speak.", f"{_COOKBOOK}; {_VALIDATORS}"),
        "first-role": ("A conversation starts with the user.", f"{_COOKBOOK}; {_VALIDATORS}"),
        "role-alternation": ("User and assistant take turns.", f"{_COOKBOOK}; {_VALIDATORS}"),
        "last-role": ("The model learns from the last answer.", f"{_COOKBOOK}; {_VALIDATORS}"),
        "blocks": ("System and content are lists of blocks.", _NOVA),
        "block": ("A block is an object with text; images, videos and tools are not checked here.", _NOVA),
        "schema-version": ("The schema version is a string, any string.", _NOVA),
        "reserved-word": ("The base model reserves these words for itself.", _PROFILE),
        "record-length": ("Every base model limits the tokens of a record.", f"{_PROFILE}; ratio: {_PREPARE}"),
        "input-length": ("This base model limits the tokens of the input.", f"{_PROFILE}; ratio: {_PREPARE}"),
        "output-length": ("This base model limits the tokens of the answer.", f"{_PROFILE}; ratio: {_PREPARE}"),
    }


def _warnings() -> dict[str, tuple[str, str]]:
    cautious = f"ratio: {_VALIDATORS}"
    return {
        "empty-system": ("An empty system prompt is better left out.", _OURS),
        "other-key": ("No example has other keys; AWS's own validators accept them.", f"{_VALIDATORS}; {_OURS}"),
        "empty-prompt": ("A prompt or completion without text teaches nothing.", _OURS),
        "schema-version-missing": (
            "Every example has a schemaVersion; AWS's own validators do not require it.",
            _TOOLS,
        ),
        "validation-not-used": ("A training run of this base model does not use validation data.", _PROFILE),
        "record-count-stricter": ("Another AWS page asks for a different number of records.", _PROFILE),
        "reserved-word-start": ("A reserved word without its line break, at the start of a text.", _OURS),
        "reserved-word-case": ("A reserved word in another case; AWS's sample refuses it.", f"{_TOOLS}; {_OURS}"),
        "reserved-word-suspected": (
            "A word that AWS's own validators refuse, although no page reserves it.",
            f"{_TOOLS}; {_OURS}",
        ),
        "reserved-word-role": ("A word that is reserved for other roles.", f"{_VALIDATORS}; {_OURS}"),
        "record-length-cautious": ("The record may have more tokens than allowed.", cautious),
        "input-length-cautious": ("The input may have more tokens than allowed.", cautious),
        "output-length-cautious": ("The answer may have more tokens than allowed.", cautious),
        "duplicate-record": ("A record that appears twice counts twice.", _QUALITY),
        "overlap": ("Records that were trained on prove nothing in validation and test.", _QUALITY),
        "question-repeated": ("The model learns neither of two answers to one question well.", _QUALITY),
        "question-overlap": ("A question that was trained on proves little, whatever its answer.", _QUALITY),
        "system-prompt-missing": ("Invoke the model with the system prompt that it was trained with.", _QUALITY),
        "system-prompt-changes": ("A system prompt that changes occasionally is often a mistake.", _QUALITY),
        "answers-alike": ("The model learns nothing from answers that are all the same.", _QUALITY),
        "length-outlier": ("A record of a very different length is often a mistake.", _QUALITY),
        "comparison-bounded": ("The number of records that are compared is limited, to limit memory.", _QUALITY),
    }


def _catalogue() -> dict[str, Rule]:
    levels = {Level.ERROR: _errors(), Level.WARNING: _warnings()}
    return {
        rule: Rule(rule, level, reason, source)
        for level, rules in levels.items()
        for rule, (reason, source) in rules.items()
    }


CATALOGUE: Final[Mapping[str, Rule]] = MappingProxyType(_catalogue())
