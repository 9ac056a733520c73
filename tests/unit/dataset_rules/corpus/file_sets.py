"""Files that belong together, and what only shows when they are held against each other."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bedrock_tuning.base_models import BaseModelProfile, Bounds, base_model
from bedrock_tuning.base_models.data_limits import RecordLimits, StricterRecordLimits
from bedrock_tuning.data.checker import Split
from tests.support.profiles import fine_tuned_with, fine_tuning
from tests.unit.dataset_rules.corpus.case import Expected, error, said, warning

_HAIKU: Final = base_model("anthropic.claude-3-haiku-20240307-v1:0:200k")


@dataclass(frozen=True)
class FileSet:
    """Files by what they are for (None is one that is not there), and the findings of each.

    `meanwhile` is done to the training file once a part of it was read; `compared` is how many records are compared.
    """

    files: Mapping[Split, bytes | None]
    expected: Mapping[Split, tuple[Expected, ...]]
    sum: Bounds = field(default_factory=Bounds)
    stricter: StricterRecordLimits | None = None
    uses_validation: bool = True
    meanwhile: Callable[[Path], object] | None = None
    compared: int = 1000

    @property
    def base_model(self) -> BaseModelProfile:
        """A base model that takes any number of records of the messages format."""
        records = RecordLimits(sum=self.sum, stricter=self.stricter)
        unused = {} if self.uses_validation else {"validation": "not_used", "validation_source": ("any page",)}
        data = fine_tuning(_HAIKU).data.model_copy(update={"records": records, **unused})
        return fine_tuned_with(_HAIKU, data=data)


def records(first: int, last: int) -> bytes:
    """Return good records of like length, each with a number of its own."""
    return "".join(
        said(f"question {number:05}", f"answer {number:05}") + "\n" for number in range(first, last)
    ).encode()


def system_prompts(each: str, first: int = 0) -> bytes:
    """Return good records with these system prompts of one letter; a space is none."""
    return "".join(
        said(f"question {number:05}", f"answer {number:05}", system=... if letter == " " else letter) + "\n"
        for number, letter in enumerate(each, start=first)
    ).encode()


def grows(path: Path) -> None:
    with path.open("ab") as file:
        file.write(records(0, 1))


def shrinks(path: Path) -> None:
    os.truncate(path, 10)


def is_written_again(path: Path) -> None:
    before = path.stat()
    path.write_bytes(path.read_bytes().swapcase())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


LONG: Final = said("q" * 2000, "a" * 500) + "\n"
SHORT: Final = said("q", "b") + "\n"
TURNED: Final = (
    '{"messages":[{"content":"question 00003","role":"user"},{"content":"answer 0000\\u0033","role":"assistant"}]}\n'
)

CASES: Final[dict[str, FileSet]] = {
    "different records": FileSet(
        {"train": records(0, 9), "validation": records(10, 19), "test": records(20, 29)},
        {"train": (), "validation": (), "test": ()},
    ),
    "a record twice": FileSet(
        {"train": records(0, 9) + records(3, 4)}, {"train": (warning("duplicate-record", line=10),)}
    ),
    "a record three times": FileSet(
        {"train": records(0, 1) * 3 + records(1, 2)},
        {"train": (warning("duplicate-record", line=2), warning("duplicate-record", line=3))},
    ),
    "a record twice, written in another way": FileSet(
        {"train": records(0, 9) + TURNED.encode()}, {"train": (warning("duplicate-record", line=10),)}
    ),
    "a bad record twice": FileSet(
        {"train": records(0, 5) + b"{}\n{}\n"},
        {"train": (error("missing-key", line=6), error("missing-key", line=7))},
    ),
    "records that are nearly the same": FileSet(
        {"train": "".join(said("q" * 200 + mark + "r" * 200, f"a {mark}") + "\n" for mark in "abcdefghijkl").encode()},
        {"train": ()},
    ),
    "records that differ in their middle alone": FileSet(
        {
            "train": "".join(said("q" * 200 + mark + "r" * 200, "same") + "\n" for mark in "abc").encode()
            + records(0, 1)
        },
        {"train": ()},
    ),
    "the same texts in other turns": FileSet(
        {"train": (said("a", "b", system="a") + "\n" + said("a", "b") + "\n").encode() + records(0, 1)},
        {"train": (warning("system-prompt-missing", line=2),)},
    ),
    "a question twice, with another answer": FileSet(
        {"train": records(0, 9) + (said("question 00003", "another") + "\n").encode()},
        {"train": (warning("question-repeated", line=10),)},
    ),
    "a question with another answer, and then with the first one": FileSet(
        {"train": "".join(said("q" * 300, answer) + "\n" for answer in "aba").encode() + records(0, 1)},
        {"train": (warning("question-repeated", line=2), warning("duplicate-record", line=3))},
    ),
    "a question of several turns, with another last answer": FileSet(
        {"train": "".join(said("q", "a", "r", each) + "\n" for each in "bc").encode() + records(0, 1)},
        {"train": (warning("question-repeated", line=2),)},
    ),
    "the same last question in another conversation": FileSet(
        {"train": "".join(said("q", each, "r", "b" + each) + "\n" for each in "ac").encode() + records(0, 1)},
        {"train": ()},
    ),
    "questions of the training file in the others": FileSet(
        {
            "train": records(0, 9),
            "validation": (said("question 00003", "b") + "\n").encode() + records(4, 5),
            "test": (said("question 00003", "c") + "\n").encode() + records(10, 11),
        },
        {
            "train": (),
            "validation": (warning("question-overlap", line=1), warning("overlap", line=2)),
            "test": (warning("question-overlap", line=1),),
        },
    ),
    "one system prompt everywhere": FileSet(
        {"train": system_prompts("ssss"), "validation": system_prompts("ss", 10)}, {"train": (), "validation": ()}
    ),
    "a system prompt that is missing": FileSet(
        {"train": system_prompts("ss ss")}, {"train": (warning("system-prompt-missing", line=3),)}
    ),
    "two system prompts": FileSet(
        {"train": system_prompts("ssstt")}, {"train": (warning("system-prompt-changes", line=4),)}
    ),
    "two system prompts in turns, and none": FileSet(
        {"train": system_prompts("stst ")},
        {"train": (warning("system-prompt-changes", line=2), warning("system-prompt-missing", line=5))},
    ),
    "a system prompt of each record's own": FileSet(
        {"train": system_prompts("abcde"), "validation": system_prompts("fgh", 10)}, {"train": (), "validation": ()}
    ),
    "validation without the training's system prompt": FileSet(
        {"train": system_prompts("sss"), "validation": system_prompts("  ", 10), "test": system_prompts("s t", 20)},
        {
            "train": (),
            "validation": (warning("system-prompt-missing", line=1),),
            "test": (warning("system-prompt-missing", line=2), warning("system-prompt-changes", line=3)),
        },
    ),
    "validation with a system prompt, and training without": FileSet(
        {"train": records(0, 9), "validation": system_prompts("ss", 10)},
        {"train": (), "validation": (warning("system-prompt-changes", line=1),)},
    ),
    "32 identical lines": FileSet(
        {"train": records(0, 1) * 32},
        {
            "train": (
                *(warning("duplicate-record", line=line) for line in range(2, 33)),
                warning("answers-alike", line=0),
            )
        },
    ),
    "the same answer everywhere": FileSet(
        {"train": "".join(said(f"question {number}", "yes") + "\n" for number in range(5)).encode()},
        {"train": (warning("answers-alike", line=0),)},
    ),
    "one record has no answer to compare": FileSet({"train": records(0, 1)}, {"train": ()}),
    "a training record in the validation file": FileSet(
        {"train": records(0, 9), "validation": records(8, 12)},
        {"train": (), "validation": (warning("overlap", line=1),)},
    ),
    "records of both files in the test file": FileSet(
        {"train": records(0, 9), "validation": records(10, 19), "test": records(8, 11)},
        {"train": (), "validation": (), "test": tuple(warning("overlap", line=line) for line in (1, 3))},
    ),
    "validation data that is the training data": FileSet(
        {"train": records(0, 3), "validation": records(0, 3)},
        {
            "train": (),
            "validation": (*(warning("overlap", line=line) for line in (1, 2, 3)), error("same-file", line=0)),
        },
    ),
    "test data that is the training data": FileSet(
        {"train": records(0, 1), "test": records(0, 1)},
        {"train": (), "test": (warning("overlap", line=1), error("same-file", line=0))},
    ),
    "as many bytes and other records": FileSet(
        {"train": records(0, 3), "validation": records(3, 6)}, {"train": (), "validation": ()}
    ),
    "together just few enough": FileSet(
        {"train": records(0, 7), "validation": records(10, 13), "test": records(20, 29)},
        {"train": (), "validation": (), "test": ()},
        sum=Bounds(min=10, max=10),
    ),
    "together too many": FileSet(
        {"train": records(0, 8), "validation": records(10, 13)},
        {"train": (error("record-sum", line=0),), "validation": ()},
        sum=Bounds(max=10),
    ),
    "together too few": FileSet(
        {"train": records(0, 8), "validation": records(10, 11)},
        {"train": (error("record-sum", line=0),), "validation": ()},
        sum=Bounds(min=10),
    ),
    "fewer than another page asks for": FileSet(
        {"train": records(0, 9), "validation": records(10, 12), "test": records(20, 22)},
        {"train": (warning("record-count-stricter", line=0),), "validation": (), "test": ()},
        stricter=StricterRecordLimits(train=Bounds(min=10), source=("any page",)),
    ),
    "just as many as another page asks for": FileSet(
        {"train": records(0, 10), "validation": records(10, 13)},
        {"train": (), "validation": (warning("record-count-stricter", line=0),)},
        stricter=StricterRecordLimits(train=Bounds(min=10), validation=Bounds(max=2), source=("any page",)),
    ),
    "none at all, whatever another page asks for": FileSet(
        {"train": b""},
        {"train": (error("record-count", line=0),)},
        stricter=StricterRecordLimits(train=Bounds(min=10), source=("any page",)),
    ),
    "validation data that is not used": FileSet(
        {"train": records(0, 9), "validation": records(10, 13), "test": records(20, 23)},
        {"train": (), "validation": (warning("validation-not-used", line=0),), "test": ()},
        sum=Bounds(max=9),
        uses_validation=False,
    ),
    "no validation data where none is used": FileSet(
        {"train": records(0, 9), "test": records(20, 23)}, {"train": (), "test": ()}, uses_validation=False
    ),
    "alone too few": FileSet({"train": records(0, 9)}, {"train": (error("record-sum", line=0),)}, sum=Bounds(min=10)),
    "a record far longer than the others": FileSet(
        {"train": records(0, 20) + LONG.encode()}, {"train": (warning("length-outlier", line=21),)}
    ),
    "a record far shorter than the others": FileSet(
        {
            "train": "".join(said(f"{number}" * 100, f"{number}" * 100) + "\n" for number in range(10, 30)).encode()
            + SHORT.encode()
        },
        {"train": (warning("length-outlier", line=21),)},
    ),
    "too few records to call one an outlier": FileSet({"train": records(0, 8) + LONG.encode()}, {"train": ()}),
    "more records than are compared": FileSet(
        {"train": records(0, 3), "validation": records(2, 5), "test": records(0, 1)},
        {
            "train": (),
            "validation": (warning("overlap", line=1), warning("comparison-bounded", line=0)),
            "test": (warning("comparison-bounded", line=0),),
        },
        compared=4,
    ),
    "a file that is not there": FileSet(
        {"train": None, "validation": records(0, 1)},
        {"train": (error("file-unreadable", line=0),), "validation": ()},
        sum=Bounds(min=10),
    ),
    "a file that grows": FileSet(
        {"train": records(0, 9)}, {"train": (error("file-changed", line=0),)}, meanwhile=grows
    ),
    "a file that shrinks": FileSet(
        {"train": records(0, 9000)}, {"train": (error("file-changed", line=0),)}, meanwhile=shrinks
    ),
    "a file that is written again": FileSet(
        {"train": records(0, 9)}, {"train": (error("file-changed", line=0),)}, meanwhile=is_written_again
    ),
}
