"""Entry point of `python -m tune`."""

import sys
from pathlib import Path

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parents[1] / root) for root in ("constructs", "lambda"))

from tune.cli import main

if __name__ == "__main__":
    main()
