"""Which models are retired after a newer one serves."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.resources.retirement import Kept, to_retire
from tests.handlers.events import NOW

MODELS = st.lists(
    st.builds(
        lambda arn, age, ours, serves: Kept(f"any-{arn}", f"model-{arn}", NOW - timedelta(hours=age), ours, serves),
        st.integers(0, 10**6),
        st.integers(0, 50),
        st.booleans(),
        st.booleans(),
    ),
    unique_by=lambda model: model.arn,
    max_size=12,
)
KEEP = st.integers(0, 6)


@given(MODELS, KEEP, st.data())
def test_no_model_that_serves_is_retired(models: Sequence[Kept], keep: int, data: st.DataObject) -> None:
    serving = data.draw(st.sampled_from([model.arn for model in models] or ["none"]))
    retired = to_retire(models, keep_models=keep, serving_arn=serving)
    assert serving not in retired
    assert not {model.arn for model in models if model.serves} & set(retired)


@given(MODELS, KEEP)
def test_no_model_of_another_is_retired(models: Sequence[Kept], keep: int) -> None:
    retired = to_retire(models, keep_models=keep, serving_arn="none")
    assert set(retired) <= {model.arn for model in models if model.ours}


@given(MODELS, KEEP)
def test_the_newest_are_kept(models: Sequence[Kept], keep: int) -> None:
    retired = set(to_retire(models, keep_models=keep, serving_arn="none"))
    ours = [model for model in models if model.ours]
    assert len(ours) - len(retired) >= min(keep, len(ours))
    for model in ours:
        if model.arn in retired:
            assert sum(other.created >= model.created for other in ours if other.arn != model.arn) >= keep


@given(MODELS, KEEP)
def test_everything_of_ours_beyond_the_newest_that_serves_nobody_is_retired(models: Sequence[Kept], keep: int) -> None:
    retired = to_retire(models, keep_models=keep, serving_arn="none")
    ours = sorted((model for model in models if model.ours), key=lambda model: model.created, reverse=True)
    assert set(retired) == {model.arn for model in ours[keep:] if not model.serves}
