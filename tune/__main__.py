"""Entry point of `python -m tune`."""

import os
import sys
from pathlib import Path

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parents[1] / root) for root in ("constructs", "lambda"))

from tune import node

if found := node.folder():
    # The CDK's libraries start a Node.js of their own when they are imported.
    os.environ.setdefault("JSII_NODE", str(found / "node"))

from tune.cli import main

if __name__ == "__main__":
    main()
