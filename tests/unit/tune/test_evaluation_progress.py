"""How far an evaluation is and how long asking takes: nothing is promised that is not known."""

from datetime import timedelta
from typing import Any, Final

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from tests.support.messages import says
from tests.unit.tune.aws_stand_in import ref
from tune.evaluation.facts import EvaluationFacts, TargetProgress, least_time
from tune.evaluation.json_document import evaluation
from tune.evaluation.text import standing
from tune.evaluation.watch import LOOK_EVERY_SECONDS, EvaluationWatch

GOING: Final = EvaluationFacts(
    id="56af50fa73e1",
    training="faq-prod-any-1",
    state="under way",
    max_tokens=3_000_000,
    asked=[TargetProgress("tuned", 250, 1_000, 500.0), TargetProgress("base", 1_000, 1_000)],
    tokens=1_234,
)


def test_all_are_asked_side_by_side_so_the_slowest_counts() -> None:
    assert least_time([TargetProgress("tuned", 0, 1_000, 500), TargetProgress("base", 900, 1_000, 10)]) == timedelta(
        minutes=10
    )


def test_who_has_answered_all_needs_no_quota() -> None:
    assert least_time(
        [TargetProgress("tuned", 0, 1_000, 500), TargetProgress("base", 1_000, 1_000, None)]
    ) == timedelta(minutes=2)
    assert least_time([TargetProgress("base", 7, 7)]) == timedelta()


def test_without_a_quota_no_time_is_told() -> None:
    assert least_time([TargetProgress("tuned", 0, 1_000, 500), TargetProgress("base", 999, 1_000)]) is None


@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 1_000), st.floats(0.1, 10_000)), min_size=1))
def test_more_answers_never_take_longer(each: list[tuple[int, int, float]]) -> None:
    before = [TargetProgress("any", answered, answered + more, rate) for answered, more, rate in each]
    after = [TargetProgress("any", answered + more // 2, answered + more, rate) for answered, more, rate in each]
    earlier, later = least_time(before), least_time(after)
    assert earlier is not None
    assert later is not None
    assert later <= earlier


def test_it_is_told_with_answers_tokens_and_time() -> None:
    assert says(standing(GOING), "tuned 250 of 1,000, base 1,000 of 1,000", "1,234 of at most 3,000,000 tokens")
    assert says(standing(GOING), "at least 1 min", "by the quotas")
    told = evaluation(GOING)
    assert (told["secondsLeftAtLeast"], told["tokens"], told["maxTokens"]) == (90, 1_234, 3_000_000)
    assert told["answered"][0] == {"target": "tuned", "records": 250, "of": 1_000}


def test_a_missing_quota_is_named() -> None:
    its = EvaluationFacts(id="any", training="any", state="under way", asked=[TargetProgress("base", 1, 2)])
    assert says(standing(its), "not known", "quota for base")
    assert evaluation(its)["secondsLeftAtLeast"] is None


class _Observer:
    looks = 0

    def under_way(self, evaluation: str) -> EvaluationFacts:
        assert evaluation == GOING.id
        self.looks += 1
        return GOING


def watched(observer: Any, evaluation: str | None = GOING.id) -> tuple[EvaluationWatch, list[float]]:
    now = [0.0]
    watch = EvaluationWatch(lambda _: None, ref("prod", "faq"), evaluation, lambda: now[0])
    watch._observer = observer
    return watch, now


def test_a_deployment_looks_now_and_then() -> None:
    observer = _Observer()
    watch, now = watched(observer)
    assert [watch.look(), watch.look()] == [GOING] * 2
    assert observer.looks == 1
    now[0] += LOOK_EVERY_SECONDS
    assert watch.look() is GOING
    assert observer.looks == 2


def test_where_nothing_is_evaluated_nobody_looks() -> None:
    observer = _Observer()
    watch, _ = watched(observer, None)
    assert watch.look() is None
    assert observer.looks == 0


def test_an_aws_that_does_not_answer_ends_no_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    observer = _Observer()

    def lost(_: str) -> EvaluationFacts:
        raise EndpointConnectionError(endpoint_url="https://any")

    monkeypatch.setattr(observer, "under_way", lost)
    watch, _ = watched(observer)
    assert watch.look() is None
