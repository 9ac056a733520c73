"""Draws docs/site/report-light.png and report-dark.png: the report that `make demo` has left, as a browser shows it."""

import sys
from typing import Final

from docs.site.review_picture import ROOT, shoot
from tune.demo.steps import REPORT

PICTURES: Final = {"light": ROOT / "docs/site/report-light.png", "dark": ROOT / "docs/site/report-dark.png"}
_SIZE: Final = (900, 1080)


def main() -> None:
    """Draw it light and dark."""
    if not REPORT.exists():
        sys.exit(f"{REPORT} does not exist: run make demo first")
    for scheme, picture in PICTURES.items():
        shoot(REPORT, picture, scheme, _SIZE)


if __name__ == "__main__":
    main()
