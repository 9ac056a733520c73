"""Reserved words, and how long a record may be."""

from typing import Final

from tests.unit.dataset_rules.corpus.case import Case, asked, blocks, converse, error, messages, prompt, said, warning

NOVA: Final = {"reserved_word_roles": ("system", "user")}
SHORT: Final = {"max_tokens_per_record": 100}
ASKED: Final = {"max_tokens_per_record": 150, "max_input_tokens": 100, "max_output_tokens": 50}

CASES: Final[dict[str, Case]] = {
    "Human in system": messages(said("q", "a", system="x\nHuman:y"), error("reserved-word", "system")),
    "Human in a question": messages(said("\nHuman:", "a"), error("reserved-word", "messages[0].content")),
    "Human in an answer": messages(said("q", "\n\nHuman: x"), error("reserved-word", "messages[1].content")),
    "Assistant in a question": messages(said("\nAssistant:", "a"), error("reserved-word", "messages[0].content")),
    "both, three times": messages(
        said("\nHuman:\nAssistant:\nHuman:", "a"),
        error("reserved-word", "messages[0].content"),
        error("reserved-word", "messages[0].content"),
    ),
    "Human in escapes": messages(
        said("x", "a").replace("x", r"\u000aHum\u0061n:"), error("reserved-word", "messages[0].content")
    ),
    "Human beside a null character": messages(
        said("x", "a").replace("x", r"\u0000\nHuman:"), error("reserved-word", "messages[0].content")
    ),
    "Human without its colon": messages(said("x\nHuman beings", "a")),
    "Human without its line break": messages(said("x Human: y", "a")),
    "Human after a carriage return": messages(said("x\rHuman: y", "a")),
    "Human after a backslash and an n": messages(said(r"x\nHuman: y", "a")),
    "Human in small letters": messages(said("x\nhuman: y", "a")),
    "Human at the start": messages(said("Human: x", "a"), warning("reserved-word-start", "messages[0].content")),
    "Assistant at the start": messages(said("q", "Assistant:"), warning("reserved-word-start", "messages[1].content")),
    "Human at the start in quotes": messages(said('"Human: x"', "a")),
    "Human at the start and within": messages(
        said("Human: x\nHuman: y", "a"), error("reserved-word", "messages[0].content")
    ),
    "Nova's words in Claude's format": messages(said("User: Bot: <image> [EOS]", "a")),
    "Claude's words in Nova's format": converse(blocks("x\nHuman: y", "a")),
    "User in a question": converse(blocks("User: x", "a"), error("reserved-word", "messages[0].content[0].text")),
    "image in system": converse(
        blocks("q", "a", system=[{"text": "an <image>"}]), error("reserved-word", "system[0].text")
    ),
    "EOS in the second block": converse(
        blocks([{"text": "x"}, {"text": "[EOS]"}], "a"), error("reserved-word", "messages[0].content[1].text")
    ),
    "Bot in an answer": converse(
        blocks("q", "Bot: x"), warning("reserved-word-role", "messages[1].content[0].text"), **NOVA
    ),
    "Bot in an answer, where all roles are named": converse(
        blocks("q", "Bot: x"), error("reserved-word", "messages[1].content[0].text")
    ),
    "User in small letters": converse(
        blocks("user: x", "a"), warning("reserved-word-case", "messages[0].content[0].text")
    ),
    "EOS in small letters in an answer": converse(
        blocks("q", "[eos]"), warning("reserved-word-case", "messages[1].content[0].text"), **NOVA
    ),
    "USER in escapes": converse(
        blocks("x", "a").replace('"x"', r'"\u0055SER:"'), error("reserved-word", "messages[0].content[0].text")
    ),
    "uSer in escapes": converse(
        blocks("x", "a").replace('"x"', r'"u\u0053er:"'), warning("reserved-word-case", "messages[0].content[0].text")
    ),
    "two spellings of one word": converse(
        blocks("User: x, USER: y", "a"),
        error("reserved-word", "messages[0].content[0].text"),
        error("reserved-word", "messages[0].content[0].text"),
    ),
    "a spelling that is reserved and one that is not": converse(
        blocks("USER: x, user: y", "a"),
        error("reserved-word", "messages[0].content[0].text"),
        warning("reserved-word-case", "messages[0].content[0].text"),
    ),
    "every word of a text": converse(
        blocks("SYSTEM: x [EOS] <image>", "a"), *[error("reserved-word", "messages[0].content[0].text")] * 3
    ),
    "a suspected word": converse(
        blocks("thought: x", "<unk>"),
        warning("reserved-word-suspected", "messages[0].content[0].text"),
        warning("reserved-word-suspected", "messages[1].content[0].text"),
        suspected_words=("Thought:", "<unk>"),
    ),
    "a suspected word with a line break, in escapes": converse(
        blocks("x", "a").replace('"x"', r'"y\u000a\u0045nd"'),
        warning("reserved-word-suspected", "messages[0].content[0].text"),
        suspected_words=("\nEnd",),
    ),
    "User before a colon that is none": converse(blocks("User\u02d0 x", "a")),
    "User with a long s": converse(blocks("u\u017fer: x", "a")),
    "User with a space": converse(blocks("User : x", "a")),
    "words of one's own, with a slash": prompt(
        asked("x").replace("x", r"<\/s>"), error("reserved-word", "prompt"), reserved_words=("</s>",)
    ),
    "words of one's own, not in Latin": prompt(
        asked("q", "終了 x"), error("reserved-word", "completion"), reserved_words=("終了",)
    ),
    "as long as is surely short enough": messages(said("q" * 200, "a" * 10), **SHORT),
    "longer than is surely short enough": messages(
        said("q" * 250, "a" * 50), warning("record-length-cautious"), **SHORT
    ),
    "as long as the best ratio allows": messages(
        said("q" * 500, "a" * 100), warning("record-length-cautious"), **SHORT
    ),
    "longer than the best ratio allows": messages(said("q" * 500, "a" * 101), error("record-length"), **SHORT),
    "the system prompt counts": messages(said("q", "a", system="s" * 599), error("record-length"), **SHORT),
    "characters are counted, not bytes": messages(said("字" * 599, "a"), warning("record-length-cautious"), **SHORT),
    "characters beyond two bytes are one": messages(said("😀" * 599, "a"), warning("record-length-cautious"), **SHORT),
    "escapes are characters": messages(
        said("x", "a").replace("x", r"\u00e9" * 599), warning("record-length-cautious"), **SHORT
    ),
    "white space around a record is none of it": messages(said("q" * 200, "a") + " " * 1000, **SHORT),
    "converse: all blocks count": converse(
        blocks([{"text": "q" * 300}, {"text": "r" * 300}], "a"), error("record-length"), **SHORT
    ),
    "prompt: longer than surely short enough": prompt(asked("q" * 301, "a"), warning("input-length-cautious"), **ASKED),
    "prompt: longer than the best ratio allows": prompt(
        asked("q" * 601, "a"), warning("record-length-cautious"), error("input-length"), **ASKED
    ),
    "completion: longer than surely short enough": prompt(
        asked("q", "a" * 151), warning("output-length-cautious"), **ASKED
    ),
    "completion: longer than the best ratio allows": prompt(asked("q", "a" * 301), error("output-length"), **ASKED),
    "the answer of a conversation is its last message": messages(
        said("q", "a" * 200, "r", "b" * 160), warning("output-length-cautious"), max_output_tokens=50
    ),
    "longer than any line may be": messages(said("q", "a").ljust(100 * 72 + 65_536 + 1), error("line-length"), **SHORT),
    "as long as a line may be": messages(said("q", "a").ljust(100 * 72 + 65_536), **SHORT),
}
