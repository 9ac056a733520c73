"""Fixtures of the simulated Bedrock's tests."""

import pytest
from hypothesis import settings

from tests.sandbox_bedrock.scenario import Account

# A busy machine is no failure, and examples are not kept in the checkout.
settings.register_profile("sandbox", deadline=None, database=None)
settings.load_profile("sandbox")


@pytest.fixture
def account() -> Account:
    """An account in us-west-2 in November 2025, with data, a role and ten model units."""
    return Account()
