"""The status of every environment of a folder: in one table, a row for each model."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table

from bedrock_lifecycle.contract import is_name_of
from settings import SettingsError
from settings.bootstrap import BootstrapRole
from settings.folder import environment_names
from tune.account.access_stacks import access_stacks
from tune.account.aws import Aws
from tune.account.clients import answered
from tune.account.items import InventoryItem
from tune.account.stacks import with_stacks
from tune.status.facts import Status
from tune.status.observe import StatusObserver
from tune.terminal.environments import EnvironmentRef, find_ref
from tune.terminal.exit_codes import ExitCode

Clients = Callable[[EnvironmentRef, BootstrapRole], Aws]


@dataclass(frozen=True)
class Every:
    """The environments that answered, and why others did not, by their names."""

    statuses: Sequence[Status]
    not_asked: Mapping[str, str]

    @property
    def code(self) -> ExitCode:
        """NOT_POSSIBLE where no environment answered, FAILED where one of several did not."""
        if not self.not_asked:
            return ExitCode.DONE
        return ExitCode.FAILED if self.statuses else ExitCode.NOT_POSSIBLE


@dataclass(frozen=True)
class StatusRow:
    """One model; what belongs to no model, such as Foundation, is in a row without one.

    training: the name of the training whose model serves, or else of the last one, which model and job share.
    commit: the commit from which its Training stack, or else its Serving stack, was last changed.
    serving: what serves and its status; empty where nothing does.
    since: when that was created, or where nothing serves, when the training began.
    """

    environment: str
    model: str = ""
    training: str = ""
    commit: str = ""
    serving: str = ""
    since: datetime | None = None
    bills: Sequence[InventoryItem] = ()


def look_at_all(folder: Path, clients: Clients) -> Every:
    """Ask for every environment of a folder, each in its own account; whatever one refuses stops no other."""
    statuses: list[Status] = []
    not_asked: dict[str, str] = {}
    for name in environment_names(folder):
        try:
            ref = find_ref(folder, name)
        except SettingsError as error:
            not_asked[name] = str(error)
            continue
        status, why = answered(partial(_looked, ref, clients))
        if status:
            statuses.append(status)
        else:
            not_asked[name] = f"account {ref.account}, {ref.region}: {why}"
    return Every(statuses, not_asked)


def _looked(ref: EnvironmentRef, clients: Clients) -> Status:
    aws = clients(ref, "lookup")
    access = access_stacks(ref, lambda there: clients(there, "lookup"))
    return StatusObserver(aws, with_stacks(ref, aws("cloudformation")), access).look()


def rows(status: Status) -> Iterator[StatusRow]:
    """Yield a row for each model of an environment, and one for what bills and is no model's."""
    rest = list(status.bills)
    for model in status.models:
        its = partial(is_name_of, model=model, environment=status.environment)
        bills = [item for item in rest if its(item.name)]
        rest = [item for item in rest if item not in bills]
        yield _row(status, model, its, bills)
    yield StatusRow(status.environment, bills=rest)


def _row(status: Status, model: str, is_its: Callable[[str], bool], bills: Sequence[InventoryItem]) -> StatusRow:
    serving = next((each for each in status.serving if is_its(each.name)), None)
    training = next((each for each in status.trainings if is_its(each.name)), None)
    trained = serving.model if serving else training.name if training else ""
    commits = {stack.name: stack.commit for stack in status.stacks}
    first = serving or training
    return StatusRow(
        environment=status.environment,
        model=model,
        training=trained,
        commit=next(filter(None, (commits[name] for name in status.models[model])), ""),
        serving=f"{serving.what}, {serving.status}" if serving else "",
        since=first.since if first else None,
        bills=bills,
    )


def table(every: Every) -> Table:
    """Return the environments that answered as a table."""
    found = Table("environment", "model", "training", "commit", "serves by", "since (UTC)", "bills", box=SIMPLE)
    for status in every.statuses:
        for row in rows(status):
            since = f"{row.since:%Y-%m-%d %H:%M}" if row.since else ""
            bills = "\n".join(_counted(row.bills)) or "nothing"
            found.add_row(row.environment, row.model, row.training, row.commit, row.serving, since, bills)
    return found


def _counted(items: Sequence[InventoryItem]) -> Iterator[str]:
    for what, count in Counter(f"{item.what}: {item.cost}" for item in items).items():
        yield f"{what} ({count} of them)" if count > 1 else what
