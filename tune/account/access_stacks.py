"""The stacks that applications have in accounts of their own: looked at as far as the credentials allow."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tune.account import ownership, stack_states
from tune.account.aws import Aws
from tune.account.clients import answered
from tune.account.settings_files import application_stacks
from tune.terminal.environments import EnvironmentRef

ClientsIn = Callable[[EnvironmentRef], Aws]


@dataclass(frozen=True)
class AccessStackStatus:
    """A stack that `[[access]]` of a model asks for; `status` is None when there is none, or it was not looked at."""

    name: str
    account: str
    status: str | None = None
    is_anothers: bool = False
    """Whether another app, environment or model has this name there."""
    unseen: str = ""
    """Why it was not looked at."""
    command: str = ""
    """What deploys it, where there is none."""

    def __str__(self) -> str:
        where = f"stack {self.name} in account {self.account}"
        if self.unseen:
            return f"{where}: not looked at: {self.unseen}"
        if self.is_anothers:
            return f"{where}: {self.status}, a stack of another app: the application finds no role there"
        if self.status is None:
            return f"{where}: none; with credentials of that account: {self.command}"
        return f"{where}: {self.status}"

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "name": self.name,
            "account": self.account,
            "status": self.status,
            "ofAnotherApp": self.is_anothers,
            "unseen": self.unseen or None,
            "command": self.command or None,
        }


def access_stacks(of: EnvironmentRef, clients_in: ClientsIn) -> tuple[AccessStackStatus, ...]:
    """Return the stacks that applications have of an environment's models, each asked for in its own account."""
    asked = ((model, account, name) for model in of.models for account, name in application_stacks(of.about([model])))
    return tuple(_seen(of, model, account, name, clients_in) for model, account, name in asked)


def _seen(of: EnvironmentRef, model: str, account: str, name: str, clients_in: ClientsIn) -> AccessStackStatus:
    there = replace(of, location=of.location.model_copy(update={"account": account}))
    found, why = answered(partial(_look, there, name, clients_in))
    if found is None:
        return AccessStackStatus(name, account, unseen=why)
    if found.status:
        return found
    return replace(found, command=f"python -m tune deploy {of.arguments_of(model)} --access {account}")


def _look(there: EnvironmentRef, name: str, clients_in: ClientsIn) -> AccessStackStatus:
    cloudformation = clients_in(there)("cloudformation")
    state = stack_states.read(cloudformation, name)
    if not state.exists:
        return AccessStackStatus(name, there.account)
    is_anothers = ownership.is_anothers(cloudformation, there, state)
    return AccessStackStatus(name, there.account, state.status, is_anothers)
