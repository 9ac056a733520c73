"""How the app's Node.js process is started: with one thread for what V8 does in the background.

A synthesis is over before most of what those threads compile and collect has paid off. With one of them instead of four
it takes a quarter less CPU time, and no longer by the clock (`make bench-synth`, on 2 cores).
"""

from typing import Final

# For the environment, before the first import of the AWS CDK: that starts Node.js.
VARIABLE: Final = "NODE_OPTIONS"
VALUE: Final = "--v8-pool-size=1"
