"""What is wrong with a file as a whole, and where its lines end."""

import gzip
from typing import Final

from tests.unit.dataset_rules.corpus.case import Case, asked, blocks, converse, error, messages, prompt, said

GOOD: Final = said("q", "a") + "\n"
LINE: Final = GOOD.encode()


def turned(role: str) -> str:
    """Return a record of the messages format whose system prompt is a turn of this role."""
    return said("q", "a").replace("[", f'[{{"role": "{role}", "content": "s"}}, ', 1)


CASES: Final[dict[str, Case]] = {
    "a last line without its end": messages(GOOD + GOOD.rstrip()),
    "line ends of Windows": messages((GOOD * 3).replace("\n", "\r\n")),
    "line ends of old Macintoshes": messages((GOOD * 2).replace("\n", "\r"), error("json")),
    "line separators of Unicode": messages((GOOD * 2).replace("\n", "\u2028"), error("json")),
    "empty": messages(b"", error("record-count", line=0), min_records=1),
    "empty, where that is allowed": messages(b"", min_records=0),
    "one line end": messages("\n", error("blank-line"), error("record-count", line=0), min_records=1),
    "a blank line first": messages("\n" + GOOD, error("blank-line")),
    "a blank line between": messages(GOOD + " \t\n" + GOOD, error("blank-line", line=2)),
    "a blank line last": messages(GOOD + "\n", error("blank-line", line=2)),
    "a blank line of Windows": messages(GOOD + "\r\n" + GOOD, error("blank-line", line=2)),
    "a line of spaces without an end": messages(GOOD + "   ", error("blank-line", line=2)),
    "too few records": messages(GOOD, error("record-count", line=0), min_records=2),
    "just enough records": messages(GOOD * 2, min_records=2, max_records=3),
    "just not too many records": messages(GOOD * 3, min_records=2, max_records=3),
    "too many records": messages(GOOD * 4, error("record-count", line=0), min_records=2, max_records=3),
    "bad records count": messages("{}\nany\n", error("missing-key"), error("json", line=2), min_records=2),
    "blank lines do not count": messages(
        GOOD + "\n", error("blank-line", line=2), error("record-count", line=0), min_records=2
    ),
    "as large as allowed": messages(GOOD, max_file_bytes=len(LINE)),
    "too large": messages(GOOD, error("file-size", line=0), max_file_bytes=len(LINE) - 1),
    "a byte order mark": messages("\ufeff" + GOOD * 2, error("byte-order-mark")),
    "a byte order mark alone": messages("\ufeff", error("byte-order-mark"), error("blank-line")),
    "a byte order mark and nonsense": messages("\ufeffany", error("byte-order-mark"), error("json")),
    "a Git LFS pointer": messages(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", error("file-kind", line=0), min_records=9
    ),
    "UTF-16 with a mark": messages(GOOD.encode("utf-16"), error("file-kind", line=0)),
    "UTF-16, big end first, with a mark": messages(b"\xfe\xff" + GOOD.encode("utf-16-be"), error("file-kind", line=0)),
    "UTF-32 with a mark": messages(GOOD.encode("utf-32"), error("file-kind", line=0)),
    "UTF-16 without a mark": messages(GOOD.rstrip().encode("utf-16-le"), error("json")),
    "packed with gzip": messages(gzip.compress(LINE, mtime=0), error("file-kind", line=0)),
    "packed with gzip, and good lines after it": messages(
        gzip.compress(b"any", mtime=0) + b"\n" + LINE * 2, error("file-kind", line=0), min_records=1
    ),
    "a zip archive": messages(b"PK\x03\x04\x14\x00any\n\n", error("file-kind", line=0)),
    "a JSON array of records": messages("[\n" + GOOD + "]\n", error("other-shape", line=0), min_records=9),
    "a JSON array with commas": messages(
        f"[\n{(GOOD.strip() + ',' + chr(10)) * 3}{GOOD}]", error("other-shape", line=0)
    ),
    "a JSON array in one line": messages(f"[{GOOD.strip()}, {GOOD.strip()}]", error("other-shape", line=0)),
    "a JSON array in a line that is too long": messages(
        f"[{GOOD.strip()}, {' ' * 200_000}{GOOD.strip()}]", error("other-shape", line=0)
    ),
    "a JSON array after a mark": messages(f"\ufeff[{GOOD.strip()}]", error("other-shape", line=0)),
    "a JSON array of no records": messages("[1, 2]\n[3]\n", error("record"), error("record", line=2)),
    "an array among records": messages("[{}]\n" + GOOD * 2, error("record")),
    "pretty JSON": messages('{\n  "messages": []\n}\n', error("other-shape", line=0)),
    "pretty JSON with tabs": messages('{\r\n\t"messages":\r\n[]\r\n}\r\n', error("other-shape", line=0)),
    "CSV": messages("prompt,completion\nq,a\n", error("other-shape", line=0), min_records=9),
    "CSV with a mark, quotes and semicolons": converse(
        '\ufeff"Id";"Question";"Answer"\n1;"q\nr";"a"\n', error("other-shape", line=0)
    ),
    "CSV with quoted names of its own": converse('"Frage","Antwort"\n"q","a"\n', error("other-shape", line=0)),
    "a table with tabs": prompt("instruction\tinput\toutput\nq\t\ta\n", error("other-shape", line=0)),
    "a line of prose": messages("A question, and an answer.\n", error("json")),
    "OpenAI chat": converse((turned("system") + "\n" + turned("developer") + "\n"), error("other-shape", line=0)),
    "OpenAI chat where strings are wanted": messages((turned("system") + "\n") * 2, error("other-shape", line=0)),
    "OpenAI chat in one record of three": messages(
        GOOD * 2 + said("q", "a").replace("user", "system"),
        error("role", "messages[0].role", line=3),
    ),
    "OpenAI chat with parts": messages(
        (said([{"type": "text", "text": "q"}], "a") + "\n") * 3, error("other-shape", line=0)
    ),
    "ShareGPT": messages(
        '{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}\n' * 2,
        error("other-shape", line=0),
    ),
    "instruction, input, output": converse(
        '{"instruction": "i", "input": "", "output": "a"}\n' * 2, error("other-shape", line=0)
    ),
    "question and answer": prompt('{"question": "q", "answer": "a"}\n' * 2, error("other-shape", line=0)),
    "preference pairs": prompt('{"prompt": "q", "chosen": "a", "rejected": "b"}\n' * 2, error("other-shape", line=0)),
    "preference pairs of Nova": converse(
        (blocks("q", "a").replace('"role": "assistant", "content"', '"role": "assistant", "candidates"') + "\n") * 2,
        error("other-shape", line=0),
    ),
    "preference pairs of messages": converse(
        '{"prompt": "q", "chosen": {"role": "assistant"}, "rejected": {}}\n' * 2, error("other-shape", line=0)
    ),
    "preference pairs of conversations": converse(
        '{"chosen_messages": [], "rejected_messages": []}\n' * 2, error("other-shape", line=0)
    ),
    "texts for pre-training": messages('{"text": "any", "meta": {}}\n' * 2, error("other-shape", line=0)),
    "reinforcement data": converse((said("q", reference_answer="a") + "\n") * 2, error("other-shape", line=0)),
    "reinforcement data of several turns": converse(
        ('{"prompt": [{"role": "user", "content": "q"}], "answer": "a", "info": {}}' + "\n") * 2,
        error("other-shape", line=0),
    ),
    "distillation data": converse((blocks("q") + "\n") * 2, error("other-shape", line=0)),
    "one prompt without an answer among records": converse(
        (blocks("q", "a") + "\n") * 2 + blocks("q"),
        error("message-count", "messages", line=3),
        error("last-role", "messages[0].role", line=3),
    ),
    "strings where blocks are wanted": converse(GOOD * 3, error("other-shape", line=0), min_records=9),
    "blocks where strings are wanted": messages((blocks("q", "a") + "\n") * 2, error("other-shape", line=0)),
    "pairs where blocks are wanted": converse((asked() + "\n") * 2, error("other-shape", line=0)),
    "strings where pairs are wanted, too large": prompt(
        GOOD * 2, error("other-shape", line=0), error("file-size", line=0), max_file_bytes=9
    ),
    "the wanted shape with errors": messages(
        (said("q", 1) + "\n") * 2, error("text", "messages[1].content"), error("text", "messages[1].content", line=2)
    ),
    "null bytes": messages(b"\0" * 100, error("json")),
    "random bytes": messages(bytes(range(254, 127, -1)), error("utf-8")),
    "every line wrong in another way": messages(
        "{\n[]\n\n{}\n" + GOOD,
        error("json"),
        error("record", line=2),
        error("blank-line", line=3),
        error("missing-key", line=4),
    ),
}
