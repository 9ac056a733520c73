"""The parts of pages that are printed from code, each between a comment and the next `<!-- end -->`."""

import os
import re
from pathlib import Path


def assert_printed(page: Path, comment: str, expected: str) -> None:
    """Fail unless the page has `expected` after `<!-- comment -->`; `make snapshots` writes it there."""
    part = re.compile(rf"(?<=<!-- {re.escape(comment)} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    text = page.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_SNAPSHOTS"):
        text = part.sub(lambda _: expected, text, count=1)
        page.write_text(text, encoding="utf-8")
    found = part.search(text)
    assert found is not None, f"{page.name} has no <!-- {comment} -->"
    assert found[0] == expected
