"""Digests by which a question is known where its text must not be."""

import hashlib
from typing import Final

# 64 bits: among a million questions two have the same in one of thirty million cases.
DIGITS: Final = 16


def digest(*texts: str) -> str:
    """Return the digest of the texts of a question: the first digits of the SHA-256 of them, with NUL between them."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:DIGITS]
