"""Looks for files on which the checkers fail or disagree, guided by what code they reach (Atheris, libFuzzer).

    PYTHONPATH=.:constructs:lambda python -m tests.dataset.fuzz --seconds 60 --seed 1

The first byte of an input picks format and limits, the second where the file is cut into chunks; the rest is the file.
Every case of the corpus is a seed. Ends with an error, and the input in build/fuzz/, when something was found.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import atheris

with atheris.instrument_imports(include=["bedrock_lifecycle.dataset", "bedrock_tuning.data_files"]):
    from bedrock_lifecycle.dataset.limits import Limits, RecordFormat
    from tests.dataset.corpus.every_case import CASES
    from tests.dataset.samples import any_limits
    from tests.dataset.verdicts import judge

_ROOT: Final = Path(__file__).resolve().parents[2]
_FOUND: Final = _ROOT / "build" / "fuzz"
_LARGEST_BYTES: Final = 4096
_TIGHT: Final[dict[str, Any]] = {
    "min_records": 1,
    "max_records": 3,
    "max_tokens_per_record": 10,
    "max_input_tokens": 8,
    "max_output_tokens": 4,
    "max_file_bytes": 400,
    "reserved_words": ("\nHuman:", "User:", "</s>", "é"),
    "reserved_word_roles": ("system", "user"),
}
LIMITS: Final[list[Limits]] = [
    any_limits(data_format, **changes) for data_format in RecordFormat for changes in ({}, _TIGHT)
]
_TOKENS: Final = (
    *('"messages":', '"role":', '"content":', '"system":', '"schemaVersion":', '"text":', '"prompt":', '"completion":'),
    *('"user"', '"assistant"', '"bedrock-conversation-2024"', '{"role":"user","content":', '{"text":"a"}'),
    *(
        "\\nHuman:",
        "\\nAssistant:",
        "Human:",
        "User:",
        "user:",
        "<image>",
        "<\\/s>",
        "\\u0055",
        "\\ud83d\\ude00",
        "\\ud800",
    ),
    *("NaN", "-Infinity", "null", "true", "1e999", "9" * 30, "[" * 70, "\\u0000", " \n", "\r\n", "\ufeff", "é", "😀"),
)


def judge_input(data: bytes) -> None:
    if len(data) < 2:
        return
    judge(data[2:], LIMITS[data[0] % len(LIMITS)], data[1] + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description="fuzz the dataset checkers")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="the same seed finds the same on the same machine")
    options = parser.parse_args()
    _FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeds, tokens = Path(folder, "seeds"), Path(folder, "tokens")
        _write_seeds(seeds)
        tokens.write_text("".join(f'"{_quoted(token)}"\n' for token in _TOKENS), encoding="ascii")
        print(f"fuzzing for {options.seconds} s with seed {options.seed}, {len(CASES)} cases to start from", flush=True)
        arguments = {
            "max_total_time": options.seconds,
            "seed": options.seed,
            "max_len": _LARGEST_BYTES,
            "dict": tokens,
            "artifact_prefix": f"{_FOUND}/",
            "timeout": 20,
            "verbosity": 1,
            "print_final_stats": 1,
        }
        atheris.Setup(
            [sys.argv[0], *(f"-{name}={value}" for name, value in arguments.items()), str(seeds)], judge_input
        )
        atheris.Fuzz()


def _write_seeds(folder: Path) -> None:
    folder.mkdir()
    formats = list(RecordFormat)
    for number, case in enumerate(CASES.values()):
        first = 2 * formats.index(case.data_format)
        for tight in (0, 1):
            data = bytes([first + tight, number % 256]) + case.data[: _LARGEST_BYTES - 2]
            (folder / f"{number}-{tight}").write_bytes(data)


def _quoted(token: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token.encode())


if __name__ == "__main__":
    main()
