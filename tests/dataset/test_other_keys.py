"""Keys that a format does not have: which may be named, and that no other is."""

import pytest

from bedrock_lifecycle.dataset.limits import RecordFormat
from tests.dataset.samples import any_converse_record, any_limits, any_prompt_record, any_record, lines, report_on
from tests.support.messages import says

CONVERSE = any_limits(RecordFormat.CONVERSE)
SECRET = "any-key-of-a-record"


@pytest.mark.parametrize("key", ["id", "toolConfig", "reference_answer", "metadata"])
def test_a_key_that_many_datasets_have_is_named(key: str) -> None:
    (in_converse,) = report_on(lines(any_converse_record(**{key: "any"})), CONVERSE).findings
    (in_messages,) = report_on(lines(any_record(**{key: "any"}))).findings
    assert says(in_converse.message, key, "messages, schemaVersion, system")
    assert says(in_messages.message, key, "messages, system")


def test_no_other_key_is_named_and_all_are_counted() -> None:
    record = any_prompt_record(id=1, **{SECRET: 2, f"{SECRET}-2": 3})
    (finding,) = report_on(lines(record), any_limits(RecordFormat.PROMPT_COMPLETION)).findings
    assert says(finding.message, "id", 2)
    assert SECRET not in finding.message


def test_every_other_key_of_a_converse_record_is_a_warning_wherever_it_stands() -> None:
    turns = [
        {"role": role, "content": [{"text": "any", "type": "text"}], "name": "any"} for role in ("user", "assistant")
    ]
    report = report_on(lines(any_converse_record(messages=turns, tags=[])), CONVERSE)
    assert report.accepted
    assert [finding.path for finding in report.findings] == [
        "",
        *(f"messages[{turn}]{part}" for turn in (0, 1) for part in ("", ".content[0]")),
    ]
