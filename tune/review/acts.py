"""What a review says of each step of a plan: what it trains, buys, moves, deletes and keeps, with what it costs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.served_model import (
    CustomModelDeploymentProperties,
    ProvisionedThroughputProperties,
    ServedModelProperties,
)
from bedrock_lifecycle.contract.serving_bake import ServingBakeProperties
from bedrock_tuning.spending.words import RECORDS_PER_EPOCH, TOKENS_PER_EPOCH
from tune.plan import bake, evaluation, promotion
from tune.plan.serving import WAYS
from tune.plan.steps import PlanStep
from tune.review.assembly import StackTemplate
from tune.review.findings import FindingClass, ReviewFinding
from tune.spending.cost import NO_TERM, Cost, model_units


@dataclass(frozen=True)
class Act:
    """One step of a plan: to what, the properties before and after, and what the policies of both keep."""

    stack: StackTemplate
    path: str
    step: PlanStep
    its: Any
    old: Any
    kept: Sequence[bool]
    is_observed: bool

    def findings(self, kind: str) -> Iterator[ReviewFinding]:
        """Yield what is said of it where it is a step of a kind of resource; nothing where it costs nothing."""
        if self.step.fails:
            yield self.finding("refused", f"the deploy is refused: {self.step.reason}")
        elif reader := _READERS.get((kind, self.step.action)):
            yield from reader(self)

    def finding(self, finding_class: FindingClass, says: str, **more: Any) -> ReviewFinding:
        """Return a finding about its resource."""
        return self.stack.finding(self.path, finding_class, says, source=f"row {self.step.row}", **more)


def _trains(act: Act) -> Iterator[ReviewFinding]:
    its: ModelCustomizationProperties = act.its
    epochs = its.hyper_parameters.get("epochCount")
    passes = "Bedrock's default number of epochs" if epochs is None else f"{epochs} epoch{'s' * (epochs != '1')}"
    tokens, records = (act.stack.quantity_of(act.path, name) for name in (TOKENS_PER_EPOCH, RECORDS_PER_EPOCH))
    if tokens is None or epochs is None or not epochs.isdecimal():
        of = "" if records is None else f" ({records:,} records)"
        trained = Cost("once", f"tokens for each epoch{of}, in {passes}", tokens)
    else:
        of = passes if records is None else f"{records:,} records in {passes}"
        trained = Cost(
            "once",
            f"tokens or more, estimated ({of})",
            tokens * int(epochs),
            "training-tokens",
            (its.base_model,),
            is_floor=True,
        )
    yield act.finding(
        "trains",
        f"{its.base_model} is trained{'' if act.is_observed else f', unless job {its.training_name} exists already'}",
        certainty="will" if act.is_observed else "atMost",
        was=act.old.training_name if act.old else "",
        now=its.training_name,
        costs=(trained, Cost("monthly", "custom model stored", 1, "custom-models")),
    )


def _promotes(act: Act) -> Iterator[ReviewFinding]:
    its: PromotedModelProperties = act.its
    says = (
        f"a model that {its.trained_in} has trained from {its.base_model} is promoted: it is held here, and nothing is "
        f"trained; its training data has sha256 {its.train_sha256}"
    )
    yield act.finding("moves", says, was=act.old.training_name if act.old else "", now=its.training_name)


def _evaluates(act: Act) -> Iterator[ReviewFinding]:
    its: EvaluationProperties = act.its
    models = " and ".join((its.training_name, *(each.name for each in its.inputs.targets if each.name != TUNED)))
    of = "all records" if its.records is None else f"{its.records:,} records"
    unless = "" if act.is_observed else ", unless their answers are stored already"
    cost = Cost("once", "tokens at most, of all models that are called", its.max_tokens)
    yield act.finding(
        "evaluates",
        f"{of} of the test data are sent to {models}{unless}",
        certainty="will" if act.is_observed else "atMost",
        was=act.old.evaluation_id if act.old else "",
        now=its.evaluation_id,
        costs=(cost,),
    )


def _bakes(act: Act) -> Iterator[ReviewFinding]:
    its: ServingBakeProperties = act.its
    says = (
        f"the model that serves is sent {its.questions} question{'s' * (its.questions != 1)}, and must answer "
        f"{its.right} correctly; otherwise the deploy is rolled back"
    )
    tokens = contract.BAKE_TRIES * its.questions * its.max_output_tokens
    cost = Cost("use", "output tokens at most in each bake, plus the tokens of the questions", tokens)
    yield act.finding("changes", says, now=its.model, costs=(cost,))


def _buys(act: Act) -> Iterator[ReviewFinding]:
    its: ProvisionedThroughputProperties = act.its
    says = f"a Provisioned Throughput of {terms(its)} is bought"
    is_second = isinstance(act.old, ProvisionedThroughputProperties)
    if is_second and any(act.kept):
        says += "; both the new and the old one are billed"
    elif is_second:
        says += "; both are billed until the end of the deploy deletes the old one"
    if its.commitment_duration:
        says += "; the new one cannot be deleted before its term ends, and renews automatically"
    was = terms(act.old) if is_second else ""
    yield act.finding("buys", says, was=was, now=terms(its), costs=(_hourly(its),))
    says = "the model is called by an ARN of its own, which the SSM parameter names from then on"
    yield act.finding("moves", says, was=act.old.model if act.old else "", now=its.model)


def _serves(act: Act) -> Iterator[ReviewFinding]:
    says = "a custom model deployment begins to serve on demand, under an ARN of its own"
    was = act.old.model if act.old else ""
    yield act.finding("moves", says, was=was, now=act.its.model, costs=(_BY_TOKEN,))


def _moves(act: Act) -> Iterator[ReviewFinding]:
    says = "another model answers behind the same ARN"
    yield act.finding("moves", says, was=act.old.model if act.old else "", now=act.its.model)


def _ends(act: Act) -> Iterator[ReviewFinding]:
    gone = act.old or act.its
    says = f"{_what(gone)} is deleted: its ARN no longer works"
    in_term = isinstance(gone, ProvisionedThroughputProperties) and bool(gone.commitment_duration)
    if in_term:
        says += ". Inside its term Bedrock refuses the deletion, and the throughput is still billed"
    certainty = "atMost" if in_term else "will"
    yield act.finding("deletes", says, certainty=certainty, was=act.step.reason or gone.serving_name)


def _stays(act: Act) -> Iterator[ReviewFinding]:
    what, name = _what(act.old), act.step.reason or act.old.serving_name
    costs = (_cost(act.old),)
    if all(act.kept):
        says = f"{what} is kept, still serves and is still billed, and no stack holds it any more"
        yield act.finding("stays", says, was=name, costs=costs)
        return
    for finding_class in ("stays", "deletes"):
        says = f"{what} is either kept and still billed, or deleted: its {act.step.row} is different in the head"
        yield act.finding(finding_class, says, certainty="atMost", was=name, costs=costs)


def _retires(act: Act) -> Iterator[ReviewFinding]:
    says = f"a model is permanently deleted: `keep_models` keeps only {newest(act.its.keep_models)}"
    yield act.finding("deletes", says, was=act.step.reason)


def newest(number: int) -> str:
    """Return how many models are kept, in words."""
    return "the newest" if number == 1 else f"the newest {number}"


def _what(its: ServedModelProperties) -> str:
    match its:
        case ProvisionedThroughputProperties():
            return f"the Provisioned Throughput of {terms(its)}"
        case CustomModelDeploymentProperties():
            return "the custom model deployment"
        case _:
            raise _unknown(type(its).__name__)


def _cost(its: ServedModelProperties) -> Cost:
    match its:
        case ProvisionedThroughputProperties():
            return _hourly(its)
        case CustomModelDeploymentProperties():
            return _BY_TOKEN
        case _:
            raise _unknown(type(its).__name__)


def _hourly(its: ProvisionedThroughputProperties) -> Cost:
    return model_units(its.model_units, (its.base_model, its.commitment_duration or NO_TERM))


def terms(its: ServedModelProperties) -> str:
    """Return what was bought, in words."""
    match its:
        case ProvisionedThroughputProperties():
            units = its.model_units
            term = f"for {its.commitment_duration}" if its.commitment_duration else "without commitment"
            return f"{units} model unit{'s' * (units > 1)} {term}"
        case CustomModelDeploymentProperties():
            return "on demand"
        case _:
            raise _unknown(type(its).__name__)


def begins(kind: str) -> Callable[[Act], Iterator[ReviewFinding]]:
    """Return what says that something of a type begins to serve."""
    match kind:
        case contract.PROVISIONED_THROUGHPUT:
            return _buys
        case contract.CUSTOM_MODEL_DEPLOYMENT:
            return _serves
        case _:
            raise _unknown(kind)


def _unknown(what: str) -> AssertionError:
    return AssertionError(f"{what} is a way to serve of which a review has no words; add them to tune/review/acts.py")


_BY_TOKEN: Final = Cost("use", "tokens of each invocation")
_JOB: Final = "customization job"
_READERS: Final[Mapping[tuple[str, str], Callable[[Act], Iterator[ReviewFinding]]]] = {
    (_JOB, "create"): _trains,
    (promotion.KIND, "hold"): _promotes,
    (evaluation.EVALUATION_KIND, "create"): _evaluates,
    (bake.KIND, "ask"): _bakes,
    **{
        (WAYS[kind].label, action): reader
        for kind in contract.SERVING_TYPES
        for action, reader in (
            ("create", begins(kind)),
            ("swap", _moves),
            ("delete", _ends),
            ("keep", _stays),
            ("retire", _retires),
        )
    },
}
