"""Keys that a format does not have: which may be named, and that no other is."""

import pytest

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.base_models import base_model, profiles
from bedrock_tuning.data.checker import limits_of
from tests.support.messages import says
from tests.support.profiles import fine_tuning
from tests.unit.dataset_rules.samples import (
    any_converse_record,
    any_limits,
    any_prompt_record,
    any_record,
    lines,
    report_on,
)

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


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_model_of_text_alone_is_said_to_take_no_media(kind: str) -> None:
    def message(*, text_only: bool) -> str:
        record = any_converse_record(
            messages=[{"role": "user", "content": [{kind: {}}]}, {"role": "assistant", "content": [{"text": "any"}]}]
        )
        limits = any_limits(RecordFormat.CONVERSE, text_only=text_only)
        (finding,) = report_on(lines(record), limits).findings
        assert finding.rule == "block"
        return finding.message

    assert says(message(text_only=True), "takes no images, videos or documents")
    assert not says(message(text_only=False), "takes no images")


def test_nova_micro_takes_text_alone() -> None:
    takes_text_alone = {each.name for each in profiles() if fine_tuning(each).data.text_only}
    assert takes_text_alone == {"Amazon Nova Micro"}
    assert limits_of(base_model("amazon.nova-micro-v1:0:128k"), "train", FINE_TUNING).text_only
