"""Fixtures of the simulated Bedrock's tests."""

import pytest

from tests.unit.simulated_bedrock.scenario import Account


@pytest.fixture
def account() -> Account:
    """An account in us-west-2 in November 2025, with data, a role and ten model units."""
    return Account()
