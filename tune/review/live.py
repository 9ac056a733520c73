"""What the accounts of an assembly have: the plan of each environment on it, and what is deployed."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bedrock_lifecycle.contract.properties import BadProperty
from settings import EnvironmentLocation
from settings.stack_names import ACCESS, MODEL_STACKS
from tune.account import clients, location, ownership, templates
from tune.account.aws import Aws
from tune.account.stacks import StackReader
from tune.exports import look
from tune.plan.environment import Planner
from tune.plan.planned import Planned
from tune.review import exports
from tune.review.assembly import StackTemplate, resources_of
from tune.review.exports import Users
from tune.review.findings import ReviewFinding
from tune.review.lifecycle import Outlook
from tune.review.observations import Observation, Observations, Pair, Place, place_of, seen_of
from tune.terminal.counting import counted
from tune.terminal.environments import EnvironmentRef


def observations(
    base: Mapping[str, StackTemplate],
    head: Mapping[str, StackTemplate],
    folder: Path,
    environment: str | None = None,
) -> Observations:
    """Look into the account and Region of each environment, or of one, with the credentials that there are.

    folder: That of the settings, for the commands that a plan names.
    """
    found: dict[Place, Observation] = {}
    # The accounts of applications are others', and have nothing that a plan is about.
    own = [[its for its in each.values() if its.kind != ACCESS] for each in (base, head)]
    places = {place_of(its) for each in own for its in each if environment in (None, its.environment)}
    for place in sorted(places):
        before, after = ([its for its in each if place_of(its) == place] for each in own)
        seen, why = clients.answered(partial(_asked, before, after, folder))
        found[place] = seen or Observation(why_not=why)
    return found


def _asked(base: list[StackTemplate], head: list[StackTemplate], folder: Path) -> Observation:
    of = ref(head or base, folder)
    try:
        return observed(clients.clients(of, "lookup"), of, base, head)
    except BadProperty as error:
        return Observation(why_not=f"what a template asks for cannot be read: {error}")


def observed(aws: Aws, of: EnvironmentRef, base: list[StackTemplate], head: list[StackTemplate]) -> Observation:
    """Return what an account has of one environment; raise what botocore raises."""
    cloudformation = aws("cloudformation")
    if taken := ownership.taken(cloudformation, of, [its.name for its in head]):
        return Observation(taken=taken)
    planner, stacks = Planner(aws, location.place_of(of), of.app), StackReader(cloudformation)
    wanted = templates.read_all({its.name: its.body for its in head})
    plan = planner.next_deploy(of, wanted)
    outlooks = {
        model: Outlook(
            planner.diff(of, model, wanted, plan.observed),
            list(_lines(plan.resources, of, model)),
            is_observed=True,
        )
        for model in of.models
    }
    names = sorted({its.name for its in (*base, *head)})
    deployed = {name: stacks.body(name) for name in names if stacks.find(name)}
    return Observation(deployed, outlooks, partial(look.users, cloudformation))


def ref(stacks: list[StackTemplate], folder: Path) -> EnvironmentRef:
    """Return the environment of some stacks as the commands that ask AWS name it."""
    some = stacks[0]
    prefix = some.name.removesuffix(f"{some.environment}-{some.id}")
    return EnvironmentRef(
        location=EnvironmentLocation(
            name=some.environment, account=some.account, region=some.region, stack_prefix=prefix
        ),
        folder=folder.resolve(),
        app=some.app,
        models=tuple(sorted({its.model for its in stacks if its.model})),
    )


def _lines(lines: tuple[Planned, ...], of: EnvironmentRef, model: str) -> Iterator[Planned]:
    names = {of.stack(kind, model) for kind in MODEL_STACKS}
    return (line for line in lines if line.stack in names)


def findings(pairs: Iterable[Pair], live: Observations) -> Iterator[ReviewFinding]:
    """Yield what only the accounts tell, and which of them were not asked."""
    for (environment, account, region), its in live.items():
        if its.why_not:
            says = f"account {account}, {region} was not asked: {its.why_not}"
            yield ReviewFinding(finding_class="unknown", says=says, environment=environment, certainty="unknown")
        if its.taken:
            yield ReviewFinding(finding_class="refused", says=its.taken, environment=environment)
    for before, after in pairs:
        some = after or before
        seen = seen_of(some, live) if some else None
        if some is None or seen is None or seen.taken:
            continue
        deployed = seen.deployed.get(some.name)
        if difference := _difference(before, deployed):
            yield some.finding("", "unknown", f"{some.name} {difference}", certainty="unknown", source="account")
        if after and deployed:
            yield from _exports(deployed, after, seen.users)


def _exports(deployed: Mapping[str, Any], after: StackTemplate, users: Users) -> Iterator[ReviewFinding]:
    """Yield the exports in use that do not stay as they are, or why nobody was told who uses them."""
    found, why_not = clients.answered(lambda: [*exports.findings(deployed, after, users)])
    yield from found or ()
    if why_not:
        says = f"which stacks import the exports of {after.name} is not known: {why_not}"
        yield after.finding("", "unknown", says, certainty="unknown", source="account")


def _difference(before: StackTemplate | None, deployed: Mapping[str, Any] | None) -> str:
    """Return in what the base is not what is deployed; nothing where they are the same."""
    if before is None or deployed is None:
        is_neither = before is None and deployed is None
        return "" if is_neither else "is deployed, not in the base" if deployed else "is in the base, not deployed"
    here, there = before.resources, resources_of(deployed)
    others = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    return f"is deployed otherwise than the base has it: {counted(len(others), 'resource')}" if others else ""
