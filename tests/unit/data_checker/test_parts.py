"""A file in parts, each checked on its own: together they find what one check finds."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_tuning.data.checker import part
from bedrock_tuning.data.checker.part import Part
from tests.unit.dataset_rules.corpus.case import said
from tests.unit.dataset_rules.corpus.every_case import CASES
from tests.unit.dataset_rules.samples import any_limits
from tests.unit.dataset_rules.verdicts import parts, told


def joined(path: Path, limits: Limits, count: int) -> Part:
    return part.joined(list(parts(path, limits, count)))


def test_every_case_of_the_corpus_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    differing = []
    for name, case in CASES.items():
        path.write_bytes(case.data)
        whole = told(joined(path, case.limits, 1))
        differing += [f"{name}, {count}" for count in (2, 3, 7) if told(joined(path, case.limits, count)) != whole]
    assert differing == []


lines = st.sampled_from([said("q", "a"), said("r", "a"), said("s", "b" * 90), "{}", "", "x" * 200, "{", said("q", "")])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines, max_size=12).map("\n".join), st.booleans(), st.integers(2, 9))
def test_parts_may_end_anywhere(tmp_path: Path, text: str, ended: bool, count: int) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text(text + "\n" * ended)
    limits = any_limits(max_tokens_per_record=20)
    assert told(joined(path, limits, count)) == told(joined(path, limits, 1))


def test_a_line_longer_than_any_may_be_goes_over_parts(tmp_path: Path) -> None:
    limits = any_limits(max_tokens_per_record=1)
    path = tmp_path / "any.jsonl"
    path.write_text("x" * (limits.max_line_bytes * 3) + "\n" + said("q", "a"))
    for count in (1, 2, 5):
        whole = joined(path, limits, count)
        assert (whole.lines, whole.findings.counts["line-length"]) == (2, 1)
