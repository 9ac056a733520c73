"""Reserved words are suspected in lines as they are written, and never overlooked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_lifecycle.dataset.rules.texts import WordRules
from bedrock_tuning.data.checker import reserved_words
from bedrock_tuning.data.checker.reserved_words import WordSearch, holds_any
from tests.unit.dataset_rules.corpus.case import Case
from tests.unit.dataset_rules.corpus.every_case import CASES
from tests.unit.dataset_rules.samples import CLAUDE_WORDS, NOVA_WORDS, any_limits

OWN_WORDS = ("\nHuman:", "User:", "</s>", "é", '"x"', "a\\b", "\ttab", "\n")
pieces = st.sampled_from([*CLAUDE_WORDS, *NOVA_WORDS, *OWN_WORDS, "user:", "Human:", "\n", "\\", "n", '"', "\0", "é"])
texts = st.lists(st.one_of(pieces, st.text(max_size=3)), max_size=5).map("".join)


@given(texts, st.sampled_from([CLAUDE_WORDS, NOVA_WORDS, OWN_WORDS]), st.booleans())
def test_overlooks_no_word_that_a_rule_would_tell(text: str, words: tuple[str, ...], escaped: bool) -> None:
    limits = any_limits(reserved_words=words)
    line = json.dumps({"system": text}, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    if not WordSearch(limits).suspects(line):
        assert list(WordRules(limits).check("", "user", text)) == []


@pytest.mark.parametrize(
    "case",
    [case for case in CASES.values() if any("reserved" in each.rule for each in case.expected)],
    ids=[name for name, case in CASES.items() if any("reserved" in each.rule for each in case.expected)],
)
def test_suspects_every_case_of_a_reserved_word(case: Case) -> None:
    assert WordSearch(case.limits).suspects(case.data)


def test_suspects_no_ordinary_text() -> None:
    for data_format in RecordFormat:
        search = WordSearch(any_limits(data_format))
        assert not search.suspects(b'{"system": "Human beings: they use a bottle. \\n \\" User, assistant \xc3\xa9"}\n')


def test_needs_no_search_where_no_word_is_reserved() -> None:
    assert not WordSearch(any_limits(reserved_words=())).is_needed
    assert WordSearch(any_limits(reserved_words=("User:",))).is_needed


@given(st.binary(max_size=50), st.lists(st.binary(min_size=1, max_size=3).filter(lambda needle: 0 not in needle)))
def test_the_c_library_finds_what_python_finds(haystack: bytes, needles: list[bytes]) -> None:
    expected = any(needle in haystack for needle in needles)
    assert holds_any(haystack, tuple(needles)) is expected
    assert holds_any(haystack, tuple(needles), reserved_words._find) is expected


def test_finds_a_needle_after_a_null_byte() -> None:
    assert holds_any(b"any\0User:", (b"User:",))


def test_does_without_a_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> None:
        raise OSError

    monkeypatch.setattr("ctypes.CDLL", none)
    assert reserved_words._strstr() is reserved_words._find
