"""What `plan` and `status` say of the stacks in applications' accounts, and of those that they may not look at."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import CloudFormation
from tests.unit.tune.recorded import denied
from tests.unit.tune.scenarios import SCENARIOS, playing
from tests.unit.tune.test_access_stacks import APPLICATION, GIVEN, STACK, WHERE
from tune.account.access_stacks import AccessStackStatus, access_stacks
from tune.account.clients import WrongCredentials
from tune.terminal.environments import EnvironmentRef, find_ref

OTHER: Final = "333333333333"
BOTH: Final = f'{GIVEN}[[access]]\naccount = "{OTHER}"\n'
ACCESS: Final = f"""
[[access]]
account = "{APPLICATION}"
principals = ["arn:aws:iam::{APPLICATION}:role/answers"]
"""


def environment(folder: Path, model: str = GIVEN) -> EnvironmentRef:
    settings_folder(folder, "dev", WHERE, {"faq": model})
    return find_ref(folder, "dev")


def in_account(cloudformation: Any, account: str = APPLICATION) -> Callable[[EnvironmentRef], Any]:
    """Return what gives clients in one account, and refuses every other one."""

    def clients(there: EnvironmentRef) -> Any:
        if there.account != account:
            raise WrongCredentials(f"the credentials are of no use in {there.account}")
        return lambda service: {"cloudformation": cloudformation}[service]

    return clients


def seen(folder: Path, cloudformation: Any) -> AccessStackStatus:
    (found,) = access_stacks(environment(folder), in_account(cloudformation))
    return found


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_is_told_with_its_status(tmp_path: Path, status: str) -> None:
    found = seen(tmp_path, CloudFormation({STACK: status}))
    assert (found.name, found.account, found.status, found.is_anothers) == (STACK, APPLICATION, status, False)
    assert says(str(found), STACK, APPLICATION, status)
    assert found.command == ""


@pytest.mark.parametrize("statuses", [{}, {STACK: "REVIEW_IN_PROGRESS"}])
def test_one_that_is_not_there_is_told_with_what_deploys_it(tmp_path: Path, statuses: dict[str, str]) -> None:
    found = seen(tmp_path, CloudFormation(statuses))
    assert found.status is None
    assert says(found.command, "tune deploy dev faq", f"--access {APPLICATION}")
    assert says(str(found), STACK, found.command)


def test_one_of_somebody_else_is_not_taken_for_it(tmp_path: Path) -> None:
    cloudformation = CloudFormation({STACK: "CREATE_COMPLETE"})
    cloudformation.tags[STACK] = {contract.TAG_APP: "another", contract.TAG_ENVIRONMENT: "dev"}
    found = seen(tmp_path, cloudformation)
    assert found.is_anothers
    assert says(str(found), STACK, "another app")


def test_each_account_is_asked_and_one_that_cannot_be_keeps_no_other_back(tmp_path: Path) -> None:
    cloudformation = CloudFormation({STACK: "CREATE_COMPLETE"})
    of = environment(tmp_path, BOTH)
    first, second = access_stacks(of, in_account(cloudformation))
    assert (first.account, first.status, first.unseen) == (APPLICATION, "CREATE_COMPLETE", "")
    assert (second.account, second.status, second.command) == (OTHER, None, "")
    assert says(str(second), STACK, OTHER, "not looked at", second.unseen)
    assert says(second.unseen, "of no use")


def test_who_may_not_read_stacks_there_is_told_so(tmp_path: Path) -> None:
    class Denied:
        def describe_stacks(self, **_: str) -> None:
            raise denied("cloudformation:DescribeStacks", "any")

    found = seen(tmp_path, Denied())
    assert (found.status, found.command) == (None, "")
    assert says(found.unseen, "cloudformation:DescribeStacks")


def test_without_access_no_other_account_is_asked(tmp_path: Path) -> None:
    def refuse(_there: EnvironmentRef) -> Any:
        raise AssertionError("nobody asks")

    assert access_stacks(environment(tmp_path, "[training]\n"), refuse) == ()


@pytest.mark.parametrize("name", ["plan", "status"])
@pytest.mark.parametrize("is_wrong", [False, True])
def test_the_commands_tell_it(tmp_path: Path, name: str, is_wrong: bool) -> None:
    (scenario,) = (its for its in SCENARIOS if its.name == name)
    stack = "bedrock-tuning-prod-faq-Access"
    with playing(scenario, tmp_path) as run:
        with (tmp_path / "prod" / "faq.toml").open("a", encoding="utf-8") as file:
            file.write(ACCESS + "nothing = 1\n" * is_wrong)
        result, _ = run()
        assert result.exit_code == (2 if is_wrong and name == "plan" else 0), result.output
        (line,) = (line for line in result.output.splitlines() if says(line, stack, APPLICATION))
        assert says(line, "none", f"--access {APPLICATION}")


@pytest.mark.parametrize("line", [("plan", "prod"), ("status", "prod"), ("status", "--all")])
def test_the_documents_have_it(tmp_path: Path, line: tuple[str, ...]) -> None:
    (scenario,) = (its for its in SCENARIOS if its.line == line and its.name in ("plan", "status", "status --all"))
    with playing(replace(scenario, line=(*line, "--json")), tmp_path) as run:
        with (tmp_path / "prod" / "faq.toml").open("a", encoding="utf-8") as file:
            file.write(ACCESS)
        result, _ = run()
    told = json.loads(result.stdout)
    (found,) = (told["environments"][0] if line[1] == "--all" else told)["access"]
    assert (found["account"], found["status"], found["ofAnotherApp"], found["unseen"]) == (
        APPLICATION,
        None,
        False,
        None,
    )
    assert f"--access {APPLICATION}" in found["command"]
