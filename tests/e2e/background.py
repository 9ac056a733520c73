"""Looks at something all the time, in the background, while a test goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def all_the_while(look: Callable[[], None], *, pause: float, name: str) -> Iterator[None]:
    """Look again after each pause, in seconds, until the block ends; a look that raised fails it then."""
    errors: list[Exception] = []
    over = threading.Event()

    def looking() -> None:
        while not over.wait(pause):
            try:
                look()
            except Exception as error:  # noqa: BLE001 - raised where the test can see it
                errors.append(error)
                return

    thread = threading.Thread(target=looking, name=name)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=30)
    assert not errors, errors
