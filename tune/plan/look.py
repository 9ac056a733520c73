"""Looks at what there is, for the plan of one environment or of all."""

from dataclasses import replace
from pathlib import Path

from tune import synthesis
from tune.account import clients, location, ownership, templates
from tune.account.settings_files import SettingsFiles
from tune.exports.look import look
from tune.plan.environment import Names, Plan, Planner
from tune.terminal.environments import DeployTarget


def environment_plan(target: DeployTarget) -> Plan:
    """Return what the next deploy of an environment would do; raise CannotBeDone, or what botocore raises."""
    aws, place = clients.clients(target), location.place_of(target)
    if taken := ownership.taken(aws("cloudformation"), target.name, target.stacks):
        raise ownership.NameTaken(taken)
    bodies = synthesis.bodies(target.settings)
    planner = Planner(aws, place, SettingsFiles(target.folder, place))
    plan = planner.environment(Names.of(target), templates.read_all(bodies))
    return replace(plan, exports=look(aws("cloudformation"), target, bodies[target.stack("Foundation")]))


def account_plan(folder: Path) -> Plan:
    """Return what there is in the account and Region of the credentials; raise as `environment_plan`."""
    aws, place = location.ambient()
    return Planner(aws, place, SettingsFiles(folder.resolve(), place)).account()
