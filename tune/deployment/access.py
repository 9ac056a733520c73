"""`tune deploy --access`: the stacks with which an application's account finds the role and the model."""

from collections.abc import Sequence

from settings.access import access_parameter
from settings.stack_names import ACCESS, ACCESS_STAGE
from tune.account import ownership
from tune.account.clients import Aws, WrongCredentials
from tune.account.location import Location
from tune.deployment.cdk_cli import CdkCli
from tune.terminal.environments import DeployTarget
from tune.terminal.problems import CannotBeDone
from tune.terminal.screen import Screen


class NoAccess(CannotBeDone):
    """No model that is deployed gives access to the account."""


def check_access(target: DeployTarget, account: str, place: Location) -> None:
    """Raise NoAccess unless a model gives access to an account, WrongCredentials unless the credentials are its."""
    named = sorted({each.account for model in target.settings for each in model.access})
    if account not in named:
        there_are = f"they name {', '.join(named)}" if named else "they have no [[access]]"
        files = ", ".join(map(target.file_of, target.models)) or f"the models of environment {target.name}"
        raise NoAccess(f"no [[access]] in {files} names account {account!r}: {there_are}")
    if place.account != account:
        raise WrongCredentials(
            f"the AWS credentials are those of account {place.account}, and these stacks are for {account}: "
            "change the credentials, or --access"
        )


def deploy_access(
    target: DeployTarget, account: str, aws: Aws, cdk: CdkCli, screen: Screen, extra: Sequence[str]
) -> int:
    """Deploy what an application's account has of the models that give it access; return the CDK CLI's exit code.

    Raises NameTaken before anything.
    """
    models = [model for model in target.settings if account in {each.account for each in model.access}]
    taken = ownership.taken(aws("cloudformation"), target, [model.stack_name(ACCESS) for model in models])
    if taken:
        raise ownership.NameTaken(taken)
    ids = [f"{target.name}/{ACCESS_STAGE}/{model.access_stack_id(account)}" for model in models]
    arguments = ["--exclusively", "--progress", "events", *target.context_of_it, *extra]
    code = cdk.run(["deploy", *ids, *arguments])
    if not code:
        screen.say(
            f"Applications in account {account} find the role and the model's parameter by SSM parameters, such as "
            f"{access_parameter(target.name, models[0].name, 'role-arn')}"
        )
    return code
