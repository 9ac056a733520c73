"""The command: what it compares, how it tells it, and what it exits with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.synth.review.changes import synthesized
from tune.review.base import commit_of


def tune(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tune", "review", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folders(context: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An assembly, and one that trains and moves."""
    base, head = (tmp_path_factory.mktemp(name) for name in ("base", "head"))
    synthesized(base, context, ())
    synthesized(head, context, (("training.hyper_parameters", {"epochCount": 3}),))
    return str(base / "cdk.out"), str(head / "cdk.out")


@pytest.mark.parametrize(
    ("fail_on", "code"), [((), 0), (("--fail-on", "buys,deletes"), 0), (("--fail-on", "buys,trains"), 1)]
)
def test_it_exits_with_1_at_a_finding_of_a_class_that_was_named(
    fail_on: tuple[str, ...], code: int, folders: tuple[str, str]
) -> None:
    done = tune("--base", folders[0], "--head", folders[1], *fail_on)
    assert (done.returncode, done.stderr) == (code, "")
    assert "56,460 tokens" in " ".join(done.stdout.split())


def test_the_document_says_the_same_as_the_comment(folders: tuple[str, str]) -> None:
    arguments = ("--base", folders[0], "--head", folders[1], "--environment", "dev")
    found = json.loads(tune(*arguments, "--format", "json").stdout)
    comment = tune(*arguments, "--format", "markdown").stdout
    (environment,) = found["environments"]
    classes = [its["class"] for its in environment["findings"]]
    assert classes == ["trains", "moves"]
    assert [line.split()[2] for line in comment.splitlines() if line.startswith(("| 🟠", "| 🟣"))] == classes


def test_the_document_is_written_beside_the_comment(folders: tuple[str, str], tmp_path: Path) -> None:
    arguments = ("--base", folders[0], "--head", folders[1])
    written = tmp_path / "review.json"
    both = tune(*arguments, "--format", "markdown", "--write-json", str(written))
    assert both.stdout == tune(*arguments, "--format", "markdown").stdout
    assert written.read_text(encoding="utf-8") == tune(*arguments, "--format", "json").stdout


def test_a_document_that_cannot_be_written_ends_with_2_in_one_line(folders: tuple[str, str], tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere" / "review.json")
    done = tune("--base", folders[0], "--head", folders[1], "--fail-on", "trains", "--write-json", nowhere)
    assert (done.returncode, done.stdout) == (2, "")
    assert nowhere in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ((), "--base"),
        (("--base", "cdk.out", "--since", "HEAD"), "--since"),
        (("--base", "docs"), "docs"),
        (("--base", "docs", "--fail-on", "burns"), "burns"),
        (("--since", "no-such-revision"), "no-such-revision"),
    ],
)
def test_what_cannot_be_compared_ends_with_2_in_one_line(arguments: tuple[str, ...], value: str) -> None:
    done = tune(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert value in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_two_apps_are_not_compared(folders: tuple[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", folders[1], str(other)], check=True)
    for manifest in other.rglob("manifest.json"):
        text = manifest.read_text(encoding="utf-8").replace('"bedrock-tuning:app": "', '"bedrock-tuning:app": "other-')
        manifest.write_text(text, encoding="utf-8")
    done = tune("--base", folders[0], "--head", str(other))
    assert done.returncode == 2
    assert "different apps" in done.stderr


def test_a_template_that_no_cdk_wrote_is_no_finding(folders: tuple[str, str], tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    subprocess.run(["cp", "-r", folders[1], str(broken)], check=True)
    for template in broken.rglob("*.template.json"):
        policy = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["Any"], "PolicyDocument": {"Statement": [5]}}}
        template.write_text(json.dumps({"Resources": {"Any": policy}}), encoding="utf-8")
    done = tune("--base", folders[0], "--head", str(broken))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_this_checkout_against_its_own_commit_has_nothing_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode:
        pytest.skip("not run: the checkout has changes that are not committed")
    monkeypatch.setenv("BEDROCK_TUNING_CACHE", str(tmp_path))
    done = tune("--since", "HEAD", "--fail-on", "buys,trains,deletes,stays,moves,shares,widens,loosens,refused,unknown")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name[:40] for path in (tmp_path / "assemblies").iterdir()] == [commit_of("HEAD")]
