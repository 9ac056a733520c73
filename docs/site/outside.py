"""What the site does with links that leave docs/: pages of the repository join it, other files are named."""

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

# Pages that stand where their readers on a code host look for them, and what they are called in the site.
PAGES: Final = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "constructs/README.md": "project/library.md",
    "README.md": "index.md",
}
_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


def on_files(files: "Files", config: "MkDocsConfig") -> "Files":
    """Add the pages that do not stand in docs/, and what draws the diagrams: nothing is loaded from another host."""
    root = Path(config.docs_dir).parent
    script = root / "node_modules" / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"
    files.append(File.generated(config, "assets/mermaid.js", abs_src_path=str(script)))
    for source, page in PAGES.items():
        if source != "README.md":
            files.append(File.generated(config, page, content=(root / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: "Page", **_: Any) -> str:
    """Lead links out of docs/ to the pages of the site; what is no page becomes its path."""
    origin = {site: source for source, site in PAGES.items() if site != "index.md"}
    source = origin.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def lead(link: re.Match[str]) -> str:
        text, target = link.groups()
        name, _, anchor = target.partition("#")
        if target.startswith("https://") or not name:
            return link[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), name))
        page_of_site = PAGES.get(file) or (file.removeprefix("docs/") if file.startswith("docs/") else None)
        if page_of_site is None:
            return f"{text} (`{file}`)" if file not in text else text
        relative = posixpath.relpath(page_of_site, posixpath.dirname(page.file.src_uri) or ".")
        return f"[{text}]({relative}{'#' * bool(anchor)}{anchor})"

    return _LINK.sub(lead, markdown)
