"""Records made by chance: good ones of every format, however they may be written down, and what spoils them."""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tests.unit.dataset_rules.samples import CLAUDE_WORDS, NOVA_WORDS

Record = dict[str, Any]

_WORDS: Final = (*CLAUDE_WORDS, *NOVA_WORDS)


def _is_harmless(text: str) -> bool:
    return bool(text.strip()) and not any(word.strip().lower() in text.lower() for word in _WORDS)


texts = st.text(min_size=1, max_size=30).filter(_is_harmless)


@st.composite
def conversations(draw: st.DrawFn, contents: st.SearchStrategy[Any]) -> list[Record]:
    pairs = draw(st.integers(1, 3))
    return [{"role": role, "content": draw(contents)} for _ in range(pairs) for role in ("user", "assistant")]


_blocks = st.lists(texts.map(lambda text: {"text": text}), min_size=1, max_size=2)

GOOD: Final[dict[RecordFormat, st.SearchStrategy[Record]]] = {
    RecordFormat.MESSAGES: st.fixed_dictionaries({"messages": conversations(texts)}, optional={"system": texts}),
    RecordFormat.CONVERSE: st.fixed_dictionaries(
        {"schemaVersion": st.just("bedrock-conversation-2024"), "messages": conversations(_blocks)},
        optional={"system": _blocks},
    ),
    RecordFormat.PROMPT_COMPLETION: st.fixed_dictionaries({"prompt": texts, "completion": texts}),
}


_separators = st.tuples(st.sampled_from([",", ", ", " \t,\r "]), st.sampled_from([":", ": ", " :\t"]))


def written(value: Any) -> st.SearchStrategy[str]:
    """Write a value down: spaces, the order of keys and escapes as they come."""

    def write(separators: tuple[str, str], turned: bool, escaped: bool) -> str:
        # Half a character can only be written as an escape.
        escaped = escaped or "\\ud" in json.dumps(value)
        return json.dumps(_turned(value) if turned else value, separators=separators, ensure_ascii=escaped)

    return st.builds(write, _separators, st.booleans(), st.booleans())


def _turned(value: Any) -> Any:
    """Return the value with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {key: _turned(item) for key, item in reversed(value.items())}
    return [_turned(item) for item in value] if isinstance(value, list) else value


class Fault(NamedTuple):
    """Something that spoils a good record, and the rule that must tell it."""

    rule: str
    spoil: Callable[[Record], Any]
    formats: tuple[RecordFormat, ...] = (RecordFormat.MESSAGES, RecordFormat.CONVERSE)


_CLAUDE: Final = (RecordFormat.MESSAGES,)
_CONVERSE: Final = (RecordFormat.CONVERSE,)
_PROMPT: Final = (RecordFormat.PROMPT_COMPLETION,)

FAULTS: Final[dict[str, Fault]] = {
    "no messages": Fault("missing-key", lambda record: record.pop("messages")),
    "messages null": Fault("messages", lambda record: record.update(messages=None)),
    "another key": Fault("unknown-key", lambda record: record.update(id="any"), _CLAUDE),
    "no answer": Fault("last-role", lambda record: record["messages"].pop()),
    "no question": Fault("first-role", lambda record: record["messages"].pop(0)),
    "a question twice": Fault("role-alternation", lambda record: record["messages"].insert(0, record["messages"][0])),
    "a message that is a text": Fault("message", lambda record: record["messages"].append("any")),
    "a message without content": Fault("missing-key", lambda record: record["messages"][-1].pop("content")),
    "a message without role": Fault("missing-key", lambda record: record["messages"][-1].pop("role")),
    "a message with another key": Fault(
        "unknown-key", lambda record: record["messages"][0].update(name="any"), _CLAUDE
    ),
    "a role of its own": Fault("role", lambda record: record["messages"][0].update(role="system")),
    "content null": Fault("text", lambda record: record["messages"][0].update(content=None), _CLAUDE),
    "content empty": Fault("empty-text", lambda record: record["messages"][0].update(content=""), _CLAUDE),
    "content of blocks": Fault("text", lambda record: record["messages"][0].update(content=[{"text": "a"}]), _CLAUDE),
    "a reserved word": Fault(
        "reserved-word", lambda record: record["messages"][-1].update(content="a\nHuman: b"), _CLAUDE
    ),
    "half a character": Fault("unicode", lambda record: record.update(system="a\ud800"), _CLAUDE),
    "a version that is no text": Fault("schema-version", lambda record: record.update(schemaVersion=1), _CONVERSE),
    "content a text": Fault("blocks", lambda record: record["messages"][0].update(content="any"), _CONVERSE),
    "no blocks": Fault("blocks", lambda record: record["messages"][0].update(content=[]), _CONVERSE),
    "an image": Fault("block", lambda record: record["messages"][0]["content"].append({"image": {}}), _CONVERSE),
    "text blank": Fault("empty-text", lambda record: record["messages"][0]["content"][0].update(text=" "), _CONVERSE),
    "a word of Nova": Fault(
        "reserved-word", lambda record: record["messages"][0]["content"][0].update(text="a <image>"), _CONVERSE
    ),
    "no prompt": Fault("missing-key", lambda record: record.pop("prompt"), _PROMPT),
    "completion null": Fault("text", lambda record: record.update(completion=None), _PROMPT),
}
