"""Lambda entry of a team's own metric: calls its function for each pair, beside whose file it is copied.

It shares no code with the rest, since it runs alone.
"""

import importlib
import os
from typing import Any


def on_event(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    score = getattr(importlib.import_module(os.environ["METRIC_FILE"]), os.environ["METRIC_FUNCTION"])
    return {"scores": [score(pair["answer"], pair["reference"]) for pair in event["pairs"]]}
