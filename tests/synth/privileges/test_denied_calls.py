"""What an environment's functions may not do: what `[allow]` leaves out, and anything to what another one made."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import pytest

from bedrock_lifecycle.contract import TAG_FOUNDATION
from settings.allow import Allow
from tests.synth.privileges.policies import Policies
from tests.synth.privileges.uses import Use, uses

HELD: Final = f"aws:ResourceTag/{TAG_FOUNDATION}"
GIVEN: Final = f"aws:RequestTag/{TAG_FOUNDATION}"
OURS: Final = "{foundation}"
ANOTHER: Final = "arn:aws:cloudformation:{region}:{account}:stack/bedrock-tuning-another-Foundation"
KINDS: Final = {
    "Training": ("model-customization-job", "custom-model"),
    "Serving": ("provisioned-model", "custom-model-deployment"),
}
CHANGES: Final = (
    ("Training", "StopModelCustomizationJob", "model-customization-job"),
    ("Serving", "DeleteCustomModel", "custom-model"),
    ("Serving", "UpdateProvisionedModelThroughput", "provisioned-model"),
    ("Serving", "DeleteProvisionedModelThroughput", "provisioned-model"),
    ("Serving", "UpdateCustomModelDeployment", "custom-model-deployment"),
    ("Serving", "DeleteCustomModelDeployment", "custom-model-deployment"),
    *((who, "UntagResource", kind) for who, kinds in KINDS.items() for kind in kinds),
)
TAGGED: Final = [(who, kind) for who, kinds in KINDS.items() for kind in kinds]

changes = pytest.mark.parametrize(("who", "action", "kind"), CHANGES)
tagged = pytest.mark.parametrize(("who", "kind"), TAGGED)


def use(who: str, action: str, kind: str, **context: str) -> Use:
    resource = f"arn:aws:bedrock:{{region}}:{{account}}:{kind}/any"
    named = {"held": HELD, "given": GIVEN}
    return Use(
        principal=f"Foundation/{who}/Turn/Role",
        action=f"bedrock:{action}",
        resource=resource,
        why="",
        evidence="policy",
        context={named[key]: value for key, value in context.items()},
    )


@pytest.fixture(scope="session")
def everything(policies: Mapping[str, Policies]) -> Policies:
    """The policies of an environment that may do all that `[allow]` can allow."""
    return policies["everything"]


@changes
def test_what_is_ours_may_be_changed_and_nothing_else(everything: Policies, who: str, action: str, kind: str) -> None:
    assert everything.allow(use(who, action, kind, held=OURS))
    assert not everything.allow(use(who, action, kind, held=ANOTHER))
    assert not everything.allow(use(who, action, kind))
    assert not everything.allow(use(who, action, kind, held=ANOTHER, given=OURS))


@tagged
def test_what_is_ours_or_nobodys_may_be_tagged_and_nothing_of_another_foundation(
    everything: Policies, who: str, kind: str
) -> None:
    assert everything.allow(use(who, "TagResource", kind, held=OURS))
    assert everything.allow(use(who, "TagResource", kind, given=OURS))
    assert not everything.allow(use(who, "TagResource", kind))
    assert not everything.allow(use(who, "TagResource", kind, given=ANOTHER))
    assert not everything.allow(use(who, "TagResource", kind, held=ANOTHER, given=OURS))
    assert not everything.allow(use(who, "TagResource", kind, held=ANOTHER, given=ANOTHER))


@pytest.mark.parametrize(
    ("who", "action"),
    [
        ("Training", "CreateModelCustomizationJob"),
        ("Serving", "CreateProvisionedModelThroughput"),
        ("Serving", "CreateCustomModelDeployment"),
    ],
)
def test_nothing_is_made_without_the_tag_of_its_foundation(everything: Policies, who: str, action: str) -> None:
    assert everything.allow(use(who, action, "custom-model", given=OURS))
    assert not everything.allow(use(who, action, "custom-model"))
    assert not everything.allow(use(who, action, "custom-model", given=ANOTHER))


@pytest.mark.parametrize(
    ("missing", "denied"),
    [
        ("train", {"bedrock:CreateModelCustomizationJob", "iam:PassRole", "kms:CreateGrant", "kms:GenerateDataKey"}),
        ("buy", {"bedrock:CreateProvisionedModelThroughput"}),
        ("delete_models", {"bedrock:DeleteCustomModel"}),
    ],
)
def test_what_is_not_allowed_is_denied_and_what_cleans_up_after_a_switch_is_not(
    policies_of: Callable[[Allow], Policies], everything: Policies, missing: str, denied: set[str]
) -> None:
    allow = Allow.model_validate({**dict.fromkeys(("train", "buy", "delete_models"), True), missing: False})
    found = policies_of(allow)
    lost = {each.action for each in uses() if everything.allow(each) and not found.allow(each)}
    # What the function may do with the key by other ways is no part of training.
    assert lost - {"kms:Decrypt"} == denied
    of_it = [each for each in uses() if each.action in denied and each.allow == missing]
    assert of_it
    assert [str(each) for each in of_it if found.allow(replace(each, context={**each.context, HELD: OURS}))] == []


def test_an_environment_deploys_on_demand_by_default_and_buys_and_deletes_nothing(
    policies_of: Callable[[Allow], Policies],
) -> None:
    default = policies_of(Allow())
    assert default.allow(use("Serving", "CreateCustomModelDeployment", "custom-model", given=OURS))
    assert not default.allow(use("Serving", "CreateProvisionedModelThroughput", "custom-model", given=OURS))
    assert not default.allow(use("Serving", "DeleteCustomModel", "custom-model", held=OURS))
