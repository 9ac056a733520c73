"""Which models are retired after a newer one serves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.retirement import Family, RetainedModel, to_retire
from tests.support.events import NOW

FAMILY = Family("faq", "prod", "arn:aws:cloudformation:us-west-2:111122223333:stack/bedrock-tuning-prod-faq-Training")
MODELS = st.lists(
    st.builds(
        lambda number, age, ours, serves: RetainedModel(
            f"faq-prod-{number}", f"model-{number}", NOW - timedelta(hours=age), FAMILY.tags if ours else {}, serves
        ),
        st.integers(0, 10**6),
        st.integers(0, 50),
        st.booleans(),
        st.booleans(),
    ),
    unique_by=lambda model: model.name,
    max_size=12,
)
KEEP = st.integers(0, 6)


def retired(models: Sequence[RetainedModel], keep: int, never: Sequence[str] = ()) -> list[RetainedModel]:
    return to_retire(models, FAMILY, keep_models=keep, never=never)


def a_model(name: str = "faq-prod-1") -> RetainedModel:
    return RetainedModel(name, "any", NOW, FAMILY.tags)


@given(MODELS, KEEP, st.data())
def test_no_model_that_serves_or_is_named_is_retired(
    models: Sequence[RetainedModel], keep: int, data: st.DataObject
) -> None:
    never = data.draw(st.lists(st.sampled_from([model.name for model in models] or ["none"]), max_size=2))
    chosen = retired(models, keep, never)
    assert not {model.name for model in chosen} & set(never)
    assert not any(model.serves for model in chosen)


@given(MODELS, KEEP, st.data())
def test_no_model_that_another_environment_holds_is_retired(
    models: Sequence[RetainedModel], keep: int, data: st.DataObject
) -> None:
    chosen = data.draw(st.sets(st.sampled_from([model.name for model in models] or ["none"])))
    tags = {contract.hold_tag("staging"): "any"}
    with_holds = [replace(model, tags={**model.tags, **tags}) if model.name in chosen else model for model in models]
    assert not chosen & {model.name for model in retired(with_holds, keep)}


@given(MODELS, KEEP)
def test_no_model_of_another_is_retired(models: Sequence[RetainedModel], keep: int) -> None:
    assert all(model.tags == FAMILY.tags for model in retired(models, keep))


@given(MODELS, KEEP)
def test_the_newest_are_kept(models: Sequence[RetainedModel], keep: int) -> None:
    chosen = retired(models, keep)
    ours = [model for model in models if model.tags]
    assert len(ours) - len(chosen) >= min(keep, len(ours))
    for model in chosen:
        assert sum(other.created >= model.created for other in ours if other != model) >= keep


@given(MODELS, KEEP)
def test_everything_of_ours_beyond_the_newest_that_serves_nobody_is_retired(
    models: Sequence[RetainedModel], keep: int
) -> None:
    ours = sorted((model for model in models if model.tags), key=lambda model: model.created, reverse=True)
    assert retired(models, keep) == [model for model in ours[keep:] if not model.serves]


@pytest.mark.parametrize(
    "other",
    [
        a_model("faq-production-1"),
        a_model("my-faq-prod-1"),
        RetainedModel("faq-prod-1", "any", NOW, {**FAMILY.tags, contract.TAG_ENVIRONMENT: "prod-eu"}),
        RetainedModel("faq-prod-1", "any", NOW, {**FAMILY.tags, contract.TAG_OWNER: f"{FAMILY.owner}2"}),
        # Another app's, which had stacks of the same names before.
        RetainedModel("faq-prod-1", "any", NOW, {**FAMILY.tags, contract.TAG_APP: "another"}),
        RetainedModel("faq-prod-1", "any", NOW, {contract.TAG_ENVIRONMENT: "prod"}),
    ],
    ids=[
        "longer environment",
        "another name",
        "environment with our prefix",
        "another stack",
        "another app",
        "no owner",
    ],
)
def test_a_neighbour_is_not_of_the_family(other: RetainedModel) -> None:
    assert FAMILY.has(a_model())
    assert not FAMILY.has(other)
    assert retired([other], 0) == []


@given(MODELS, KEEP, st.data())
def test_as_many_that_passed_a_bake_are_kept_whatever_came_after_them(
    models: Sequence[RetainedModel], keep: int, data: st.DataObject
) -> None:
    verdicts = [data.draw(st.sampled_from([None, contract.PASSED, contract.FAILED])) for _ in models]
    baked = [
        replace(model, tags={**model.tags, **({contract.TAG_BAKE: verdict} if verdict else {})})
        for model, verdict in zip(models, verdicts, strict=True)
    ]
    passed = [its for its in baked if FAMILY.has(its) and its.tags.get(contract.TAG_BAKE) == contract.PASSED]
    newest = sorted(passed, key=lambda its: its.created, reverse=True)[:keep]
    chosen = retired(baked, keep)
    assert not {its.name for its in newest} & {its.name for its in chosen}
    assert {its.name for its in chosen} <= {its.name for its in retired(models, keep)}


LOOKED_AT: Final = [(contract.TAG_BAKE,), (contract.TAG_VERDICT,), (contract.TAG_BAKE, contract.TAG_VERDICT)]


@pytest.mark.parametrize("keys", LOOKED_AT)
@pytest.mark.parametrize("failed", [contract.FAILED, "inconclusive"])
def test_a_newer_model_that_did_not_pass_takes_no_place_of_one_that_did(keys: Sequence[str], failed: str) -> None:
    good = RetainedModel(
        "faq-prod-1", "1", NOW - timedelta(hours=2), FAMILY.tags | dict.fromkeys(keys, contract.PASSED)
    )
    found = dict.fromkeys(keys, contract.PASSED) | {keys[-1]: failed}
    worse = RetainedModel("faq-prod-2", "2", NOW - timedelta(hours=1), FAMILY.tags | found)
    newest = RetainedModel("faq-prod-3", "any", NOW, FAMILY.tags)
    assert retired([good, worse, newest], 1) == [worse]
