"""Entry point of `python -m bench.report`."""

import sys
from pathlib import Path

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parents[2] / root) for root in ("constructs", "lambda"))

from bench.report.bench import main

if __name__ == "__main__":
    main()
