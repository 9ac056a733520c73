"""Looks at what there is, for the plan of one environment or of all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from settings import SettingsError, load_app
from tune import synthesis
from tune.account import ambient, clients, location, ownership, templates
from tune.account.access_stacks import access_stacks
from tune.account.aws import Aws
from tune.account.location import Location
from tune.account.settings_files import SettingsFiles, elsewhere
from tune.account.stacks import with_stacks
from tune.exports.look import look
from tune.plan.environment import Plan, Planner
from tune.plan.notifications import note
from tune.spending import prices as team
from tune.spending.data import estimate
from tune.spending.prices import Prices
from tune.spending.tokens import TrainingTokens
from tune.terminal.environments import DeployTarget, EnvironmentRef, find, find_ref
from tune.terminal.exit_codes import refuse


def environment_plan(folder: Path, environment: str, model: str | None = None, prices: Path | None = None) -> Plan:
    """Return what the next deploy of an environment would do; raise CannotBeDone, or what botocore raises.

    prices: The file of the team's prices. Default: the one beside the environments, if there is one.

    Where settings or data are wrong, only what there is: as long as the files tell where to look.
    """
    money = team.of(prices, folder)
    try:
        target = find(folder, environment, model)
    except SettingsError as wrong:
        return _what_there_is(_where(folder, environment, model, wrong), wrong)
    try:
        return _next_deploy(target, money)
    except synthesis.SynthesisRefused as wrong:
        return _what_there_is(target, wrong)


def _where(folder: Path, environment: str, model: str | None, wrong: SettingsError) -> EnvironmentRef:
    try:
        return find_ref(folder, environment, model)
    except SettingsError:
        refuse(str(wrong))


def _next_deploy(target: DeployTarget, money: Prices | None) -> Plan:
    aws, place = clients.clients(target, "lookup"), location.place_of(target)
    if taken := ownership.taken(aws("cloudformation"), target, target.stack_names):
        raise ownership.NameTaken(taken)
    bodies = synthesis.bodies(target.synthesized, target.app_context)
    planner = Planner(aws, place, target.app, SettingsFiles(target.folder, place, target.app))
    of = with_stacks(target, aws("cloudformation"))
    plan = planner.environment(of, templates.read_all(bodies))
    moved = ownership.moved(aws("cloudformation"), target) if of.old_prefixes else ""
    exports = look(aws("cloudformation"), target, bodies[target.foundation])
    plan = replace(plan, estimates=dict(_estimates(plan, target, aws)), prices=money)
    plan = replace(plan, moved=moved, exports=exports, access=access_stacks(target, _looking_up))
    plan = replace(plan, subscribes=note(aws("cloudformation"), target.foundation, bodies[target.foundation]))
    return _with_elsewhere(plan, target.folder, target.app, lambda region: _in_region(target, region))


def _estimates(plan: Plan, target: DeployTarget, aws: Aws) -> Iterator[tuple[str, TrainingTokens]]:
    for model in target.settings:
        name = model.training_name
        if name in plan.begun_trainings and (tokens := estimate(model, target, aws)):
            yield name, tokens


def _what_there_is(of: EnvironmentRef, wrong: Exception) -> Plan:
    aws, place = clients.clients(of, "lookup"), location.place_of(of)
    planner = Planner(aws, place, of.app, SettingsFiles(of.folder, place, of.app))
    plan = planner.existing(with_stacks(of, aws("cloudformation")))
    return replace(plan, not_planned=tuple(str(wrong).splitlines()), access=access_stacks(of, _looking_up))


def _looking_up(of: EnvironmentRef) -> Aws:
    return clients.clients(of, "lookup")


def account_plan(folder: Path) -> Plan:
    """Return what there is in the account and Region of the credentials; raise as `environment_plan`."""
    (aws, place), absolute = ambient.ambient(), folder.resolve()
    app = load_app(absolute)
    plan = Planner(aws, place, app, SettingsFiles(absolute, place, app)).account()
    return _with_elsewhere(plan, absolute, app, ambient.in_region)


def _in_region(of: EnvironmentRef, region: str) -> tuple[Aws, Location]:
    """Return clients in another Region of an environment's account, with the same role."""
    return clients.clients(of, "lookup", region), Location(of.account, region)


def _with_elsewhere(plan: Plan, folder: Path, app: str, look_in: Callable[[str], tuple[Aws, Location]]) -> Plan:
    """Return a plan with what bills in the other Regions; one that cannot be looked at keeps nothing else back."""

    def bills(region: str) -> Plan:
        aws, place = look_in(region)
        return Planner(aws, place, app, SettingsFiles(folder, place, app)).bills()

    there = elsewhere(folder, plan.place)
    looked = [(region, clients.answered(partial(bills, region))) for region in there.regions]
    return replace(
        plan,
        elsewhere=tuple(found for _, (found, _) in looked if found),
        not_looked=(*there.not_looked, *(f"{region}: {why}" for region, (_, why) in looked if why)),
    )
