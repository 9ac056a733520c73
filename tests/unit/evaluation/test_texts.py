"""When texts are equal, and what their words are, in every script."""

from itertools import combinations, permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bedrock_lifecycle.evaluation.metrics.texts import NORMALIZATIONS, Normalization, normalized, words

TEXTS = st.text(max_size=30)


@pytest.mark.parametrize(
    ("how", "one", "other"),
    [
        ("unicode", "café", "cafe\u0301"),
        ("unicode", "שלום", "\u200fשלום\u200f"),  # noqa: RUF001 - Hebrew
        ("unicode", "\ufeffany", "any"),
        ("unicode", "any", "\u2066any\u2069"),
        ("case", "Straße", "STRASSE"),
        ("case", "ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("punctuation", "¿any, more?", "any more"),
        ("punctuation", "「何」。", "何"),
        ("whitespace", " any \n\tmore ", "any more"),
        ("whitespace", "any\u3000more", "any more"),
    ],
)
def test_a_normalization_takes_away_one_difference(how: Normalization, one: str, other: str) -> None:
    assert one != other
    assert normalized(one, [how]) == normalized(other, [how])
    others = [each for each in NORMALIZATIONS if each != how]
    assert normalized(one, others) != normalized(other, others)


@pytest.mark.parametrize(("one", "other"), [("x²", "x2"), ("any", "anny"), ("می‌خواهم", "میخواهم")])
def test_what_means_something_else_stays_so(one: str, other: str) -> None:
    assert normalized(one, NORMALIZATIONS) != normalized(other, NORMALIZATIONS)


def test_folded_case_has_one_spelling_again() -> None:
    assert normalized("\u0390", ["unicode", "case"]) == "\u0390"  # three code points when folded


@given(TEXTS)
def test_nothing_is_normalized_unasked(text: str) -> None:
    assert normalized(text, ()) == text


@given(TEXTS)
def test_normalizing_again_changes_nothing_and_their_order_is_the_same(text: str) -> None:
    for how in (each for count in (1, 2, 4) for each in combinations(NORMALIZATIONS, count)):
        once = normalized(text, how)
        assert {normalized(text, order) for order in permutations(how)} == {once}
        assert normalized(once, how) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop_now: 3.5!", ["don", "t", "stop", "now", "3", "5"]),
        ("Größe, naïve cafe\u0301", ["grösse", "naïve", "café"]),
        ("Привет, мир", ["привет", "мир"]),
        ("שלום \u200fעולם!", ["שלום", "עולם"]),  # noqa: RUF001 - Hebrew
        ("شُكْرًا جزيلاً", ["شُكْرًا", "جزيلاً"]),
        ("می‌خواهم", ["میخواهم"]),
        ("हिन्दी में ३", ["हिन्दी", "में", "३"]),
        ("தமிழ் மொழி", ["தமிழ்", "மொழி"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        ("我爱GPT模型3个。", ["我", "爱", "gpt", "模", "型", "3", "个"]),
        ("カタカナとか\u3099", ["カ", "タ", "カ", "ナ", "と", "が"]),
        ("ｶﾞ", ["ｶ", "ﾞ"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("ខ្មែរ", ["ខ្", "មែ", "រ"]),
        ("𠮷野家", ["𠮷", "野", "家"]),
        ("👍🏽 ok 👎", ["👍", "ok", "👎"]),
        ("❤️❤️", ["❤️", "❤️"]),
        ("\u0301a", ["\u0301a"]),
        ("a \u0301", ["a", "\u0301"]),
        ("soft\u00adware", ["software"]),
        ("… — «»", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(TEXTS)
@example("İ")
@example("ǰ\u0323")
def test_words_are_the_same_in_every_case_and_spelling(text: str) -> None:
    found = words(text)
    assert all(found)
    assert words(normalized(text, ["unicode", "case"])) == found
    assert words(" ".join(found)) == found
