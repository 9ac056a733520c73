"""The site: it is built without a warning, each page has its place, and nothing is loaded from another host."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.docs import site as site_of
from tests.docs.pages import pages

_LOADED: Final = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["']?(https?:[^"' >]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = site_of.build(ROOT, folder)
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_of_docs_is_in_the_site(site: Path) -> None:
    docs = ROOT / "docs"
    sources = [page.path.relative_to(docs) for page in pages(docs)]
    assert len(sources) > 40
    assert [each for each in sources if not (site / each.with_suffix(".html")).exists()] == []


def test_pages_that_stand_elsewhere_are_in_it_too(site: Path) -> None:
    assert {path.name for path in (site / "project").iterdir()} == {
        "changelog.html",
        "contributing.html",
        "library.html",
        "security.html",
    }


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    found = {(path.name, url) for path in site.rglob("*.html") for url in _LOADED.findall(path.read_text("utf-8"))}
    assert found == set()
    assert "assets/mermaid.js" in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["nowhere.md", "other.md#nowhere"])
def test_a_link_that_leads_nowhere_is_noticed(target: str, tmp_path: Path) -> None:
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[0]
    alone = re.sub(r"(?m)^(hooks|extra_\w+):\n(  - .*\n)+", "", config)
    (tmp_path / "mkdocs.yml").write_text(alone, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Page\n\n[nowhere]({target})\n", encoding="utf-8")
    (tmp_path / "docs" / "other.md").write_text("# Other page\n", encoding="utf-8")
    built = site_of.build(tmp_path, tmp_path / "site")
    assert built.returncode == 1
    assert "nowhere" in built.stderr
