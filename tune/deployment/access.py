"""`tune deploy --access`: the stacks with which an application's account finds the role and the model."""

from collections.abc import Sequence
from dataclasses import replace

from settings.stack_names import ACCESS, ACCESS_STAGE
from tune.account import ownership
from tune.account.aws import Aws
from tune.deployment.cdk_cli import CdkCli
from tune.terminal.environments import DeployTarget
from tune.terminal.exit_codes import ExitCode
from tune.terminal.problems import CannotBeDone


class NoAccess(CannotBeDone):
    """No model that is deployed gives access to the account."""


def in_account(target: DeployTarget, account: str) -> DeployTarget:
    """Return what an account of an application has of an environment: the models that give it access.

    Raises NoAccess when none does.
    """
    models = tuple(model for model in target.settings if account in {each.account for each in model.access})
    if not models:
        named = sorted({each.account for model in target.settings for each in model.access})
        there_is = "" if named else " (there is no [[access]])"
        files = ", ".join(map(target.file_of, target.models)) or f"the models of environment {target.name}"
        others = f", or give an account that is named there ({', '.join(named)})" if named else ""
        raise NoAccess(
            f"no [[access]] in {files} names account {account!r}{there_is}: add an [[access]] that does{others}"
        )
    return replace(target, location=target.location.model_copy(update={"account": account}), settings=models)


def deploy_access(there: DeployTarget, aws: Aws, cdk: CdkCli, extra: Sequence[str] = ()) -> ExitCode:
    """Deploy what an application's account has, as `in_account` returns it. Raises NameTaken before anything."""
    taken = ownership.taken(aws("cloudformation"), there, [model.stack_name(ACCESS) for model in there.settings])
    if taken:
        raise ownership.NameTaken(taken)
    ids = [f"{there.name}/{ACCESS_STAGE}/{model.access_stack_id(there.account)}" for model in there.settings]
    arguments = ["--exclusively", "--progress", "events", *there.context_of_it, *extra]
    return ExitCode.FAILED if cdk.run(["deploy", *ids, *arguments]) else ExitCode.DONE
