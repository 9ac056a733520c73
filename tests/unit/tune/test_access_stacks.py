"""Stacks in an application's account: whose they are, and whether a settings file still asks for them."""

from pathlib import Path
from typing import Final

import pytest

from bedrock_lifecycle import contract
from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import CloudFormation
from tune.account.location import Location
from tune.account.settings_files import SettingsFiles
from tune.account.stack_states import StackState
from tune.account.stacks import StackOfApp, StackReader, with_stacks
from tune.deployment.destroy_text import Left, report
from tune.terminal.environments import find_ref

APPLICATION: Final = "222222222222"
STACK: Final = "bedrock-tuning-dev-faq-Access"
WHERE: Final = 'account = "111122223333"\nregion = "us-east-1"\n'
GIVEN: Final = f'[[access]]\naccount = "{APPLICATION}"\n'
TAGS: Final = {
    contract.TAG_APP: "bedrock-tuning",
    contract.TAG_ENVIRONMENT: "dev",
    contract.TAG_MODEL: "faq",
}


def stack(name: str = STACK) -> StackOfApp:
    found = StackOfApp.of(StackState(name, "CREATE_COMPLETE", tags=TAGS))
    assert found is not None
    return found


def test_is_known_by_its_tags_and_name() -> None:
    assert (stack().kind, stack().model, stack().prefix) == ("Access", "faq", "bedrock-tuning-")


@pytest.mark.parametrize(
    ("where", "model", "is_asked_for"),
    [
        (WHERE, GIVEN, True),
        (WHERE, f'{GIVEN}[[access]]\naccount = "333333333333"\n', True),
        (WHERE, "[access", True),  # a file that cannot be read asks for what it may have asked for
        (WHERE, '[[access]]\naccount = "333333333333"\n', False),
        (WHERE, "access = 3\n", False),
        (WHERE, "[training]\n", False),
        (WHERE, None, False),
        (WHERE.replace("us-east-1", "us-west-2"), GIVEN, False),
        (f'{WHERE}stack_prefix = "other-"\n', GIVEN, False),
    ],
)
def test_the_model_s_file_asks_for_it_by_the_account(
    tmp_path: Path, where: str, model: str | None, is_asked_for: bool
) -> None:
    settings_folder(tmp_path, "dev", where, {} if model is None else {"faq": model})
    files = SettingsFiles(tmp_path, Location(APPLICATION, "us-east-1"), "bedrock-tuning")
    found = files.why_not(stack())
    assert (found is None) is is_asked_for
    # A destroy by the environment's name would look for what bills in this account.
    assert found is None or found.command == (
        f"aws cloudformation delete-stack --stack-name {STACK} --region us-east-1"
    )


def test_no_command_about_the_environment_takes_it_for_what_serves(tmp_path: Path) -> None:
    """Where an application's account has environments of its own, or somebody looks there for this one."""
    settings_folder(tmp_path, "dev", WHERE, {"faq": GIVEN})
    cloudformation = CloudFormation({STACK: "CREATE_COMPLETE"})
    ref = with_stacks(find_ref(tmp_path, "dev"), cloudformation)
    assert [its.name for its in StackReader(cloudformation).of_app("bedrock-tuning")] == [STACK]
    assert STACK not in ref.stacks("Foundation", "Training", "Serving")
    assert ref.tags_of(STACK) == TAGS
    assert ref.theirs == frozenset()


def test_a_destroy_names_what_it_leaves_in_the_accounts_of_applications(tmp_path: Path) -> None:
    models = {"faq": GIVEN, "other": "[training]\n", "wrong": "[access", "strange": "access = 3\n"}
    settings_folder(tmp_path, "dev", WHERE, models)
    lines = report(Left((), (), (), ()), find_ref(tmp_path, "dev"))
    assert [line for line in lines if says(line, STACK, APPLICATION)] != []
    commands = [line.strip() for line in lines if "delete-stack" in line]
    assert commands == [f"aws cloudformation delete-stack --stack-name {STACK} --region us-east-1"]
