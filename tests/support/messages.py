"""What a test holds of a message: the values that it names and the remedy's tokens, never the words around them."""

import re


def saying(token: object, *others: object) -> str:
    """Return the pattern, for `match`, of a line with every token: in any order, and none inside a longer word."""
    return "(?m)^" + "".join(f"(?=.*{_whole(str(each))})" for each in (token, *others))


def says(text: object, token: object, *others: object) -> bool:
    """Tell whether one line of a text holds every token."""
    return re.search(saying(token, *others), str(text)) is not None


def _whole(token: str) -> str:
    before = r"(?<!\w)" if re.match(r"\w", token) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", token) else ""
    return before + re.escape(token) + after
