"""The process that synthesizes for `wanted`: a deployment may take hours, and keeps none of the CDK's libraries."""

import json
import sys
from pathlib import Path

from settings import load_environment
from tune.account import templates


def main(folder: str, environment: str, stack: str, output: str) -> None:
    """Write the template of an environment's Foundation, which follows from no model."""
    body = templates.bodies(load_environment(Path(folder), environment, models=[]))[stack]
    Path(output).write_text(json.dumps(body), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
