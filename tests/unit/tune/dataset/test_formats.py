"""What format a file is in, and what is said when a base model takes another."""

import json
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.base_models import base_model
from tests.support.messages import says
from tests.unit.tune.dataset.data import HAIKU, NOVA, SECRET, conversation, pair, run, write
from tune.dataset.formats import format_of, other_format
from tune.dataset.subject import Rules

MESSAGES: dict[str, Any] = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
CONVERT = "python -m tune dataset convert"


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (pair(), RecordFormat.PROMPT_COMPLETION),
        ({"prompt": 1}, RecordFormat.PROMPT_COMPLETION),
        (conversation(), RecordFormat.CONVERSE),
        ({key: value for key, value in conversation().items() if key == "messages"}, RecordFormat.CONVERSE),
        (MESSAGES, RecordFormat.MESSAGES),
    ],
)
def test_the_first_record_tells_the_format(record: object, found: RecordFormat, tmp_path: Path) -> None:
    path = write(tmp_path / "any.jsonl", record, b"nonsense\n")
    assert format_of(path) is found
    takes = {NOVA: RecordFormat.CONVERSE, HAIKU: RecordFormat.MESSAGES}
    for base_model_id, format_taken in takes.items():
        assert (other_format(path, Rules(base_model(base_model_id), FINE_TUNING)) is None) == (found is format_taken)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[5]\n", b"{}\n", b'{"messages": 1}\n', b'{"messages": [1]}\n', b"\xff\n"]
)
def test_what_is_no_format_is_taken_for_what_is_wanted_and_nothing_is_advised(data: bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "any.jsonl", data)
    assert format_of(path) is RecordFormat.CONVERSE
    assert format_of(path, RecordFormat.MESSAGES) is RecordFormat.MESSAGES
    assert other_format(path, Rules(base_model(NOVA), FINE_TUNING)) is None


def test_check_tells_the_command_for_prompts_and_completions(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.jsonl", *map(pair, range(10)))
    result = run("check", path, "--base-model", NOVA)
    advice = result.stdout.splitlines()[-1]
    assert (result.exit_code, says(advice, path)) == (1, True)
    assert advice.endswith(f"{CONVERT} {path} NEW --to converse")
    assert f"{CONVERT} {path} NEW --to messages" in run("check", path, "--base-model", HAIKU).stdout


def test_strings_are_converted_and_blocks_are_not(tmp_path: Path) -> None:
    strings = write(tmp_path / "strings.jsonl", *[MESSAGES] * 40)
    assert f"{CONVERT} {strings} NEW --to converse" in run("check", strings, "--base-model", NOVA).stdout
    blocks = write(tmp_path / "blocks.jsonl", *map(conversation, range(40)))
    result = run("check", blocks, "--base-model", HAIKU)
    assert says(result.stdout.splitlines()[-1], "write")
    assert CONVERT not in result.stdout


SHAPES: dict[str, dict[str, Any]] = {
    "OpenAI chat": {"messages": [{"role": "system", "content": "s"}, *MESSAGES["messages"]]},
    "ShareGPT": {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
    "instruction": {"instruction": "i", "input": "", "output": "o"},
    "preference": {"prompt": "q", "chosen": "a", "rejected": "b"},
    "preference pairs": {"conversations": [], "chosen": {"from": "gpt"}, "rejected": {"from": "gpt"}},
    "pre-training": {"text": "any"},
    "reinforcement": {"messages": MESSAGES["messages"][:1], "reference_answer": "a"},
    "distillation": conversation(messages=conversation()["messages"][:1]),
}
WITH_A_COMMAND = ("OpenAI chat", "ShareGPT", "instruction", "preference")


@pytest.mark.parametrize("base_model_id", [NOVA, HAIKU])
@pytest.mark.parametrize("name", SHAPES)
def test_another_shape_is_one_finding_that_names_it(name: str, base_model_id: str, tmp_path: Path) -> None:
    path = write(tmp_path / "any.jsonl", *[SHAPES[name]] * 40)
    report = json.loads(run("check", path, "--base-model", base_model_id, "--format", "json").stdout)
    ((finding,),) = [file["findings"] for file in report["files"]]
    assert (finding["rule"], finding["line"], says(finding["message"], name)) == ("other-shape", 0, True)
    result = run("check", path, "--base-model", base_model_id)
    assert (result.exit_code, "1 error, 0 warnings" in result.stdout) == (1, True)
    assert (f"{CONVERT} {path} NEW" in result.stdout) == (name in WITH_A_COMMAND)


@pytest.mark.parametrize("output", ["text", "json", "github", "sarif"])
def test_what_helps_is_told_once_in_every_format(output: str, tmp_path: Path) -> None:
    path = write(tmp_path / "any pairs.jsonl", *map(pair, range(40)))
    told = run("check", path, "--base-model", NOVA, "--format", output).stdout
    assert told.count(f"{CONVERT} '{path}' NEW --to converse") == 1


@pytest.mark.parametrize("name", SHAPES)
def test_split_tells_what_helps_with_a_shape_that_it_refuses(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "any.jsonl", *[SHAPES[name]] * 40)
    result = run("split", path, tmp_path / "data", "--test", "10%")
    assert result.exit_code == 1
    assert (f"{CONVERT} {path} NEW --to converse" in result.stderr) == (name in WITH_A_COMMAND)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"[{json.dumps(conversation())}, {json.dumps(conversation())}]", ["one JSON array", "jq -c '.[]'"]),
        (json.dumps([conversation()] * 9, indent=2), ["one JSON array", "jq -c '.[]'"]),
        (json.dumps(conversation(), indent=2), ["several lines", "jq -c ."]),
        ("prompt,completion\nq,a\n", ["CSV", f"{CONVERT}"]),
    ],
)
def test_what_is_not_lines_of_json_is_one_finding_with_what_helps(text: str, named: list[str], tmp_path: Path) -> None:
    path = write(tmp_path / "any.jsonl", text.encode())
    result = run("check", path, "--base-model", NOVA)
    assert (result.exit_code, named[0] in result.stdout, says(result.stdout, path, named[-1])) == (1, True, True)
    assert says(result.stdout, "1 error, 0 warnings")
    assert says(run("split", path, tmp_path / "data", "--test", "10%").stderr, named[0])


def test_a_word_of_a_record_is_in_no_finding_about_its_shape(tmp_path: Path) -> None:
    secret = {"messages": [{"role": "system", "content": SECRET}], SECRET: SECRET}
    assert SECRET not in run("check", write(tmp_path / "any.jsonl", *[secret] * 9), "--base-model", NOVA).output


def test_split_warns_of_a_format_that_the_base_model_does_not_take(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.jsonl", *map(pair, range(100)))
    result = run("split", path, tmp_path / "data", "--validation", "10%", "--base-model", NOVA)
    assert result.exit_code == 0
    assert says(result.stderr, "warning", path, "(converse)")
    assert run("check", tmp_path / "data" / "train.jsonl", "--base-model", NOVA).exit_code == 1
