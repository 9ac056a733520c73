"""An interrupt while the command line is still being imported: it would only show where the imports are."""

import os
import signal
import sys
from types import FrameType


def begin() -> None:
    """End in words at an interrupt from now on; a shell that lets this process ignore interrupts keeps it so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)


def end() -> None:
    """Leave interrupts to the commands, which know what they leave."""
    if signal.getsignal(signal.SIGINT) is _interrupted:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    os.write(sys.stderr.fileno(), b"Interrupted. Nothing was started.\n")
    os._exit(130)
