"""Which custom models are retired once a newer one serves: pure, from their names, their tags and their age."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bedrock_lifecycle import contract


@dataclass(frozen=True)
class RetainedModel:
    """A custom model of the account. `serves` tells whether anything serves it or is moving to it."""

    name: str
    arn: str
    created: datetime
    tags: Mapping[str, str]
    serves: bool = False


@dataclass(frozen=True)
class Family:
    """The models that one `keep_models` is about: those of a name and an environment, made by one stack of one app."""

    name: str
    environment: str
    owner: str
    app: str | None = None

    @property
    def prefix(self) -> str:
        """What the names of its models begin with; those of another environment may begin with it as well."""
        return f"{self.name}-{self.environment}-"

    @property
    def tags(self) -> dict[str, str]:
        """What each of its models carries."""
        return {contract.TAG_OWNER: self.owner, contract.TAG_ENVIRONMENT: self.environment}

    def has(self, model: RetainedModel) -> bool:
        """Tell whether a model is one of them."""
        # Another app may have had a stack of this name. Of a model that names none, from before, the owner says it.
        is_the_apps = model.tags.get(contract.TAG_APP, self.app) == self.app
        return is_the_apps and model.name.startswith(self.prefix) and self.tags.items() <= model.tags.items()


def to_retire(
    models: Iterable[RetainedModel], family: Family, *, keep_models: int, never: Collection[str]
) -> list[RetainedModel]:
    """Return the family's models beyond the newest `keep_models`: none that serves, that is held or in `never`.

    Where what serves is baked or gated, the newest `keep_models` that passed stay too: one that fails is newer, and
    never serves or is taken back.

    `never` has the name or ARN of the model that is to serve, and of that of the request before, to which a rollback
    goes back.
    """
    ours = sorted(filter(family.has, models), key=lambda model: model.created, reverse=True)
    passed = [model for model in ours if _has_passed(model)]
    kept = {model.name for model in (*ours[:keep_models], *passed[:keep_models])}
    return [
        model
        for model in ours
        if not (
            model.serves or contract.holders(model.tags) or {model.name, model.arn} & {*never} or model.name in kept
        )
    ]


def _has_passed(model: RetainedModel) -> bool:
    """Tell whether a model has passed all that was looked at, and something was."""
    found = {model.tags[key] for key in (contract.TAG_BAKE, contract.TAG_VERDICT) if key in model.tags}
    return found == {contract.PASSED}
