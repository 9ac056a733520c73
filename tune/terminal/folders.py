"""Where this checkout lies, and its settings files."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER: Final = ROOT / "environments"
