"""Environments that between them have every type of resource, and every way in which settings name things."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bedrock_tuning.checks.templates import Templates
from settings import Access, Bootstrap, Evaluation, Model, Notifications
from settings.allow import Allow
from settings.bootstrap import DEFAULT_QUALIFIER
from tests.synth.evaluation.evaluated import ASKED
from tests.synth.organized import (
    ACCOUNT,
    BOOTSTRAP_KEY,
    BOUNDARY,
    BUCKET,
    KEY,
    OPERATIONS_KEY,
    REGION,
    SERVICE_ROLE,
    VPC,
    Organized,
)
from tests.synth.stages import elsewhere
from tests.unit.settings.evaluation_files import EVALUATION, evaluation_of, model
from tune.execution_policy.declared import Declared
from tune.execution_policy.documents import Document
from tune.execution_policy.policies import execution_policies
from tune.execution_policy.scope import PolicyScope

_OF_ANOTHER_ACCOUNT: Final = OPERATIONS_KEY.replace(ACCOUNT, "999988887777")
_NAMED: Final[Mapping[str, Any]] = {
    "permissions_boundary": BOUNDARY,
    "role_path": "/teams/search/",
    "name_prefix": "acme-",
}
_GIVEN: Final[Mapping[str, Any]] = {
    "key_arn": KEY,
    "operations_key_arn": _OF_ANOTHER_ACCOUNT,
    "bucket": BUCKET,
    "service_role_arn": SERVICE_ROLE,
}
_ACCESS: Final = {"account": "222222222222", "principals": ["arn:aws:iam::222222222222:role/answers"]}
_EVALUATES: Final = Allow.model_validate({"evaluate_with": ["base"]})
_LONG_PREFIX: Final = "acme-fine-tuning-of-the-search-team-"


@dataclass(frozen=True)
class Variant:
    """One environment: its templates, and the policies for the app that it is of."""

    name: str
    settings: Model
    templates: Templates
    scope: PolicyScope
    policies: list[Document]
    bootstrap_key: str | None


def variants(
    dev: Model, context: Mapping[str, Any], folder: Callable[[str], Path], declared: Declared
) -> Iterator[Variant]:
    """Yield the variants of one environment."""

    def made(
        name: str,
        settings: Model,
        bootstrap: Bootstrap | None = None,
        allow: Allow | None = None,
        **organization: Any,
    ) -> Variant:
        key_arn = bootstrap.key_arn if bootstrap else None
        qualifier = bootstrap.qualifier if bootstrap else None
        made_so = {"bootstrap_key": key_arn, "qualifier": qualifier, **organization}
        organized = Organized(settings, context, folder(name), allow=allow, **made_so)
        environment = settings.environment
        scope = PolicyScope(
            partition="aws",
            account=ACCOUNT,
            region=REGION,
            app=environment.app,
            stack_prefix=environment.stack_prefix,
            organization=type(environment.organization).model_validate(organization),
            qualifier=qualifier or DEFAULT_QUALIFIER,
            bootstrap_key_arn=key_arn,
        )
        return Variant(
            name, organized.settings, organized.followed(), scope, execution_policies(declared, scope), key_arn
        )

    def told(**by: Any) -> Model:
        return elsewhere(dev, notifications=Notifications.model_validate(by))

    by_mail = told(email=["a@example.com"])
    yield made("plain", by_mail)
    yield made("topic", told(topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:of-another-team"))
    yield made("named", by_mail, **_NAMED)
    yield made("long names", elsewhere(by_mail, stack_prefix=_LONG_PREFIX))
    invoked = dev.model_copy(update={"access": (Access.model_validate(_ACCESS),)})
    yield made("invoked", invoked)
    yield made("invoked, named", invoked, **_NAMED)
    evaluated = dev.model_copy(update={"evaluation": _evaluation(folder("files"))})
    yield made("own metric", evaluated, allow=_EVALUATES)
    yield made("own metric, named", evaluated, allow=_EVALUATES, **_NAMED)
    yield made("networks", dev, job_vpc=VPC, function_vpc=VPC)
    yield made("given", by_mail, Bootstrap(key_arn=BOOTSTRAP_KEY, qualifier="acme"), **_NAMED, **_GIVEN)
    keep = {"key": True, "operations_key": True, "bucket": True, "service_role": "/"}
    yield made("kept", by_mail, **_NAMED, **_GIVEN, keep=keep)
    roles = Organized(by_mail, context, folder("roles to name")).roles()
    yield made("roles", by_mail, name_prefix="acme-", **_GIVEN, roles=_without_training(roles))


def _evaluation(folder: Path) -> Evaluation:
    """Return an evaluation with a metric of the team's own, which has a function and a version of it."""
    (folder / "dev").mkdir()
    metrics = [{"name": "own", "path": "own.py", "function": "score"}]
    return evaluation_of(model(folder, *ASKED, ("evaluation", {**EVALUATION, "metrics": metrics})))


def _without_training(roles: Mapping[str, str]) -> dict[str, str]:
    return {use: role for use, role in roles.items() if use != "Foundation/ServiceRole"}
