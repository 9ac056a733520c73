"""Settings of the lifecycle's tests."""

from hypothesis import settings

# A busy machine is no failure, and examples are not kept in the checkout.
settings.register_profile("handlers", deadline=None, database=None, max_examples=60)
settings.load_profile("handlers")
