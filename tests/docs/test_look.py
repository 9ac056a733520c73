"""What a browser draws of the site at three widths, light and dark: nothing is too wide, and no picture is missing."""

import functools
import html
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs import site
from tests.docs.faults import contrast

_CHROMIUM: Final = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(_CHROMIUM is None, reason="not run: there is no chromium (Debian's package) on this machine"),
]

PAGES: Final = (
    "index.html",
    "tutorials/first-model.html",
    "how-to/index.html",
    "how-to/review.html",
    "how-to/losses.html",
    "reference/commands.html",
    "reference/settings.html",
    "reference/privileges.html",
    "explanation/how-it-works.html",
    "explanation/lifecycle.html",
)
WIDTHS: Final = (400, 800, 1400)
_DARK: Final = {"light": "--blink-settings=preferredColorScheme=1", "dark": "--blink-settings=preferredColorScheme=0"}
# Each page in a frame of each width; what was measured there is written into this page.
_HARNESS: Final = """<!doctype html><body><script>
const cases = CASES, found = [];
const look = ([page, width]) => new Promise(done => {
  const frame = Object.assign(document.createElement("iframe"), {src: page});
  frame.style = `width:${width}px;height:900px`;
  frame.onload = () => setTimeout(() => {
    const there = frame.contentDocument, root = there.documentElement;
    const seen = there.defaultView.getComputedStyle(there.body);
    found.push({
      page, width, content: root.scrollWidth,
      missing: [...there.images].filter(each => !each.naturalWidth).map(each => each.src),
      diagrams: there.querySelectorAll("div.mermaid").length, undrawn: there.querySelectorAll("pre.mermaid").length,
      scheme: there.body.dataset.mdColorScheme, background: seen.backgroundColor, color: seen.color,
    });
    frame.remove(); done();
  }, 1500);
  document.body.append(frame);
});
(async () => {
  for (const each of cases) await look(each);
  document.body.textContent = JSON.stringify(found);
})();
</script>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    assert site.build(site.ROOT, folder).returncode == 0
    cases = json.dumps([[page, width] for page in PAGES for width in WIDTHS])
    (folder / "look.html").write_text(_HARNESS.replace("CASES", cases), encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_drawn_whole(scheme: str, address: str, tmp_path: Path) -> None:
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", _DARK[scheme]]
    command = [str(_CHROMIUM), *options, "--virtual-time-budget=120000", "--dump-dom", f"{address}/look.html"]
    drawn = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout
    body = re.search(r"<body>(.*)</body>", drawn, re.DOTALL)
    assert body
    seen = json.loads(html.unescape(body[1]))
    assert len(seen) == len(PAGES) * len(WIDTHS)
    assert [each for each in seen if each["content"] > each["width"]] == []
    assert [each for each in seen if each["missing"] or each["undrawn"]] == []
    assert {each["page"] for each in seen if each["diagrams"]} == {"index.html", "explanation/how-it-works.html"}
    assert {each["scheme"] for each in seen} == {{"light": "default", "dark": "slate"}[scheme]}
    assert min(contrast(each["color"], each["background"]) for each in seen) >= 4.5
