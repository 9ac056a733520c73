"""Whatever the settings accept as parts of a name, Bedrock accepts as the whole."""

import re

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from bedrock_lifecycle import contract
from bedrock_tuning.base_models import BaseModelProfile, profiles
from settings.fields import EnvironmentName, Name

# customModelName and provisionedModelName in botocore 1.43.106; jobName takes all that these take.
BEDROCK_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,63}")
PARTS = st.text("abzAZ09-", min_size=1, max_size=26)
NAMES = st.from_regex(r"[a-zA-Z]{1,12}(-[a-zA-Z0-9]{1,11})?", fullmatch=True)
ENVIRONMENTS = st.from_regex(r"[a-z]{1,5}(-[a-z0-9]{1,6})?", fullmatch=True)


class Parts(BaseModel):
    name: Name
    environment: EnvironmentName


def accepted(name: str, environment: str) -> bool:
    try:
        Parts(name=name, environment=environment)
    except ValueError:
        return False
    return True


@given(PARTS | NAMES, PARTS | ENVIRONMENTS, st.integers(1, contract.MAX_ATTEMPT))
def test_names_of_jobs_and_models_are_names_for_bedrock(name: str, environment: str, attempt: int) -> None:
    full_name = contract.training_name(
        name=name, environment=environment, training_id="0" * contract.TRAINING_ID_LENGTH, attempt=attempt
    )
    if accepted(name, environment):
        assert len(full_name) <= contract.MAX_BEDROCK_NAME_LENGTH
        assert BEDROCK_NAME.fullmatch(full_name)


@given(
    PARTS | NAMES,
    PARTS | ENVIRONMENTS,
    st.sampled_from(profiles()),
    st.integers(1, 10**6),
    st.sampled_from([None, "OneMonth", "SixMonths"]),
)
def test_names_of_throughputs_are_names_for_bedrock(
    name: str, environment: str, profile: BaseModelProfile, units: int, duration: str | None
) -> None:
    full_name = contract.throughput_name(
        name=name,
        environment=environment,
        base_model=profile.id,
        model_units=units,
        commitment_duration=duration,
    )
    if accepted(name, environment):
        assert len(full_name) <= contract.MAX_BEDROCK_NAME_LENGTH
        assert BEDROCK_NAME.fullmatch(full_name)


def test_the_longest_names_are_accepted_and_fit() -> None:
    name, environment = "a" * contract.MAX_NAME_LENGTH, "b" * contract.MAX_ENVIRONMENT_LENGTH
    assert accepted(name, environment)
    training_id = "0" * contract.TRAINING_ID_LENGTH
    longest = contract.training_name(
        name=name, environment=environment, training_id=training_id, attempt=contract.MAX_ATTEMPT
    )
    assert len(longest) <= contract.MAX_BEDROCK_NAME_LENGTH
