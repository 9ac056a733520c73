"""Records in the converse format (Nova, Llama 3.2 and later)."""

import json
from typing import Final

from tests.unit.dataset_rules.corpus.case import Case, blocks, converse, error, said, warning

TEXT: Final = {"text": "any"}
IMAGE: Final = {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://any/any.png"}}}}

CASES: Final[dict[str, Case]] = {
    "good": converse(blocks("q", "a")),
    "with a system prompt": converse(blocks("q", "a", system=[TEXT])),
    "keys in another order": converse(json.dumps(dict(reversed(json.loads(blocks("q", "a", system=[TEXT])).items())))),
    "several blocks": converse(blocks([TEXT, TEXT], [TEXT, TEXT, TEXT], system=[TEXT, TEXT])),
    "many turns": converse(blocks(*["q", "a"] * 20)),
    "no version": converse(blocks("q", "a", version=...), warning("schema-version-missing", "schemaVersion")),
    "no version and next to no text": converse(
        blocks("q", "a", version=...).replace(" ", ""), warning("schema-version-missing", "schemaVersion")
    ),
    "version a number": converse(blocks("q", "a", version=2024), error("schema-version", "schemaVersion")),
    "version null": converse(blocks("q", "a", version=None), error("schema-version", "schemaVersion")),
    "another version": converse(blocks("q", "a", version="tickets-7")),
    "version empty": converse(blocks("q", "a", version="")),
    "another key": converse(blocks("q", "a", inferenceConfig={}), warning("other-key")),
    "tools": converse(blocks("q", "a", toolConfig={"tools": []}), warning("other-key")),
    "another key in a message": converse(
        blocks("q", "a").replace('"role": "user"', '"role": "user", "name": "any"'), warning("other-key", "messages[0]")
    ),
    "a role twice": converse(blocks("q", "a").replace('"role"', '"role": "user", "role"', 1), error("duplicate-key")),
    "the messages format": converse(
        said("q", "a"),
        warning("schema-version-missing", "schemaVersion"),
        error("blocks", "messages[0].content"),
        error("blocks", "messages[1].content"),
    ),
    "system a string": converse(blocks("q", "a", system="any"), error("blocks", "system")),
    "system an object": converse(blocks("q", "a", system=TEXT), error("blocks", "system")),
    "system null": converse(blocks("q", "a", system=None), error("blocks", "system")),
    "system an empty list": converse(blocks("q", "a", system=[]), warning("empty-system", "system")),
    "system a list of strings": converse(blocks("q", "a", system=["any"]), error("block", "system[0]")),
    "system blank": converse(blocks("q", "a", system=[{"text": " "}]), error("empty-text", "system[0].text")),
    "content an empty list": converse(blocks("q", []), error("blocks", "messages[1].content")),
    "content an object": converse(blocks(TEXT, "a"), error("blocks", "messages[0].content")),
    "content a list of lists": converse(blocks([[TEXT]], "a"), error("block", "messages[0].content[0]")),
    "content a list of strings": converse(
        blocks(["q", "r"], "a"), *[error("block", f"messages[0].content[{index}]") for index in range(2)]
    ),
    "an image": converse(blocks([TEXT, IMAGE], "a"), error("block", "messages[0].content[1]")),
    "a video": converse(blocks([{"video": {}}, TEXT], "a"), error("block", "messages[0].content[0]")),
    "reasoning": converse(blocks("q", [{"reasoningContent": {}}, TEXT]), error("block", "messages[1].content[0]")),
    "an empty block": converse(blocks([{}], "a"), error("block", "messages[0].content[0]")),
    "a block that is null": converse(blocks([None], "a"), error("block", "messages[0].content[0]")),
    "a block with another key": converse(
        blocks([{**TEXT, "type": "text"}], "a"), warning("other-key", "messages[0].content[0]")
    ),
    "a block with text and an image": converse(
        blocks([{**TEXT, **IMAGE}], "a"), error("block", "messages[0].content[0]")
    ),
    "text null": converse(blocks([{"text": None}], "a"), error("text", "messages[0].content[0].text")),
    "text a number": converse(blocks("q", [TEXT, {"text": 5}]), error("text", "messages[1].content[1].text")),
    "text a list": converse(blocks([{"text": ["q"]}], "a"), error("text", "messages[0].content[0].text")),
    "text empty": converse(blocks("q", ""), error("empty-text", "messages[1].content[0].text")),
    "text blank among others": converse(
        blocks([TEXT, {"text": "\n"}], "a"), error("empty-text", "messages[0].content[1].text")
    ),
    "user last": converse(blocks("q", "a", "r"), error("last-role", "messages[2].role")),
    "assistant first": converse(
        blocks("q", "a").replace("user", "assistant"),
        error("first-role", "messages[0].role"),
        error("role-alternation", "messages[1].role"),
    ),
    "role tool": converse(blocks("q", "a").replace("user", "tool"), error("role", "messages[0].role")),
    "a key twice in a block": converse(
        blocks("q", "a").replace('{"text": "q"}', '{"text": "q", "text": "r"}'), error("duplicate-key")
    ),
}
