"""Entry point of `python -m tune`."""

from tune.terminal import importing

if __name__ == "__main__":
    importing.begin()

import os
import sys
from pathlib import Path

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parents[1] / root) for root in ("constructs", "lambda"))

from stacks import cdk_library
from tune.deployment import node

if found := node.folder():
    # The CDK's libraries start a Node.js of their own when they are imported.
    os.environ.setdefault("JSII_NODE", str(found / "node"))
if __name__ == "__main__":
    cdk_library.prepare()

from tune.cli import main

if __name__ == "__main__":
    importing.end()
    main()
