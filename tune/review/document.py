"""A review as one JSON document. Its form is versioned: a key is never given another meaning."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from tune.review.compare import Review, StackReview
from tune.review.findings import CLASSES, Certainty, FindingClass, ReviewFinding
from tune.spending.cost import Cost, Nature, Priced
from tune.spending.prices import Prices

VERSION: Final = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MoneyPart(_Part):
    """Money by the team's own prices."""

    amount: str = Field(
        pattern=r"^\d+(\.\d+)?$", description="Exact, by the nature of the cost: once, an hour, a month"
    )
    currency: str = Field(pattern="^[A-Z]{3}$")
    date: str = Field(description="Date of the prices, YYYY-MM-DD", pattern=r"^\d{4}-\d{2}-\d{2}$")
    source: str = Field(description="Where the prices are from")


class CostPart(_Part):
    """What something costs, by its nature."""

    nature: Nature
    quantity: int | None = Field(description="Null where a template does not tell it")
    is_floor: bool = Field(
        serialization_alias="isFloor", description="Whether quantity and money may be more, and are not less"
    )
    unit: str = Field(description="What is counted, in words")
    what: Priced | None = Field(description="What has a price; null where the quantity is not the whole number of it")
    of: tuple[str, ...] = Field(description="What the price depends on: base model, and term of model units")
    money: MoneyPart | None = Field(description="Null without a quantity, a price, or a file of prices")
    missing: str | None = Field(description="The key of the price that the file of prices lacks")


class WherePart(_Part):
    """Where a finding is."""

    stack: str = Field(description="As the CDK CLI calls it in its environment, such as docstrings-Serving")
    path: str = Field(description="The construct or logical id; empty for the whole stack")


class FindingPart(_Part):
    """One thing that a reviewer has to know."""

    finding_class: FindingClass = Field(serialization_alias="class")
    certainty: Certainty
    where: WherePart
    was: str
    now: str = Field(serialization_alias="is")
    says: str = Field(description="What happens, in one sentence")
    costs: tuple[CostPart, ...]
    source: str = Field(description="What says so: a row of the lifecycle's decisions, a property, a statement")
    details: tuple[str, ...] = Field(description="Each permission or construct of a finding that sums up several")


class ResourcePart(_Part):
    """A resource that changes."""

    path: str
    type: str
    change: Literal["added", "updated", "replaced", "removed"]


class StackPart(_Part):
    """A stack that changes."""

    id: str
    state: Literal["new", "changed", "gone"]
    resources: tuple[ResourcePart, ...]


class EnvironmentPart(_Part):
    """An environment in which something changes."""

    name: str
    findings: tuple[FindingPart, ...] = Field(description="The worst first")
    stacks: tuple[StackPart, ...]


class ReviewDocument(_Part):
    """A review of two cloud assemblies."""

    version: Literal[1]
    base: str = Field(description="What was compared with")
    head: str = Field(description="What was compared")
    counts: dict[FindingClass, int] = Field(description="The number of findings by class")
    environments: tuple[EnvironmentPart, ...]
    unchanged_stacks: int = Field(serialization_alias="unchangedStacks", ge=0)


def schema() -> dict[str, Any]:
    """Return the JSON schema of the document, as docs/reference/review-schema.json publishes it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ReviewDocument.model_json_schema(mode="serialization"),
    }


def document(review: Review, base: str, head: str, prices: Prices | None = None) -> dict[str, Any]:
    """Return it; `base` and `head` name what was compared, `prices` are the team's."""
    environments = sorted({its.environment for its in review.findings} | {its.environment for its in review.stacks})
    made = ReviewDocument(
        version=VERSION,
        base=base,
        head=head,
        counts={each: len(review.of(each)) for each in CLASSES},
        environments=tuple(
            EnvironmentPart(
                name=name,
                findings=tuple(_finding(its, prices) for its in review.findings if its.environment == name),
                stacks=tuple(_stack(its) for its in review.stacks if its.environment == name),
            )
            for name in environments
        ),
        unchanged_stacks=review.unchanged,
    )
    return made.model_dump(mode="json", by_alias=True)


def _finding(its: ReviewFinding, prices: Prices | None) -> FindingPart:
    return FindingPart(
        finding_class=its.finding_class,
        certainty=its.certainty,
        where=WherePart(stack=its.stack, path=its.path),
        was=its.was,
        now=its.now,
        says=its.says,
        costs=tuple(_cost(each, prices) for each in its.costs),
        source=its.source,
        details=its.details,
    )


def _cost(cost: Cost, prices: Prices | None) -> CostPart:
    return CostPart(
        nature=cost.nature,
        quantity=cost.quantity,
        is_floor=cost.is_floor,
        unit=cost.unit,
        what=cost.what,
        of=cost.of,
        money=_money(cost, prices) if prices else None,
        missing=prices.missing(cost) if prices else None,
    )


def _money(cost: Cost, prices: Prices) -> MoneyPart | None:
    amount = prices.amount(cost)
    if amount is None:
        return None
    return MoneyPart(amount=f"{amount:f}", currency=prices.currency, date=str(prices.date), source=prices.source)


def _stack(its: StackReview) -> StackPart:
    resources = tuple(
        ResourcePart.model_validate({"path": path, "type": kind, "change": verb}) for verb, path, kind in its.changed
    )
    return StackPart.model_validate({"id": its.id, "state": its.state, "resources": resources})
