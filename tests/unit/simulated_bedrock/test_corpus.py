"""The nearest training example."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.bedrock.answers.corpus import Corpus
from sandbox.bedrock.training.records import Example


def corpus(*prompts: str) -> Corpus:
    return Corpus([Example(prompt, f"answer {index}", tokens=1) for index, prompt in enumerate(prompts)])


def test_a_rare_word_counts_more_than_common_ones() -> None:
    taught = corpus("what is the state of the pump", "what is the state of the valve", "what is the weather")
    assert taught.answer("is the valve the thing") == "answer 1"


def test_the_first_of_equals_is_taken() -> None:
    assert corpus("same words", "words same", "same words").answer("same words") == "answer 0"


def test_case_and_punctuation_do_not_matter() -> None:
    assert corpus("the pump", "The VALVE!").answer("valve?") == "answer 1"


def test_knows_nothing_without_examples() -> None:
    assert Corpus([]).answer("anything") is None


@given(st.lists(st.text("abc ", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=8), st.data())
def test_a_prompt_that_was_taught_gets_an_answer_that_was_taught_for_its_words(
    prompts: list[str], data: st.DataObject
) -> None:
    prompt = data.draw(st.sampled_from(prompts))
    answer = corpus(*prompts).answer(prompt)
    assert answer is not None
    chosen = prompts[int(answer.removeprefix("answer "))]
    assert sorted(set(chosen.split())) == sorted(set(prompt.split()))
