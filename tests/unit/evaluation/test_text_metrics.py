"""Exact match, F1 of tokens and ROUGE-L, the last against the package that others use."""

import random
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from bedrock_lifecycle.evaluation.metrics.exact_match import ExactMatch
from bedrock_lifecycle.evaluation.metrics.metric import Metric
from bedrock_lifecycle.evaluation.metrics.rouge_l import RougeL, longest_common_subsequence
from bedrock_lifecycle.evaluation.metrics.token_f1 import TokenF1
from tests.support.messages import says

METRICS: list[Metric] = [ExactMatch(("case",)), TokenF1(), RougeL()]
TEXTS = st.text(max_size=30)
ENGLISH = (
    "The function returns the sum of its arguments, or None if there are none.",
    "Returns None when no arguments are given; otherwise the function returns their sum.",
    "the the the function function",
    "It's well-known: snake_case & CamelCase don't match!",
    "3.14 is not 314",
    "",
    "?!",
)


def score(metric: Metric, answer: str, reference: str) -> float:
    (only,) = metric.score(answer, reference).values()
    return only


def rouge(answer: str, reference: str) -> float:
    scorer: Any = RougeScorer(["rougeL"], use_stemmer=False)
    return float(scorer.score(reference, answer)["rougeL"].fmeasure)


def textbook(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for mine in one:
        before, row = row, [0]
        for place, its in enumerate(other):
            row.append(before[place] + 1 if mine == its else max(before[place + 1], row[-1]))
    return row[-1]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@given(TEXTS, TEXTS)
def test_a_score_is_in_the_unit_interval_and_has_the_metrics_measures(metric: Metric, one: str, other: str) -> None:
    found = metric.score(one, other)
    assert tuple(found) == metric.measures == (metric.name,)
    assert all(0 <= each <= 1 for each in found.values())
    assert metric.score(one, other) == found


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@pytest.mark.parametrize("text", ["any", "我爱你", "שלום עולם", "हिन्दी", "สวัสดี", "👍"])
def test_the_reference_itself_scores_one(metric: Metric, text: str) -> None:
    assert score(metric, text, text) == 1
    assert score(metric, text, "0") == 0


def test_exact_match_normalizes_as_asked() -> None:
    assert score(ExactMatch(), "Any", "any") == 0
    assert score(ExactMatch(("case", "whitespace")), " Any\n", "any") == 1
    assert score(ExactMatch(("unicode",)), "café", "cafe\u0301") == 1


def test_exact_match_refuses_an_unknown_normalization() -> None:
    unknown: Any = "stem"
    with pytest.raises(ValueError, match="stem") as refused:
        ExactMatch(("case", unknown))
    assert says(str(refused.value), "normalize", "unicode, case, punctuation, whitespace", "'stem'")


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("the cat", "The cat sat", 0.8),
        ("cat the", "the cat", 1),
        ("a a a", "a", 0.5),
        ("any", "", 0),
        ("", "any", 0),
        ("", "?!", 1),
        ("我爱你", "我恨你", 2 / 3),
    ],
)
def test_token_f1_counts_words_in_any_order(answer: str, reference: str, expected: float) -> None:
    assert score(TokenF1(), answer, reference) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("cat the", "the cat", 0.5),
        ("我真的爱你", "我爱你", 0.75),
        ("שלום לך עולם", "שלום עולם", 0.8),
        ("สวัสดีครับ", "สวัสดี", 8 / 11),
        ("café noir", "cafe\u0301", 2 / 3),
        ("", "", 0),
        ("any", "", 0),
    ],
)
def test_rouge_l_counts_words_in_order(answer: str, reference: str, expected: float) -> None:
    assert score(RougeL(), answer, reference) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("answer", ENGLISH)
@pytest.mark.parametrize("reference", ENGLISH)
def test_rouge_l_of_english_is_that_of_rouge_score(answer: str, reference: str) -> None:
    assert score(RougeL(), answer, reference) == pytest.approx(rouge(answer, reference), abs=1e-12)


def test_rouge_l_of_any_ascii_is_that_of_rouge_score() -> None:
    chance = random.Random(7)
    vocabulary = ["the", "The", "a1", "sum_of", "x", *string.punctuation, "\n"]
    for _ in range(300):
        one, other = (" ".join(chance.choices(vocabulary, k=chance.randint(0, 60))) for _ in range(2))
        assert score(RougeL(), one, other) == pytest.approx(rouge(one, other), abs=1e-12)


@given(st.text("abc", max_size=80), st.text("abcd", max_size=80))
def test_the_longest_common_subsequence_is_the_textbooks(one: str, other: str) -> None:
    assert longest_common_subsequence(one, other) == textbook(one, other)
