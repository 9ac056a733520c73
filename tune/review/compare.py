"""A review of two assemblies: what a deploy of the head makes of an account where the base is deployed and well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from settings.stack_names import ACCESS
from tune.review import access, exports, guards, lifecycle, opaque, standing
from tune.review.assembly import StackTemplate, is_custom
from tune.review.findings import CLASSES, FindingClass, ReviewFinding, folded, in_order
from tune.review.observations import Observations, Pair, seen_of
from tune.review.structure import Given, Library, ResourceChange, changes, replacement
from tune.spending.cost import NO_TERM, Cost, model_units
from tune.terminal.problems import NoAssembly

Stacks = Mapping[str, StackTemplate]

_FUNCTION: Final = "AWS::Lambda::Function"
_LAYER: Final = "AWS::Lambda::LayerVersion"
_PARAMETER: Final = "AWS::SSM::Parameter"
_CUSTOM: Final = tuple(lifecycle.RECORDS)


@dataclass(frozen=True)
class StackReview:
    """What changes in one stack: the resources by what is done to them, with their types, and how many."""

    environment: str
    id: str
    state: str
    changed: tuple[tuple[str, str, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many resources are added, updated, replaced and removed."""
        verbs = [verb for verb, _, _ in self.changed]
        return {verb: verbs.count(verb) for verb in ("added", "updated", "replaced", "removed") if verb in verbs}


@dataclass(frozen=True)
class Review:
    """Findings, the worst first, and what changes in each stack; `unchanged` counts those that stay as they are."""

    findings: tuple[ReviewFinding, ...]
    stacks: tuple[StackReview, ...]
    unchanged: int
    asked: tuple[str, ...] = ()
    """The environments whose accounts were asked."""

    def of(self, *classes: FindingClass) -> list[ReviewFinding]:
        """Return the findings of some classes."""
        return [its for its in self.findings if its.finding_class in classes]

    @property
    def basis(self) -> str:
        """What it was made from, in words."""
        return f"and the accounts of {', '.join(self.asked)}" if self.asked else "from templates alone"

    @property
    def absent(self) -> list[FindingClass]:
        """The classes of which there is nothing."""
        return [each for each in CLASSES if not self.of(each)]


def review(
    base: Stacks,
    head: Stacks,
    *,
    environment: str | None = None,
    live: Observations | None = None,
    library: Library | None = None,
) -> Review:
    """Compare two assemblies, or one environment of them; `library` is one that was started before.

    live: What the accounts have. Default: the base is deployed, and well.

    Raises NoAssembly when they are of two apps or neither has the environment, and DiffMissing when templates cannot be
    compared.
    """
    apps = {its.app for its in (*base.values(), *head.values())}
    if len(apps) > 1:
        names = " and ".join(sorted(apps))
        raise NoAssembly(
            f"the assemblies are of different apps, {names}: under another name a deploy creates every stack anew, "
            "and the stacks of the other app are still billed; compare two assemblies of one app"
        )
    pairs = _pairs(base, head, environment)
    if environment is not None and not pairs:
        there = ", ".join(sorted({its.environment for its in (*base.values(), *head.values())})) or "none"
        raise NoAssembly(f"neither assembly has an environment {environment!r}; they have: {there}")
    differing = [pair for pair in pairs if _differ(*pair)]
    templates = [(_template(before), _template(after)) for before, after in differing]
    asked = library.ask(templates) if library else None
    found: list[ReviewFinding] = []
    stacks: list[StackReview] = []
    for models in _models(pairs):
        found += _of_model(models, differing, live or {})
    if live:
        # It loads the clients of AWS, which nothing else here needs.
        from tune.review.live import findings as accounts

        found += accounts(pairs, live)
    for pair in differing:
        found += _of_pair(pair, head, live or {})
    # Asked for at the end: the library works while the rest is read.
    for pair, structure in zip(differing, asked.result() if asked else changes(templates), strict=True):
        found += _of_structure(pair, structure, base, live or {})
        stacks.append(_stack_review(pair, structure))
    seen_in = tuple(sorted({name for (name, _, _), its in (live or {}).items() if not its.why_not}))
    return Review(tuple(in_order(folded(found))), tuple(stacks), len(pairs) - len(differing), seen_in)


def _pairs(base: Stacks, head: Stacks, environment: str | None) -> list[Pair]:
    """Return the stacks of both that are the same; one that moved to another place is two."""

    def of(stacks: Stacks) -> dict[tuple[str, ...], StackTemplate]:
        asked = [its for its in stacks.values() if environment in (None, its.environment)]
        return {(its.environment, its.id, its.name, its.account, its.region): its for its in asked}

    before, after = of(base), of(head)
    return [(before.get(key), after.get(key)) for key in sorted({**before, **after})]


