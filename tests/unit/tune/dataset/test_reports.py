"""What machines and people read of a check."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from rich.console import Console

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE
from bedrock_lifecycle.dataset.rules.findings import FileFinding, FileFindings
from tests.unit.tune.dataset.data import ROOT, SECRET, write
from tune.dataset.reports import github, text
from tune.dataset.reports.checked import CheckedFile
from tune.dataset.reports.content import beginnings
from tune.dataset.reports.sarif import sarif

EVERY_RULE = tuple(
    FileFinding(number, "messages[0]", rule, "is not it") for number, rule in enumerate(sorted(CATALOGUE))
)


def checked(
    *findings: FileFinding, path: Path = Path("train.jsonl"), counts: dict[str, int] | None = None
) -> CheckedFile:
    each = dict.fromkeys({finding.rule for finding in findings}, 1)
    report = FileFindings(findings, {**each, **(counts or {})}, records=9, bytes=99, sha256="ab" * 32, characters=9)
    return CheckedFile(path, report, "train")


def shown(*files: CheckedFile, **options: Any) -> str:
    output = StringIO()
    text.show(files, Console(file=output, width=20), **options)
    return output.getvalue()


def every(value: object, key: str) -> Iterator[Any]:
    """Yield what stands under a key, anywhere."""
    if isinstance(value, dict):
        yield from ([value[key]] if key in value else [])
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from every(each, key)


def test_errors_come_before_warnings() -> None:
    file = checked(
        FileFinding(1, "", "overlap", "is there"),
        FileFinding(2, "", "json", "is none"),
        FileFinding(0, "", "overlap", "x"),
    )
    told = shown(file)
    assert told.index("error json") < told.index("warning overlap")
    assert "    line 2: is none\n" in told
    assert "    file: x\n" in told


def test_long_lines_are_not_broken() -> None:
    told = shown(checked(FileFinding(7, "a", "json", "x" * 300)))
    assert f"    line 7, a: {'x' * 300}\n" in told
    assert "train.jsonl: 1 error, 0 warnings in 9 records\n" in told


def test_markup_in_messages_and_names_is_text() -> None:
    assert "[bold]" in shown(checked(FileFinding(7, "[bold]", "json", "x"), path=Path("[red].jsonl")))


def test_content_is_shown_only_when_asked_and_never_as_something_to_obey(tmp_path: Path) -> None:
    path = write(tmp_path / "train.jsonl", b"first\n", "\x1b]0;title\x07 \u202e\r".encode() + b"\xff" + b"x" * 500)
    finding = FileFinding(2, "", "json", "is none")
    assert "title" not in shown(checked(finding, path=path))
    told = shown(checked(finding, path=path), show_content=True)
    assert "\\x1b]0;title\\x07 \\u202e\\r\\xffxxx" in told
    assert "first" not in told
    assert len(max(told.splitlines(), key=len)) < 300
    assert beginnings(path, [1, 2])[1] == "first"


def test_workflow_commands_escape_what_github_would_read() -> None:
    path = Path("a,b:c%\r\n.jsonl")
    finding = FileFinding(3, "x%,:\n", "json", "100%\r\n::stop-commands::x")
    [command, notice] = github.commands([checked(finding, path=path)])
    for line in (command, notice):
        assert "\n" not in line
        assert "\r" not in line
    assert command.startswith("::error file=")
    properties = command.split("::")[1]
    assert properties.count(",") == 2
    assert ",line=3,title=json" in properties
    assert command.endswith("100%25%0D%0A::stop-commands::x")


def test_a_finding_about_the_whole_file_stands_at_its_first_line() -> None:
    [command, _] = github.commands([checked(FileFinding(0, "", "record-count", "has too few"))])
    assert command == "::error file=train.jsonl,line=1,title=record-count::train.jsonl: has too few"


def test_the_totals_are_told_once_a_file() -> None:
    [*_, notice] = github.commands([checked(FileFinding(1, "", "json", "x"), counts={"json": 5000})])
    assert notice == "::notice file=train.jsonl,title=dataset check::train.jsonl: 5000 errors, 0 warnings in 9 records"


def test_sarif_has_the_structure_that_its_standard_asks_for() -> None:
    # SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.18 (tool), 3.27 (result), 3.49 (rule).
    log = json.loads(json.dumps(sarif([checked(*EVERY_RULE), checked(path=Path("validation.jsonl"))])))
    assert log["version"] == "2.1.0"
    assert urlsplit(log["$schema"]).path.endswith("/sarif-schema-2.1.0.json")
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids) == len(CATALOGUE)
    for rule in driver["rules"]:
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["help"]["text"]
        assert re.fullmatch(r"https://[^\s;,()]+", rule.get("helpUri", "https://none"))
    assert sum("helpUri" in rule for rule in driver["rules"]) > len(ids) / 2
    assert len(run["results"]) == len(EVERY_RULE)
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] == CATALOGUE[result["ruleId"]].level
        assert result["message"]["text"]
        [location] = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
    assert all(isinstance(line, int) for line in every(log, "startLine"))
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in every(log, "sha-256"))


def test_sarif_levels_and_lines_are_those_of_the_findings() -> None:
    log = sarif([checked(FileFinding(7, "a", "json", "x"), FileFinding(0, "", "overlap", "y"))])
    first, second = log["runs"][0]["results"]
    assert (first["level"], first["message"]["text"]) == ("error", "a: x")
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    assert (second["level"], second["message"]["text"]) == ("warning", "y")
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_sarif_tells_how_often_a_rule_was_broken_in_all() -> None:
    [counts] = every(sarif([checked(FileFinding(1, "", "json", "x"), counts={"json": 5000})]), "counts")
    assert counts == {"json": 5000}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a folder/ü#1.jsonl", "a%20folder/%C3%BC%231.jsonl"),
        ("folder/../train.jsonl", "train.jsonl"),
        ("../train.jsonl", (ROOT.parent / "train.jsonl").as_uri()),
        ("/elsewhere/a b.jsonl", "file:///elsewhere/a%20b.jsonl"),
    ],
)
def test_sarif_names_files_from_the_working_directory(path: str, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    log = sarif([checked(FileFinding(1, "", "json", SECRET), path=Path(path))])
    assert set(every(log, "uri")) == {uri}
    assert unquote(uri).endswith(".jsonl")
