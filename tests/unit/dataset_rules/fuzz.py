"""Looks for files on which the checkers fail or disagree, guided by what code they reach (Atheris, libFuzzer).

    python -m tests.unit.dataset_rules.fuzz --seconds 60 --seed 1

Every case of the corpus is a seed. Inputs that reach something new are kept in build/fuzz/corpus/, where the next run
goes on. Ends with 1 when something was found: the shortest input that was found for it is in build/fuzz/, and belongs
into the corpus of the tests.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self

_ROOT: Final = Path(__file__).resolve().parents[3]
_ROOTS: Final = [str(_ROOT / root) for root in (".", "constructs", "lambda")]
_FOUND: Final = _ROOT / "build" / "fuzz"
_KEPT: Final = _FOUND / "corpus"
_MISSING: Final = (
    "Atheris is not installed: run make setup. It has wheels for Linux on x86-64 alone; elsewhere Hypothesis tries the "
    "same checkers in make test (tests/unit/dataset_rules/test_random_records.py)"
)
_STATUS: Final = re.compile(r"^#(\d+)\s.* cov: (\d+) ", re.MULTILINE)
_RUNS: Final = re.compile(r"^stat::number_of_executed_units:\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """What a run came to."""

    executions: int
    edges: int
    crashes: int
    wrong_verdicts: int

    @classmethod
    def read(cls, exit_code: int, output: str) -> Self:
        """Read it from what libFuzzer told; it ends at the first thing that it finds."""
        status = _STATUS.findall(output)
        runs = _RUNS.search(output)
        is_wrong = exit_code != 0 and "\nAssertionError" in output
        return cls(
            executions=int(runs[1]) if runs else max((int(run) for run, _ in status), default=0),
            edges=max((int(covered) for _, covered in status), default=0),
            crashes=int(exit_code != 0 and not is_wrong),
            wrong_verdicts=int(is_wrong),
        )

    def __str__(self) -> str:
        return (
            f"{self.executions:,} executions, {self.edges:,} edges covered; "
            f"crashes {self.crashes}, wrong verdicts {self.wrong_verdicts}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="fuzz the dataset checkers")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from")
    options = parser.parse_args()
    if not _has_atheris():
        sys.exit(_MISSING)
    sys.path.extend(_ROOTS)
    before = _found()
    exit_code, output = _fuzz(options.seconds, options.seed)
    result = Result.read(exit_code, output)
    print(f"fuzzed for {options.seconds} s from seed {options.seed}: {result}")
    if exit_code or not result.executions:
        print(output[-4000:], file=sys.stderr)
        for path in sorted(_found() - before):
            _tell(path)
        sys.exit(1)


def _fuzz(seconds: int, seed: int) -> tuple[int, str]:
    """Fuzz in a process of its own; return its exit code, and what it told."""
    from tests.unit.dataset_rules import fuzz_target

    _KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeds, tokens = Path(folder, "seeds"), Path(folder, "tokens")
        seeds.mkdir()
        for number, data in enumerate(fuzz_target.seeds()):
            (seeds / str(number)).write_bytes(data)
        tokens.write_text("".join(f'"{_quoted(token)}"\n' for token in fuzz_target.TOKENS), encoding="ascii")
        told = {
            "max_total_time": seconds,
            "seed": seed,
            "max_len": fuzz_target.LARGEST_BYTES,
            "dict": tokens,
            "artifact_prefix": f"{_FOUND}/",
            "timeout": 20,
            "print_final_stats": 1,
        }
        options = [f"-{name}={value}" for name, value in told.items()]
        command = [sys.executable, "-m", "tests.unit.dataset_rules.fuzz_child", *options, str(_KEPT), str(seeds)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(_ROOTS)}
        process = subprocess.run(
            command, cwd=_ROOT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    return process.returncode, process.stdout.decode(errors="replace")


def _has_atheris() -> bool:
    try:
        return find_spec("atheris") is not None
    except ValueError:  # somebody took it out of this process
        return False


def _found() -> set[Path]:
    return {path for path in _FOUND.glob("*-*") if path.is_file()}


def _tell(path: Path) -> None:
    """Shorten an input that failed, keep the short one beside it, and show it."""
    from tests.unit.dataset_rules import fuzz_target

    fuzz_target.loosen()
    data = fuzz_target.shrunk(path.read_bytes())
    path.with_suffix(".short").write_bytes(data)
    print(f"{path.relative_to(_ROOT)}: {fuzz_target.failure(data)}, limits {data[0] % len(fuzz_target.LIMITS)}")
    print(f"  shortened ({path.with_suffix('.short').name}): {data[2:]!r}")


def _quoted(token: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token.encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
