"""What format a file is in, and what is said when a base model takes another."""

from pathlib import Path

import pytest

from bedrock_lifecycle.dataset.limits import RecordFormat
from bedrock_tuning.base_models import BaseModelProfile
from tests.support.messages import says
from tests.tune.dataset.data import HAIKU, NOVA, conversation, pair, run, write
from tune.dataset.formats import format_of, other_format

MESSAGES = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
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
    for base_model, format_taken in takes.items():
        assert (other_format(path, BaseModelProfile.of(base_model)) is None) == (found is format_taken)


@pytest.mark.parametrize("data", [b"", b"{", b"[]\n", b"{}\n", b'{"messages": 1}\n', b'{"messages": [1]}\n', b"\xff\n"])
def test_what_is_no_format_is_taken_for_messages_and_nothing_is_advised(data: bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "any.jsonl", data)
    assert format_of(path) is RecordFormat.MESSAGES
    assert other_format(path, BaseModelProfile.of(NOVA)) is None


def test_check_tells_the_command_for_prompts_and_completions(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.jsonl", *map(pair, range(10)))
    result = run("check", path, "--base-model", NOVA)
    advice = result.stdout.splitlines()[-1]
    assert (result.exit_code, says(advice, path, "Amazon Nova Micro", "(converse)")) == (1, True)
    assert advice.endswith(f": {CONVERT} {path} NEW --to converse")
    assert f"{CONVERT} {path} NEW --to messages" in run("check", path, "--base-model", HAIKU).stdout
    assert CONVERT not in run("check", path, "--base-model", NOVA, "--format", "json").stdout


def test_conversations_of_another_format_have_no_command(tmp_path: Path) -> None:
    path = write(tmp_path / "any.jsonl", *[MESSAGES] * 10)
    result = run("check", path, "--base-model", NOVA)
    assert says(result.stdout.splitlines()[-1], "(converse)", "write")
    assert CONVERT not in result.stdout


def test_split_warns_of_a_format_that_the_base_model_does_not_take(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.jsonl", *map(pair, range(100)))
    result = run("split", path, tmp_path / "data", "--validation", "10%", "--base-model", NOVA)
    assert result.exit_code == 0
    assert says(result.stderr, "warning", path, "Amazon Nova Micro")
    assert run("check", tmp_path / "data" / "train.jsonl", "--base-model", NOVA).exit_code == 1
