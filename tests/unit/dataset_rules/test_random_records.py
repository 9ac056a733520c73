"""Records made by chance: the good ones are accepted, spoilt ones are told by their rule, and all checkers agree."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tests.unit.dataset_rules.records import FAULTS, GOOD, Fault, written
from tests.unit.dataset_rules.samples import any_limits
from tests.unit.dataset_rules.verdicts import judge

pytestmark = pytest.mark.slow
few = settings(max_examples=25, deadline=None)
every_format = pytest.mark.parametrize("data_format", RecordFormat)
_WARNINGS_OF_CHANCE = {"record-length-cautious"}


@every_format
@few
@given(st.data())
def test_good_records_are_accepted_however_they_are_written(data_format: RecordFormat, data: st.DataObject) -> None:
    records = data.draw(st.lists(GOOD[data_format], max_size=4))
    text = "\n".join(data.draw(written(record)) for record in records)
    report = judge(text.encode(), any_limits(data_format), data.draw(st.integers(1, 500)))
    assert report.counts.keys() <= _WARNINGS_OF_CHANCE
    assert report.records == len(records)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@few
@given(st.data())
def test_what_spoils_a_record_is_told_by_its_rule(fault: Fault, data: st.DataObject) -> None:
    data_format = data.draw(st.sampled_from(fault.formats))
    good, spoilt = data.draw(GOOD[data_format]), data.draw(GOOD[data_format])
    fault.spoil(spoilt)
    text = f"{data.draw(written(good))}\n{data.draw(written(spoilt))}\n"
    report = judge(text.encode(), any_limits(data_format))
    assert fault.rule in report.counts
    assert {finding.line for finding in report.errors} == {2}


@every_format
@few
@given(st.data())
def test_a_line_that_is_cut_anywhere_is_no_json(data_format: RecordFormat, data: st.DataObject) -> None:
    line = data.draw(written(data.draw(GOOD[data_format])))
    cut = line[: data.draw(st.integers(1, len(line) - 1))]
    assert judge(cut.encode(), any_limits(data_format)).counts.keys() == {"json"}


@every_format
@few
@given(st.data())
def test_a_line_with_one_other_byte_gets_one_verdict_from_all(data_format: RecordFormat, data: st.DataObject) -> None:
    line = bytearray(data.draw(written(data.draw(GOOD[data_format]))).encode())
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    judge(bytes(line), any_limits(data_format), 7)


@every_format
@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(1, 50))
@example(b'\xef\xbb\xbf{"prompt": "", "completion": ""}', 3)
def test_random_bytes_get_one_verdict_from_all(data_format: RecordFormat, data: bytes, step: int) -> None:
    judge(data, any_limits(data_format), step)
