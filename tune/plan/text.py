"""A plan for people: tables on a wide terminal, lines elsewhere."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bedrock_lifecycle.engine.clock import in_words
from tune.account import stack_states
from tune.account.orphans import OwnedResource
from tune.plan.environment import Plan
from tune.plan.planned import JOB, Planned
from tune.plan.sections import commands, ending, sections, stores
from tune.plan.steps import AS_BEFORE, PlanStep

NOTHING = "nothing"
# Below this a table breaks names and digests.
_TABLE_COLUMNS = 120
_KINDS = {
    "throughput": "Provisioned Throughput",
    "deployment": "custom model deployment",
    "job": "customization job",
    "model": "custom model",
}
_HOURLY = "throughput"
_ENDED_JOB = "nothing: a record that Bedrock keeps forever"


def show(plan: Plan, console: Console) -> None:
    """Print a plan."""
    if not console.is_terminal or console.width < _TABLE_COLUMNS:
        for line in lines(plan):
            console.file.write(f"{line}\n")
        return
    for line in _head(plan):
        console.print(Text(line))
    if plan.resources:
        console.print(_resources(plan))
    for title, findings in sections(plan):
        console.print(_findings(title, findings))
    for line in (*stores(plan), *commands(plan), *ending(plan)):
        console.print(Text(line), soft_wrap=True)


def lines(plan: Plan) -> Iterator[str]:
    """Yield a plan as plain lines."""
    yield from _head(plan)
    for line in plan.resources:
        yield f"{line.kind} {line.name}"
        yield f"    wanted: {line.desired}"
        yield f"    found: {line.observed}"
        yield from (f"    next deploy: {text}; pays: {pays}" for text, pays in next_deploy(line))
        yield from (f"    {text}" for text in bill(line, plan))
        yield from (f"    drift: {text}" for text in drift(line))
    for title, findings in sections(plan):
        yield f"{title}:"
        yield from (f"  {described(finding)}: {finding.why}; {cost(finding)}" for finding in findings)
    yield from stores(plan)
    yield from commands(plan)
    yield from ending(plan)


def next_deploy(line: Planned) -> list[tuple[str, str]]:
    """Return what the next deploy does to a resource, and who pays for each of it."""
    return [(_told(step), step.pays) for step in line.steps] or [(NOTHING, AS_BEFORE)]


def bill(line: Planned, plan: Plan) -> Iterator[str]:
    """Yield how many tokens a training bills that the next deploy begins, and what that costs by the team's prices."""
    tokens = plan.estimates.get(line.name) if line.kind == JOB else None
    if tokens:
        yield f"estimate: {tokens}"
    if tokens and plan.prices and (money := tokens.money(plan.prices)):
        yield f"cost: {money}"


def drift(line: Planned) -> list[str]:
    """Return what CloudFormation does not see, and the remedy."""
    told = [_told(step) for step in line.drift]
    return [*told, line.remedy] if line.remedy else told


def described(finding: OwnedResource) -> str:
    """Return what it is, with its status and its age."""
    thing = finding.thing
    return f"{_KINDS[thing.kind]} {thing.name} ({thing.status}, {age(finding)})"


def age(finding: OwnedResource) -> str:
    """Return how long it has been there, which for what bills by the hour is how long it has billed."""
    thing = finding.thing
    if thing.ended_at:
        return f"after {in_words(thing.ended_at - thing.created)}, at {thing.ended_at:%Y-%m-%d %H:%M} UTC"
    since = f"{in_words(finding.age)}, since {finding.since:%Y-%m-%d %H:%M} UTC"
    return f"billing for {since}" if thing.kind == _HOURLY else f"for {since}"


def cost(finding: OwnedResource) -> str:
    """Return what it costs by its nature, and of a model what sets it apart."""
    item, ended = finding.thing.item, finding.thing.kind == "job" and not finding.thing.is_running
    return _ENDED_JOB if ended else "; ".join(filter(None, (item.cost, item.details)))


def _told(step: PlanStep) -> str:
    return f"{step.does} ({step.reason})" if step.reason else step.does


def _head(plan: Plan) -> Iterator[str]:
    of = f"{str(plan.of).capitalize()}" if plan.of else "Everything of this app"
    yield f"{of} in account {plan.place.account}, {plan.place.region}, at {plan.observed.now:%Y-%m-%d %H:%M:%S} UTC"
    for name, status in (plan.stacks or {}).items():
        yield f"stack {name}: {status or 'none'}"
        if stack_states.is_in_progress(status):
            yield f"stack {name} is being changed: this plan shows it at this moment"
    yield from map(str, plan.access)
    yield from plan.refusals
    yield from plan.notes
    yield from (f"not looked at: {place}" for place in plan.not_looked)
    for overview in plan.environments:
        stacks = ", ".join(f"{name} {status}" for name, status in overview.stacks.items())
        asked = f"; {overview.why_not}" if overview.why_not else ""
        yield f"environment {overview.name}: {stacks or 'no stack'}{asked}"


def _resources(plan: Plan) -> Table:
    table = Table(title="The next deploy", title_justify="left", expand=True)
    for heading in ("resource", "wanted", "found", "what is done", "who pays"):
        table.add_column(heading, overflow="fold")
    for line in plan.resources:
        bills = [("", text) for text in bill(line, plan)]
        told = [*next_deploy(line), *bills, *((f"drift: {text}", "") for text in drift(line))]
        first = (f"{line.kind}\n{line.name}", line.desired, line.observed)
        for number, step in enumerate(told):
            cells = (*(first if number == 0 else ("", "", "")), *step)
            table.add_row(*map(Text, cells), end_section=number == len(told) - 1)
    return table


def _findings(title: str, findings: Sequence[OwnedResource]) -> Table:
    table = Table(title=title, title_justify="left", expand=True)
    for heading in ("what", "age", "why", "how it is billed"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        what = f"{_KINDS[finding.thing.kind]}\n{finding.thing.name}\n{finding.thing.status}"
        table.add_row(*map(Text, (what, age(finding), finding.why, cost(finding))))
    return table
