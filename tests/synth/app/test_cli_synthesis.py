"""The project run by the real CDK CLI: the same output everywhere, with no credentials."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.synth.cli import Syntheses, Synthesis, without_credentials
from tests.synth.templates import Json, without_code_hash, without_metadata

BAD_ENVIRONMENT: Final = """\
account = "12"
region = "us-west-2"
"""
BAD_MODEL: Final = """\
[training]
base_model = "anthropic.claude-3-haiku-20240307-v1:0:200k"
attempt = 0

[data]
train = { path = "train.jsonl" }
"""


def test_needs_no_credentials(syntheses: Syntheses) -> None:
    for synthesis in (syntheses.plain, syntheses.elsewhere):
        assert synthesis.exit_code == 0, synthesis.log


def test_writes_the_same_templates_in_every_checkout(syntheses: Syntheses) -> None:
    # The runs differ in folder, hash seed, and in compiled code lying beside that of the functions.
    plain, elsewhere = (each.files("*.template.json") for each in (syntheses.plain, syntheses.elsewhere))
    assert len(plain) == 6
    assert plain == elsewhere


def test_publishes_the_same_assets_from_every_checkout(syntheses: Syntheses) -> None:
    assert list((syntheses.elsewhere.project / "lambda").rglob("*.pyc"))
    plain, elsewhere = (_asset_names(each) for each in (syntheses.plain, syntheses.elsewhere))
    assert plain == elsewhere
    assert syntheses.plain.files("*.assets.json") == syntheses.elsewhere.files("*.assets.json")


def test_ships_no_compiled_code(syntheses: Syntheses) -> None:
    shipped = _shipped(syntheses.elsewhere)
    assert "bedrock_lifecycle/contract/__init__.py" in shipped
    assert not [name for name in shipped if "__pycache__" in name or not name.endswith((".py", ".toml", ".json"))]


def test_looks_nothing_up_in_an_account(syntheses: Syntheses) -> None:
    for synthesis in (syntheses.plain, syntheses.elsewhere):
        assert not (synthesis.project / "cdk.context.json").exists()
        for path, manifest in synthesis.files("manifest.json").items():
            assert "missing" not in json.loads(manifest), path


def test_is_what_the_other_tests_look_at(syntheses: Syntheses, templates: dict[tuple[str, str], Json]) -> None:
    written = {Path(path).name: json.loads(text) for path, text in syntheses.plain.files("*.template.json").items()}
    for (environment, stack), template in templates.items():
        (name,) = (name for name in written if re.match(rf"{environment}[a-z]*{stack}[0-9A-F]{{8}}\.", name))
        assert _compared(written[name]) == _compared(template)


def _compared(template: Json) -> Json:
    return without_code_hash(without_metadata(template))


def _asset_names(synthesis: Synthesis) -> list[str]:
    return sorted(path.name for path in synthesis.output.glob("asset.*"))


def _shipped(synthesis: Synthesis) -> list[str]:
    (folder,) = (path for path in synthesis.output.glob("asset.*") if (path / "bedrock_lifecycle").is_dir())
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def refused(
    syntheses: Syntheses, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The app run with bad settings, as the CLI runs it."""
    folder = tmp_path_factory.mktemp("bad")
    environment = folder / "dev"
    environment.mkdir()
    (environment / "train.jsonl").write_text("{}\n", encoding="utf-8")
    (environment / "environment.toml").write_text(BAD_ENVIRONMENT, encoding="utf-8")
    (environment / "far too long a name for a model.toml").write_text(BAD_MODEL, encoding="utf-8")
    output = folder / "cdk.out"
    context = json.dumps({"environments": str(folder)})
    run = subprocess.run(
        [sys.executable, "app.py"],
        cwd=syntheses.plain.project,
        env=without_credentials(CDK_CONTEXT_JSON=context, CDK_OUTDIR=str(output)),
        capture_output=True,
        text=True,
        check=False,
    )
    return run, output


def test_bad_settings_end_the_run_with_one_line_for_each_problem(
    refused: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    run, _ = refused
    assert run.returncode == 1
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["account", "file name", "training.attempt"]
    assert [line.split(": ")[0].rpartition("/dev/")[2] for line in lines] == [
        "environment.toml",
        *["far too long a name for a model.toml"] * 2,
    ]


def test_bad_settings_write_no_template(refused: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    _, output = refused
    assert not list(output.rglob("*.template.json"))
