"""What a browser draws of a review's comment, light and dark: nothing too wide, readable text, every diagram."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from docs.site.report_picture import PICTURES as REPORTS
from docs.site.review_picture import PICTURES, SCHEMES, page
from tests.docs.faults import contrast
from tests.unit.tune.review.test_documents import MANY, of
from tune.review.compare import StackReview
from tune.review.markdown import CommentContext, comment

_CHROMIUM: Final = shutil.which("chromium")
HOSTILE: Final = '"]; click s0 "javascript:x" %% <b>no</b> #35; `end`'
STACKS: Final = tuple(
    StackReview(environment, f"model-{number}-{kind}", "changed", (("updated", "It", "AWS::IAM::Role"),))
    for environment in ("dev", HOSTILE)
    for number in range(5)
    for kind in ("Training", "Serving")
)
_MEASURED: Final = """<script>
const look = () => {
  if (!document.body.dataset.drawn) return setTimeout(look, 100);
  const color = (each, what) => getComputedStyle(each)[what];
  const texts = [...document.querySelectorAll("td, th, summary, h3, code")];
  const nodes = [...document.querySelectorAll(".node")];
  document.documentElement.dataset.seen = JSON.stringify({
    drawn: document.body.dataset.drawn, content: document.documentElement.scrollWidth, width: innerWidth,
    ground: color(document.body, "backgroundColor"), colors: [...new Set(texts.map(each => color(each, "color")))],
    labels: [...document.querySelectorAll(".nodeLabel, .cluster-label")].map(each => each.textContent),
    boxes: nodes.map(each =>
      [color(each.querySelector(".nodeLabel"), "color"), color(each.querySelector("rect"), "fill")]),
    clipped: [...document.querySelectorAll("foreignObject")].filter(each =>
      each.firstElementChild.scrollWidth > Math.ceil(each.width.baseVal.value)).length,
    scripts: document.querySelectorAll("svg a, svg b").length,
  });
};
look();
</script>"""


@pytest.mark.slow
@pytest.mark.skipif(_CHROMIUM is None, reason="not run: there is no chromium (Debian's package) on this machine")
@pytest.mark.parametrize("width", [600, 1000])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_comment_is_drawn_whole(scheme: str, width: int, tmp_path: Path) -> None:
    seen = measured(
        comment(of(*MANY[:60], stacks=STACKS), "main", "head", CommentContext(is_drawn=True)), scheme, width, tmp_path
    )
    assert (seen["drawn"], seen["width"], seen["scripts"], seen["clipped"]) == ("yes", width, 0, 0)
    assert seen["content"] <= width
    dark = scheme == "dark"
    assert (seen["ground"] == "rgb(13, 17, 23)") is dark
    assert min(contrast(color, seen["ground"]) for color in seen["colors"]) >= 4.5
    assert len(seen["boxes"]) == 13
    assert min(contrast(*colors) for colors in seen["boxes"]) >= 4.5
    assert "8 changed stacks more" in seen["labels"]
    assert HOSTILE in seen["labels"]


def measured(text: str, scheme: str, width: int, folder: Path) -> dict[str, Any]:
    file = folder / "comment.html"
    file.write_text(page(text) + _MEASURED, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/user", SCHEMES[scheme]]
    size = [f"--window-size={width},900", "--virtual-time-budget=30000"]
    command = [str(_CHROMIUM), *options, *size, "--dump-dom", file.as_uri()]
    drawn = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout
    seen = re.search(r'data-seen="([^"]*)"', drawn)
    assert seen, drawn[-2000:]
    found: dict[str, Any] = json.loads(html.unescape(seen[1]))
    return found


@pytest.mark.parametrize("picture", [*PICTURES.values(), *REPORTS.values()], ids=lambda its: its.stem)
def test_the_pictures_of_the_pages_are_small(picture: Path) -> None:
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size <= 160_000
