"""Files of this machine: what is none, what cannot be read, and how much memory one takes."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bedrock_tuning.data.checker import check_file
from tests.conftest import ROOT
from tests.support.messages import says
from tests.unit.dataset_rules.corpus.case import said
from tests.unit.dataset_rules.samples import any_limits

LIMITS = any_limits()


def only_message(path: Path) -> str:
    report = check_file(path, LIMITS)
    (finding,) = report.findings
    assert (finding.line, finding.path, finding.rule) == (0, "", "file-unreadable")
    assert not report.accepted
    assert (report.records, report.bytes, report.sha256, report.statistics) == (0, 0, "", None)
    return finding.message


def a_socket(path: Path) -> None:
    # The name of a socket is short, whatever the folder's is.
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            one.bind(path.name)
        finally:
            os.chdir(here)


def a_loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda path: None, ["No such file or directory"]),
        (Path.mkdir, ["directory", "name", "regular"]),
        (os.mkfifo, ["pipe", "name", "regular"]),
        (lambda path: path.symlink_to("/dev/null"), ["device", "name", "regular"]),
        (a_socket, ["No such device or address"]),
        (a_loop, ["Too many levels of symbolic links"]),
    ],
    ids=["missing", "directory", "pipe", "device", "socket", "loop"],
)
def test_says_in_words_what_is_no_file(make: Callable[[Path], object], named: list[str], tmp_path: Path) -> None:
    make(tmp_path / "any.jsonl")
    assert says(only_message(tmp_path / "any.jsonl"), *named)


def test_says_in_words_what_is_no_name() -> None:
    assert says(only_message(Path("any\0.jsonl")), "null")


def test_says_in_words_that_reading_is_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert says(only_message(tmp_path / "any.jsonl"), "Permission denied")


def test_says_in_words_that_a_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenDisk:
        def __init__(self, *_: object) -> None:
            pass

        def readline(self, _: int) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("io.BufferedReader", BrokenDisk)
    path = tmp_path / "any.jsonl"
    path.write_text("any")
    assert says(only_message(path), "Input/output error")


def test_leaves_no_file_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    closed: list[int] = []
    real_open, real_close = os.open, os.close

    def watched_open(path: Path, flags: int) -> int:
        opened.append(real_open(path, flags))
        return opened[-1]

    def watched_close(descriptor: int) -> None:
        closed.append(descriptor)
        real_close(descriptor)

    monkeypatch.setattr(os, "open", watched_open)
    monkeypatch.setattr(os, "close", watched_close)
    path = tmp_path / "any.jsonl"
    path.write_text(said("q", "a"))
    for file in (path, tmp_path):
        check_file(file, LIMITS)
    assert len(opened) == 2
    assert closed == opened


def test_follows_a_link_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(said("q", "a"))
    (tmp_path / "link").symlink_to("file")
    assert check_file(tmp_path / "link", LIMITS).accepted


def test_a_structural_check_leaves_words_and_lengths_alone(tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text(said("q\nHuman: q", "a" * 20_000) + "\n" + said("q", "", "a"))
    report = check_file(path, LIMITS, structural_only=True)
    assert report.counts == {"empty-text": 1, "last-role": 1}
    assert (report.records, report.sha256, report.statistics) == (2, "", None)


@pytest.mark.parametrize("digest", [True, False])
def test_takes_the_digest_when_it_is_asked_for(tmp_path: Path, digest: bool) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text(said("q", "a"))
    assert bool(check_file(path, LIMITS, digest=digest).sha256) is digest


RECORD = b'{"prompt": "%s", "completion": "a"}\n'
HUGE: dict[str, tuple[bytes, int]] = {
    "one line of 300 MB": (b"x" * 1_000_000, 300),
    "lines of 8 MB": (RECORD % (b"x" * 8_000_000), 30),
    "300,000 small lines": (RECORD % b"x" * 1000, 300),
    "200,000 bad lines": (b"{\n" * 1000, 200),
    "500,000 blank lines": (b"\n" * 1000, 500),
}
CHECK = """
import resource, sys
from pathlib import Path
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_tuning.data.checker import check_file
most = 10**12
limits = Limits(data_format=RecordFormat.PROMPT_COMPLETION, min_records=0, max_records=most,
                max_tokens_per_record=most, max_file_bytes=most, reserved_words=("User:",))
check_file(Path(sys.argv[1]), limits)
status = Path("/proc/self/status")
if status.exists():  # getrusage would tell the most that this process or the one that started it had
    print(next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024**2)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("data", "times"), HUGE.values(), ids=HUGE.keys())
def test_stays_below_200_mb_whatever_the_lines_are(data: bytes, times: int, tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    with path.open("wb") as file:
        for _ in range(times):
            file.write(data)
    command = [sys.executable, "-c", CHECK, str(path)]
    environment = {"PYTHONPATH": f"{ROOT / 'constructs'}:{ROOT / 'lambda'}"}
    result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    path.unlink()
    assert int(result.stdout) < 200, result.stdout
