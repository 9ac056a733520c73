"""Draws docs/site/review-light.png and review-dark.png: the comment of a review as a browser shows it.

The review is one of this project's own environments, before and after two lines are changed.
"""

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from markdown_it import MarkdownIt

from bench.synth.report import user_seconds, variables
from tune.review.assembly import read
from tune.review.compare import review
from tune.review.markdown import CommentContext, comment

ROOT: Final = Path(__file__).resolve().parents[2]
PICTURES: Final = {"light": ROOT / "docs/site/review-light.png", "dark": ROOT / "docs/site/review-dark.png"}
SCHEMES: Final = {"light": "--blink-settings=preferredColorScheme=1", "dark": "--blink-settings=preferredColorScheme=0"}
MERMAID: Final = ROOT / "node_modules" / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"
_WIDTH: Final = 900
_HEIGHT: Final = 1060
_SMALLER: Final = '<body style="font-size: 12.5px">'
_CHANGES: Final = {
    "dev/docstrings.toml": ("epochCount = 2", "epochCount = 3"),
    "local/docstrings.toml": ("model_units = 1", "model_units = 2"),
}
# Hosts draw these signs themselves; the machine of a test may have no font that does.
_SIGNS: Final = {
    "🔴": "#d1242f",
    "🟠": "#e8751a",
    "🟣": "#8250df",
    "🟡": "#d4a72c",
    "⛔": "#a40e26",
    "⚪": "#afb8c1",
    "🔵": "#0969da",
}
_DIAGRAM: Final = re.compile(r'<pre><code class="language-mermaid">(.*?)</code></pre>', re.DOTALL)
# In the manner of code hosts: their fonts, a comment's width, and colors by what the reader prefers.
_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><style>
:root { color-scheme: light dark; --text: #1f2328; --ground: #ffffff; --line: #d1d9e0; --code: #eff1f3 }
@media (prefers-color-scheme: dark) { :root { --text: #f0f6fc; --ground: #0d1117; --line: #3d444d; --code: #262c36 } }
body { margin: 0; padding: 24px; color: var(--text); background: var(--ground);
  font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", "Noto Color Emoji", sans-serif }
h3 { font-size: 1.25em; margin: 0 0 12px }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 12px 0 }
th, td { border: 1px solid var(--line); padding: 5px 10px; vertical-align: top; text-align: left }
code { background: var(--code); padding: 2px 5px; border-radius: 5px;
  font: 85% ui-monospace, "DejaVu Sans Mono", monospace }
.sign { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 3px }
td:first-child { white-space: nowrap }
details { margin: 8px 0 } summary { cursor: pointer } svg { max-width: 100% }
</style><body>BODY<script>SCRIPT</script><script>
mermaid.initialize({startOnLoad: false, securityLevel: "strict",
  theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "default"});
mermaid.run({querySelector: ".mermaid"}).then(() => document.body.dataset.drawn = "yes",
  error => document.body.dataset.drawn = error);
</script></body></html>"""


def page(text: str) -> str:
    """Return a comment's Markdown as a page: tables, HTML and diagrams as code hosts show them."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    for sign, color in _SIGNS.items():
        body = body.replace(sign, f'<span class="sign" style="background:{color}"></span>')
    drawn = _DIAGRAM.sub(lambda its: f'<pre class="mermaid">{its[1]}</pre>', body)
    first, _, rest = drawn.partition("<details>")
    opened = f"{first}<details open>{rest}" if rest and 'class="mermaid"' in rest else drawn
    script = MERMAID.read_text(encoding="utf-8").replace("</script", "<\\/script")
    return _PAGE.replace("BODY", opened).replace("SCRIPT", script)


def example(folder: Path) -> str:
    """Return the comment of the example, made in a folder."""
    base, head = (_assembly(folder / name, changes) for name, changes in (("base", {}), ("head", _CHANGES)))
    told = CommentContext(at="2026-11-28 14:02 UTC", is_drawn=True)
    return comment(review(read(base), read(head)), "origin/main@5b1f0c93a7d2", "this checkout@e94d27c80a16", told)


def _assembly(folder: Path, changes: dict[str, tuple[str, str]]) -> Path:
    settings = folder / "settings"
    for name in ("dev", "local"):
        shutil.copytree(ROOT / "environments" / name, settings / name)
    for file in settings.rglob("*.toml"):
        text = file.read_text(encoding="utf-8").replace("../../examples", str(ROOT / "examples"))
        old, new = changes.get(str(file.relative_to(settings)), ("", ""))
        if old not in text:
            sys.exit(f"{file.name} has no {old!r} any more: correct docs/site/review_picture.py")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
    user_seconds([sys.executable, "app.py"], _context(folder / "out", settings))
    return folder / "out"


def _context(output: Path, settings: Path) -> dict[str, str]:
    # The CDK CLI writes constructs into templates; an app alone does not.
    return variables(output, environments=str(settings), **{"aws:cdk:enable-path-metadata": "true"})


def shoot(page: Path, picture: Path, scheme: str, size: tuple[int, int]) -> None:
    """Draw what a browser shows first of a page, in one of the SCHEMES."""
    chromium = shutil.which("chromium") or sys.exit("there is no chromium (Debian's package) on this machine")
    with TemporaryDirectory(ignore_cleanup_errors=True) as user:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-lcd-text"]
        options += [SCHEMES[scheme], f"--window-size={size[0]},{size[1]}", f"--user-data-dir={user}"]
        waits = "--virtual-time-budget=20000"
        subprocess.run([chromium, *options, waits, f"--screenshot={picture}", page.resolve().as_uri()], check=True)  # noqa: S603


def main() -> None:
    """Make the example, and draw it light and dark."""
    with TemporaryDirectory() as made:
        text = example(Path(made))
        file = Path(made) / "comment.html"
        file.write_text(page(text).replace("<body>", _SMALLER), encoding="utf-8")
        for scheme, picture in PICTURES.items():
            shoot(file, picture, scheme, (_WIDTH, _HEIGHT))
        print(html.unescape(text))  # noqa: T201 - for the page that shows the picture


if __name__ == "__main__":
    main()