def _template(stack: StackTemplate | None) -> Given:
    return {} if stack is None else stack.body if stack.file is None else str(stack.file.absolute())


def _differ(before: StackTemplate | None, after: StackTemplate | None) -> bool:
    return before is None or after is None or before != after


def _of_model(models: lifecycle.ModelPair, differing: Sequence[Pair], live: Observations) -> Iterator[ReviewFinding]:
    seen = seen_of(models.any, live)
    if seen and not seen.taken:
        yield from lifecycle.findings(models, seen.outlooks[models.any.model])
    elif seen is None and any(pair in differing for pair in models.stacks):
        yield from lifecycle.findings(models)


def _of_pair(pair: Pair, head: Stacks, live: Observations) -> Iterator[ReviewFinding]:
    before, after = pair
    if after is None:
        seen = seen_of(before, live) if before else None
        if before and (seen is None or before.name in seen.deployed):
            yield _stays(before, head)
        return
    yield from access.findings(before, after)
    yield from guards.of_stack(before, after)
    yield from standing.findings(before, after)
    yield from standing.untold(before, after)
    yield from opaque.findings(before, after)
    if before:
        yield from _of_tokens(before, after)


def _stays(stack: StackTemplate, head: Stacks) -> ReviewFinding:
    words = {
        "Serving": ("it still serves, and is still billed", ()),
        "Promotion": ("models of another environment stay held", ()),
        "Training": (
            "its models are kept, and a training run in progress continues",
            (Cost("monthly", "custom models stored"),),
        ),
        ACCESS: ("its parameters are kept, and name a role that nobody in that account may assume any more", ()),
    }
    foundation = ("its bucket and keys are kept", (Cost("monthly", "objects stored"),))
    says, costs = words.get(stack.kind, foundation)
    bought = [
        its.get("Properties", {})
        for its in stack.resources.values()
        if its["Type"] == "Custom::BedrockProvisionedThroughput"
    ]
    if bought:
        units = [str(its.get("ModelUnits")) for its in bought]
        number = sum(map(int, units)) if all(map(str.isdecimal, units)) else None
        alike = {(str(its.get("BaseModel")), str(its.get("CommitmentDuration", NO_TERM))) for its in bought}
        if committed := sorted({term for _, term in alike} - {NO_TERM}):
            says += f". Committed for {' and '.join(committed)}: inside this term it cannot be deleted, and it renews"
        costs = (model_units(number, alike.pop() if len(alike) == 1 else ()),)
    where = f"{stack.name} in {stack.account}, {stack.region}"
    return stack.finding(
        "",
        "stays",
        f"no deploy deletes stack {where}: {says}; to delete the stack, before this is merged: {_ending(stack, head)}",
        costs=(*standing.costs_of(stack), *costs),
        was=stack.name,
        now="not in the head",
    )


def _ending(stack: StackTemplate, head: Stacks) -> str:
    """Return the command that deletes a stack, and nothing that the head still asks for."""
    place = (stack.environment, stack.model, stack.account, stack.region)
    stay = {its.kind for its in head.values() if (its.environment, its.model, its.account, its.region) == place}
    if stack.kind == ACCESS:
        command = f"aws cloudformation delete-stack --stack-name {stack.name} --region {stack.region}"
        return f"with credentials of account {stack.account}: {command}"
    if stack.kind in ("Training", "Promotion") and "Serving" in stay:
        return f"aws cloudformation delete-stack --stack-name {stack.name} --region {stack.region}"
    which = f"{stack.model}{' --serving-only' * (stack.kind == 'Serving')}" if stack.model else "--every-model --all"
    return f"python -m tune destroy {stack.environment} {which}"


def _of_structure(
    pair: Pair, structure: Sequence[ResourceChange], base: Stacks, live: Observations
) -> Iterator[ReviewFinding]:
    before, after = pair
    if after is None:
        return
    if before is None:
        for change in structure:
            yield from _of_custom(after, change)
        return
    if seen_of(after, live) is None:
        users = exports.users_in(base.values(), before)
        yield from exports.findings(before.body, after, users, replacement(structure))
    yield from _of_code(after, structure)
    for change in structure:
        yield from _of_change(before, after, change)


