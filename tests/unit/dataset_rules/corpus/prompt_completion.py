"""Records of a prompt and its completion (Titan, Llama 3.1, Cohere)."""

from typing import Final

from tests.unit.dataset_rules.corpus.case import Case, asked, error, prompt, said, warning

CASES: Final[dict[str, Case]] = {
    "good": prompt(asked()),
    "the completion first": prompt('{"completion": "a", "prompt": "q"}'),
    "words that other models reserve": prompt(asked("\nHuman: User:", "\nAssistant: Bot:")),
    "no prompt": prompt(asked(...), error("missing-key")),
    "no completion": prompt(asked("q", ...), error("missing-key")),
    "neither": prompt("{}", error("missing-key"), error("missing-key")),
    "another key": prompt(asked(id="any"), warning("other-key")),
    "another key with anything in it": prompt(asked(meta={"a": [1, {"b": None}]}), warning("other-key")),
    "a record twice, with a number that Python does not read": prompt(
        f"{asked(id=1)[:-2]}{'9' * 5000}}}\n" * 2,
        *(warning("other-key", line=line) for line in (1, 2)),
        max_tokens_per_record=5000,
    ),
    "another key and no prompt": prompt(asked(..., id="any"), error("missing-key"), warning("other-key")),
    "a key with a capital": prompt('{"Prompt": "q", "completion": "a"}', error("missing-key"), warning("other-key")),
    "the messages format": prompt(said("q", "a"), error("missing-key"), error("missing-key"), warning("other-key")),
    "prompt null": prompt(asked(None), error("text", "prompt")),
    "prompt a number": prompt(asked(5), error("text", "prompt")),
    "prompt a list": prompt(asked(["q"]), error("text", "prompt")),
    "completion an object": prompt(asked("q", {"text": "a"}), error("text", "completion")),
    "completion false": prompt(asked("q", False), error("text", "completion")),
    "prompt empty": prompt(asked(""), warning("empty-prompt", "prompt")),
    "completion empty": prompt(asked("q", ""), warning("empty-prompt", "completion")),
    "completion blank": prompt(asked("q", " \n"), warning("empty-prompt", "completion")),
    "both empty": prompt(asked("", ""), warning("empty-prompt", "prompt"), warning("empty-prompt", "completion")),
    "prompt twice": prompt('{"prompt": "q", "prompt": "r", "completion": "a"}', error("duplicate-key")),
    "a key twice deep inside": prompt(
        asked(meta=1).replace("1", '{"a": 1, "a": 2}'), error("duplicate-key"), warning("other-key")
    ),
    "NaN in another key": prompt(asked(score=0).replace("0", "NaN"), error("json-constant"), warning("other-key")),
    "half a surrogate pair": prompt(asked("x").replace("x", r"\udfff"), error("unicode", "prompt")),
    "an array": prompt("[]", error("record")),
    "a string": prompt('"prompt"', error("record")),
}
