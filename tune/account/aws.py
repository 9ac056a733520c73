"""What the commands ask AWS by."""

from collections.abc import Callable
from typing import Any

Aws = Callable[[str], Any]
"""A client by the service's name. A stand-in may take the place of boto3, which this module does not load."""
