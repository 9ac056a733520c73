"""What an error of Bedrock's means for a look: nothing is there, not seen yet, or no answer at all."""

from collections.abc import Callable
from typing import Final

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.resources.bedrock import Bedrock
from sandbox.bedrock import ApiFault
from tests.support.messages import says
from tests.support.wired import QUICK, WANTED, WiredAccount


@pytest.fixture
def account() -> WiredAccount:
    """An account with one model, in which no model is valid by its name or ARN for now."""
    account = WiredAccount(QUICK)
    account.train(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault("GetCustomModel", "ValidationException", times=0))
    return account


def test_a_name_that_is_listed_and_not_found_is_looked_at_again(account: WiredAccount) -> None:
    with pytest.raises(Again) as again:
        Bedrock(account.lifecycle.client).model(WANTED.training_name)
    assert says(again.value, WANTED.training_name)


def test_a_name_that_is_neither_found_nor_listed_is_not_there(account: WiredAccount) -> None:
    assert Bedrock(account.lifecycle.client).model(WANTED.but(attempt=2).training_name) is None


NAME: Final = "bedrock-tuning-any-name"
SERVING: Final[dict[str, Callable[[Bedrock], object]]] = {
    "GetProvisionedModelThroughput": lambda bedrock: bedrock.throughput(NAME),
    "GetCustomModelDeployment": lambda bedrock: bedrock.deployment(NAME),
}


@pytest.mark.parametrize("operation", SERVING)
def test_what_would_serve_and_is_neither_found_nor_listed_is_not_there(account: WiredAccount, operation: str) -> None:
    account.lifecycle.simulated.faults.add(ApiFault(operation, "ValidationException", times=0))
    assert SERVING[operation](Bedrock(account.lifecycle.client)) is None


def test_an_arn_that_is_not_valid_is_not_taken_for_one_of_nothing(account: WiredAccount) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        Bedrock(account.lifecycle.client).model(account.job(WANTED)["outputModelArn"])
