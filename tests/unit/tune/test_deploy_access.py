"""`tune deploy --access`: the stacks of an application's account, by its credentials and nothing else."""

from dataclasses import replace
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from settings import Access
from tests.support.messages import saying, says
from tests.unit.tune.aws_stand_in import Bedrock, Cli, CloudFormation, Lines, target
from tune.account.ownership import NameTaken
from tune.deployment.access import NoAccess, deploy_access, in_account
from tune.deployment.deploy import StackDeployment
from tune.terminal.environments import DeployTarget

ACCOUNT: Final = "222222222222"
OTHER: Final = "333333333333"
STACK: Final = "bedrock-tuning-local-docstrings-Access"


def access(account: str) -> Access:
    return Access.model_validate({"account": account, "principals": [f"arn:aws:iam::{account}:role/answers"]})


def sharing(*accounts: str) -> DeployTarget:
    """Return `local` with access for some accounts."""
    its = target()
    shared = tuple(model.model_copy(update={"access": tuple(map(access, accounts))}) for model in its.settings)
    return replace(its, settings=shared)


def deployed(cloudformation: CloudFormation, cli: Cli, its: DeployTarget) -> int:
    def aws(service: str) -> Any:
        return {"cloudformation": cloudformation}[service]

    return deploy_access(in_account(its, ACCOUNT), aws, cli, ["--quiet"])  # type: ignore[arg-type]


def test_hands_the_cdk_cli_the_stack_of_the_account_to_the_letter() -> None:
    cloudformation = CloudFormation({})
    cli = Cli(cloudformation)
    assert deployed(cloudformation, cli, sharing(ACCOUNT, OTHER)) == 0
    (run,) = cli.runs
    assert run[:3] == ["deploy", f"local/access/docstrings-{ACCOUNT}", "--exclusively"]
    assert run[-3:] == ["-c", "only=local", "--quiet"]
    assert not any(OTHER in each for each in run)


def test_fails_as_the_cdk_cli_does() -> None:
    cloudformation = CloudFormation({})
    assert deployed(cloudformation, Cli(cloudformation, 3), sharing(ACCOUNT)) == 1


@pytest.mark.parametrize(("model", "is_taken"), [("docstrings", False), ("another", True)])
def test_takes_over_no_stack_of_somebody_else(model: str, is_taken: bool) -> None:
    cloudformation = CloudFormation({STACK: "CREATE_COMPLETE"})
    cloudformation.tags[STACK] = {
        contract.TAG_APP: "bedrock-tuning",
        contract.TAG_ENVIRONMENT: "local",
        contract.TAG_MODEL: model,
    }
    cli = Cli(cloudformation)
    if is_taken:
        with pytest.raises(NameTaken, match=saying(STACK)):
            deployed(cloudformation, cli, sharing(ACCOUNT))
    else:
        assert deployed(cloudformation, cli, sharing(ACCOUNT)) == 0
    assert bool(cli.runs) is not is_taken


@pytest.mark.parametrize(("accounts", "named"), [((OTHER,), OTHER), ((), "[[access]]")])
def test_an_account_that_no_model_names_is_refused(accounts: tuple[str, ...], named: str) -> None:
    with pytest.raises(NoAccess, match=saying("docstrings.toml", f"'{ACCOUNT}'", named)):
        in_account(sharing(*accounts), ACCOUNT)


def test_credentials_have_to_serve_in_the_account_of_the_application() -> None:
    there = in_account(sharing(ACCOUNT, OTHER), ACCOUNT)
    assert (there.account, there.region, there.name) == (ACCOUNT, "us-west-2", "local")


# --- a deploy of the environment ---------------------------------------------------------------------------------


def test_a_deploy_of_the_environment_leaves_them_out_and_says_how_they_are_deployed() -> None:
    cloudformation, screen = CloudFormation({}), Lines()
    cli = Cli(cloudformation)

    def aws(service: str) -> Any:
        return Bedrock({}) if service == "bedrock" else cloudformation

    its = sharing(ACCOUNT, OTHER)
    StackDeployment(its, aws, cli, screen, sleep=lambda _: None).run()  # type: ignore[arg-type]
    (run,) = cli.runs
    assert not any(account in each for each in run for account in (ACCOUNT, OTHER))
    for account in (ACCOUNT, OTHER):
        assert says("\n".join(screen.said), f"python -m tune deploy local --access {account}")
