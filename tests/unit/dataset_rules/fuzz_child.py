"""The process that fuzzes: libFuzzer ends it when its time is up, and when it has found something.

python -m tests.unit.dataset_rules.fuzz_child <options of libFuzzer> <folders with inputs>
"""

import sys

import atheris

with atheris.instrument_imports(include=["bedrock_lifecycle.dataset", "bedrock_tuning.data.checker"]):
    from tests.unit.dataset_rules import fuzz_target

if __name__ == "__main__":
    fuzz_target.loosen()
    atheris.Setup(sys.argv, fuzz_target.judge_input)
    atheris.Fuzz()
