"""What whoever starts a bench has said in its environment."""

import os
import sys


def asked_rounds(default: int) -> int:
    """Return how many rounds BENCH_ROUNDS asks for; end the program when that is no number from 1."""
    given = os.environ.get("BENCH_ROUNDS", str(default))
    if not given.isdecimal() or int(given) == 0:
        sys.exit(f"BENCH_ROUNDS is {given!r}; allowed a number from 1")
    return int(given)