def _of_code(after: StackTemplate, structure: Sequence[ResourceChange]) -> Iterator[ReviewFinding]:
    code = [change for change in structure if _is_code(change)]
    if code:
        functions = f"{len(code)} function{'s' * (len(code) > 1)}"
        says = f"the code of {functions} is different; this alone trains, buys and deletes nothing"
        yield after.finding("", "changes", says)


def _of_custom(stack: StackTemplate, change: ResourceChange) -> Iterator[ReviewFinding]:
    """Yield what is done to another one's custom resource, which `stack` has."""
    if change.type not in _CUSTOM and is_custom(change.type):
        says = f"{change.type} is {change.verb}: only the code behind it knows what that does"
        yield stack.finding(stack.path_of(change.logical_id), "unknown", says, certainty="unknown")


def _of_change(before: StackTemplate, after: StackTemplate, change: ResourceChange) -> Iterator[ReviewFinding]:
    yield from _of_custom(before if change.is_removed else after, change)
    if change.type in _CUSTOM or not (change.is_removed or change.is_replaced):
        return
    path = (before if change.is_removed else after).path_of(change.logical_id)
    resource = before.resources.get(change.logical_id, {})
    policy = "DeletionPolicy" if change.is_removed else "UpdateReplacePolicy"
    kept = resource.get(policy) in guards.KEPT
    if change.type == _PARAMETER and not kept:
        name = resource.get("Properties", {}).get("Name", change.logical_id)
        yield after.finding(
            path, "deletes", "a parameter is deleted: applications that read it find nothing", was=str(name)
        )
    if guards.holds_data(change.type) and not kept:
        says = f"{change.type} is {change.verb}: what it holds is lost"
        certainty = "atMost" if change.impact == "MAY_REPLACE" else "will"
        yield after.finding(path, "deletes", says, certainty=certainty, source=policy)
    elif kept and (cost := standing.cost_of(resource) or _stored(change.type)):
        says = f"{change.type} is {change.verb}, and the old one is kept, held by no stack"
        yield after.finding(path, "stays", says, source=policy, costs=(cost,))


def _stored(resource_type: str) -> Cost | None:
    return Cost("monthly", "what it stores") if guards.holds_data(resource_type) else None


def _of_tokens(before: StackTemplate, after: StackTemplate) -> Iterator[ReviewFinding]:
    """Yield the custom resources that another function shall serve: CloudFormation supports no such update."""
    for logical_id, resource in after.resources.items():
        old = before.resources.get(logical_id)
        if old and old["Type"] == resource["Type"] and is_custom(resource["Type"]):
            was, now = (str(its.get("Properties", {}).get("ServiceToken")) for its in (old, resource))
            if was != now:
                says = (
                    "CloudFormation refuses the deploy unless the old and the new ServiceToken name the same function; "
                    "to be safe, keep the old one"
                )
                about: dict[str, Any] = {"was": was, "now": now, "source": "ServiceToken"}
                yield after.finding(after.path_of(logical_id), "refused", says, certainty="atMost", **about)


def _is_code(change: ResourceChange) -> bool:
    return (
        change.type in (_FUNCTION, _LAYER)
        and change.verb == "updated"
        and {"Code", "Content"}.issuperset(change.properties)
        and bool(change.properties)
    )


def _models(pairs: Sequence[Pair]) -> Iterator[lifecycle.ModelPair]:
    by_model: dict[tuple[str, ...], dict[str, Pair]] = {}
    foundations: dict[tuple[str, ...], str] = {}
    for pair in pairs:
        its = pair[1] or pair[0]
        if its and its.kind == ACCESS:
            continue
        if its and its.model:
            by_model.setdefault((its.environment, its.model, its.account, its.region), {})[its.kind] = pair
        elif its:
            foundations[its.environment, its.account, its.region] = its.name
    for (name, _, account, region), kinds in by_model.items():
        if any(pair[1] for pair in kinds.values()):
            none: Pair = (None, None)
            foundation = foundations.get((name, account, region), "")
            training, promotion, evaluation, serving = (
                kinds.get(kind, none) for kind in ("Training", "Promotion", "Evaluation", "Serving")
            )
            yield lifecycle.ModelPair(training, serving, foundation, promotion, evaluation)


def _stack_review(pair: Pair, structure: Sequence[ResourceChange]) -> StackReview:
    before, after = pair
    its = after or before
    if its is None:
        raise AssertionError("a pair has one stack or two")
    state = "changed" if before and after else "new" if after else "gone"
    places = [(each, before if before and each.is_removed else its) for each in structure]
    changed = sorted((each.verb, place.path_of(each.logical_id), each.type) for each, place in places)
    return StackReview(its.environment, its.id, state, tuple(changed))
