"""What a plan tells of what exists: what bills and who holds it, and the commands that end it."""

from collections.abc import Iterator

from tune.account.orphans import OwnedResource, Ownership
from tune.plan.environment import Plan
from tune.terminal.counting import counted


def sections(plan: Plan) -> Iterator[tuple[str, list[OwnedResource]]]:
    """Yield what there is in Bedrock, under a title for each way in which it stands."""
    yield from _unwanted(plan, "")
    for there in plan.elsewhere:
        yield from _unwanted(there, f"In {there.place.region}: ")
    titles = {
        "Billed or deployed, held by a stack": plan.held,
        "Its stack is being changed": plan.survey.of(Ownership.UNDECIDED),
        "Kept on purpose": plan.survey.of(Ownership.KEPT),
    }
    yield from ((title, findings) for title, findings in titles.items() if findings)


def _unwanted(plan: Plan, where: str) -> Iterator[tuple[str, list[OwnedResource]]]:
    for title, standing in (
        ("Billed or deployed, held by no stack", Ownership.ORPHAN),
        ("Billed or deployed, held by a stack that no settings file here asks for", Ownership.UNASKED),
    ):
        if found := plan.survey.of(standing):
            yield f"{where}{title}", found


def stores(plan: Plan) -> Iterator[str]:
    """Yield the buckets and keys."""
    if plan.stores:
        yield "Buckets and keys, kept when their stack is deleted:"
        yield from (f"  {its.stored.item}: {its.why}" for its in plan.stores)
    if plan.stores_unseen:
        yield plan.stores_unseen


def commands(plan: Plan) -> Iterator[str]:
    """Yield the commands that end or remove what nothing needs."""
    kept = plan.survey.of(Ownership.KEPT)
    for title, commands in (
        ("To remove what no stack holds:", _commands(plan, Ownership.ORPHAN)),
        ("To end what no settings file asks for:", _of_unasked(plan)),
        ("To permanently remove models whose stack no longer exists:", [its.command for its in kept if its.owner_gone]),
        (
            "To permanently remove models that no stack holds now; going back to one then takes another training run:",
            [its.command for its in kept if not its.owner_gone],
        ),
        (
            "To permanently remove buckets and keys that no stack holds, in this order:",
            [its.command for its in plan.stores],
        ),
    ):
        if given := list(dict.fromkeys(filter(None, commands))):
            yield title
            yield from (f"  {command}" for command in given)


def _of_unasked(plan: Plan) -> list[str]:
    overviews = [overview for each in (plan, *plan.elsewhere) for overview in each.environments]
    of_stacks = [command for overview in overviews for command in overview.commands]
    return [*_commands(plan, Ownership.UNASKED), *of_stacks]


def _commands(plan: Plan, standing: Ownership) -> list[str]:
    return [its.command for its in plan.unwanted if its.standing is standing]


def ending(plan: Plan) -> Iterator[str]:
    """Yield the last lines: what the next deploy does, and whether something bills unseen."""
    yield from _summary(plan)
    yield _verdict(plan)


def _summary(plan: Plan) -> Iterator[str]:
    """Yield in one line what the next deploy does, where one is planned."""
    if not plan.resources:
        return
    changing = [its.name for its in plan.resources if any(step.changes for step in its.steps)]
    failing = [its.name for its in plan.resources if its.fails]
    drifting = [its.name for its in plan.resources if its.drift]
    told = [f"The next deploy changes {len(changing)} of {counted(len(plan.resources), 'resource')}"]
    told += [f"it trains {tokens.tokens}, estimated" for tokens in plan.estimates.values()]
    told += [f"it fails at {', '.join(failing)}"] if failing else []
    told += [f"drift that it does not see: {', '.join(drifting)}"] if drifting else []
    yield "; ".join(told)


def _verdict(plan: Plan) -> str:
    standings = [its.standing for its in plan.unwanted]
    orphans, unasked = (standings.count(each) for each in (Ownership.ORPHAN, Ownership.UNASKED))
    told = [f"Orphans: {orphans}" if orphans else "Orphans: none"]
    if unasked:
        told.append(f"in no settings file here: {unasked}")
    elif not orphans:
        told.append("a stack holds everything that bills by the hour or serves.")
    return "; ".join(told)
