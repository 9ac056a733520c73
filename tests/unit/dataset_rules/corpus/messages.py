"""Records in the messages format (Claude 3 Haiku)."""

import json
from typing import Any, Final

from tests.unit.dataset_rules.corpus.case import Case, error, messages, said, warning


def roles(*roles: Any) -> str:
    return json.dumps({"messages": [{"role": role, "content": "any"} for role in roles]})


def of(*items: Any) -> str:
    return json.dumps({"messages": list(items)})


USER: Final = {"role": "user", "content": "q"}
ANSWER: Final = {"role": "assistant", "content": "a"}

CASES: Final[dict[str, Case]] = {
    "with a system prompt": messages(said("q", "a", system="any")),
    "the system prompt last": messages(json.dumps({"messages": [USER, ANSWER], "system": "any"})),
    "the content first": messages(of(dict(reversed(USER.items())), ANSWER)),
    "many turns": messages(said(*["q", "a"] * 40)),
    "no messages": messages('{"system": "any"}', error("missing-key")),
    "another key": messages(said("q", "a", id="any"), error("unknown-key")),
    "two other keys": messages(said("q", "a", id="any", tags=[]), error("unknown-key")),
    "a key of the other format": messages(
        said("q", "a", schemaVersion="bedrock-conversation-2024"), error("unknown-key")
    ),
    "a key with a capital": messages(said("q", "a", System="any"), error("unknown-key")),
    "the old format": messages('{"prompt": "q", "completion": "a"}', error("missing-key"), error("unknown-key")),
    "system null": messages(said("q", "a", system=None), error("text", "system")),
    "system a number": messages(said("q", "a", system=5), error("text", "system")),
    "system a list of blocks": messages(said("q", "a", system=[{"text": "any"}]), error("text", "system")),
    "system empty": messages(said("q", "a", system=""), warning("empty-system", "system")),
    "system blank": messages(said("q", "a", system=" \n\t"), warning("empty-system", "system")),
    "messages null": messages('{"messages": null}', error("messages", "messages")),
    "messages a string": messages('{"messages": "any"}', error("messages", "messages")),
    "messages an object": messages('{"messages": {"role": "user"}}', error("messages", "messages")),
    "messages an empty object": messages('{"messages": {}}', error("messages", "messages")),
    "messages empty": messages('{"messages": []}', error("message-count", "messages")),
    "messages in a list of lists": messages(
        json.dumps({"messages": [[USER, ANSWER]]}), error("message-count", "messages"), error("message", "messages[0]")
    ),
    "one message, the user's": messages(
        of(USER), error("message-count", "messages"), error("last-role", "messages[0].role")
    ),
    "one message, the assistant's": messages(
        of(ANSWER), error("message-count", "messages"), error("first-role", "messages[0].role")
    ),
    "a message that is a string": messages(of(USER, ANSWER, "any"), error("message", "messages[2]")),
    "a message that is null": messages(of(USER, None, ANSWER), error("message", "messages[1]")),
    "a message that is a list": messages(of(["role", "content"], ANSWER), error("message", "messages[0]")),
    "a message that is empty": messages(
        of({}, ANSWER), error("missing-key", "messages[0]"), error("missing-key", "messages[0]")
    ),
    "a message without content": messages(of({"role": "user"}, ANSWER), error("missing-key", "messages[0]")),
    "a message without role": messages(of(USER, {"content": "a"}), error("missing-key", "messages[1]")),
    "a message with another key": messages(of(USER, {**ANSWER, "name": "any"}), error("unknown-key", "messages[1]")),
    "a message with a key instead of its role": messages(
        of({"Role": "user", "content": "q"}, ANSWER),
        error("missing-key", "messages[0]"),
        error("unknown-key", "messages[0]"),
    ),
    "role system": messages(roles("system", "user", "assistant"), error("role", "messages[0].role")),
    "role human": messages(roles("human", "assistant"), error("role", "messages[0].role")),
    "role in capitals": messages(roles("User", "assistant"), error("role", "messages[0].role")),
    "role with a space": messages(roles("user ", "assistant"), error("role", "messages[0].role")),
    "role empty": messages(roles("user", ""), error("role", "messages[1].role")),
    "role null": messages(roles("user", None), error("role", "messages[1].role")),
    "role a list": messages(roles(["user"], "assistant"), error("role", "messages[0].role")),
    "role an object": messages(roles({"user": 1}, "assistant"), error("role", "messages[0].role")),
    "assistant first": messages(roles("assistant", "user", "assistant"), error("first-role", "messages[0].role")),
    "user last": messages(roles("user", "assistant", "user"), error("last-role", "messages[2].role")),
    "user twice": messages(roles("user", "user", "assistant"), error("role-alternation", "messages[1].role")),
    "assistant twice": messages(roles("user", "assistant", "assistant"), error("role-alternation", "messages[2].role")),
    "user alone, twice": messages(
        roles("user", "user"),
        error("role-alternation", "messages[1].role"),
        error("last-role", "messages[1].role"),
    ),
    "content null": messages(said(None, "a"), error("text", "messages[0].content")),
    "content a number": messages(said("q", 5), error("text", "messages[1].content")),
    "content zero": messages(said("q", 0), error("text", "messages[1].content")),
    "content true": messages(said(True, "a"), error("text", "messages[0].content")),
    "content a list of blocks": messages(said([{"text": "q"}], "a"), error("text", "messages[0].content")),
    "content an empty list": messages(said("q", []), error("text", "messages[1].content")),
    "content an object": messages(said({"text": "q"}, "a"), error("text", "messages[0].content")),
    "content empty": messages(said("q", ""), error("empty-text", "messages[1].content")),
    "content blank": messages(said(" \n", "a"), error("empty-text", "messages[0].content")),
    "content blank in Unicode": messages(said("\u00a0\u2003\u3000", "a"), error("empty-text", "messages[0].content")),
    "content of one invisible character": messages(said("\u200b", "a")),
    "everything wrong at once": messages(
        json.dumps({"messages": [{"role": "assistant", "content": ""}, {"role": "user", "content": 1}], "id": 1}),
        error("unknown-key"),
        error("empty-text", "messages[0].content"),
        error("text", "messages[1].content"),
        error("first-role", "messages[0].role"),
        error("last-role", "messages[1].role"),
    ),
}
