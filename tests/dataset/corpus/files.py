"""What is wrong with a file as a whole, and where its lines end."""

import gzip
from typing import Final

from tests.dataset.corpus.case import Case, error, messages, said

GOOD: Final = said("q", "a") + "\n"
LINE: Final = GOOD.encode()

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
    "a JSON array of records": messages("[\n" + GOOD + "]\n", error("json"), error("json", line=3), min_records=0),
    "pretty JSON": messages('{\n  "messages": []\n}\n', error("json"), error("json", line=2), error("json", line=3)),
    "CSV": messages("prompt,completion\nq,a\n", error("json"), error("json", line=2)),
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
