"""Watches, in the background, whether a throughput is serving at every moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.e2e.account import Account
from tests.e2e.background import all_the_while

# While a throughput is moved to another model it goes on serving the one that it has.
_SERVING: Final = frozenset({"InService", "Updating"})


@contextmanager
def always_serving(account: Account, *, pause: float = 0.02) -> Iterator[list[tuple[str, str]]]:
    """Look at the throughput all the time; in the end every look must have found it with a model to serve.

    Yields the list of what is seen: status and model ARN, without repetitions in a row.
    """
    arn = account.throughput()["provisionedModelArn"]
    seen: list[tuple[str, str]] = []

    def look() -> None:
        found = account.bedrock.get_provisioned_model_throughput(provisionedModelId=arn)
        if not seen or seen[-1] != (found["status"], found["modelArn"]):
            seen.append((found["status"], found["modelArn"]))

    with all_the_while(look, pause=pause, name="serving watch"):
        yield seen
    assert seen
    assert {status for status, _ in seen} <= _SERVING, seen
    assert all(model for _, model in seen), seen
