"""The committed example keeps the rules of the base models that it is made for."""

import pytest

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_lifecycle.dataset.rules.records import check
from examples.make_docstrings import ROOT, SPLITS
from tests.unit.dataset_rules.samples import any_limits


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("data_format", [RecordFormat.MESSAGES, RecordFormat.CONVERSE])
def test_the_example_is_accepted(data_format: RecordFormat, split: str) -> None:
    limits = any_limits(data_format, min_records=32, max_tokens_per_record=32_000)
    with (ROOT / data_format / f"{split}.jsonl").open("rb") as file:
        report = check(iter(lambda: file.read(1000), b""), limits)
    assert report.findings == ()
    assert report.records == SPLITS[split]


def test_neither_format_passes_for_the_other() -> None:
    data = (ROOT / "messages" / "test.jsonl").read_bytes()
    assert not check([data], any_limits(RecordFormat.CONVERSE)).accepted
    data = (ROOT / "converse" / "test.jsonl").read_bytes()
    assert not check([data], any_limits(RecordFormat.MESSAGES)).accepted
