"""What invocations use up: the requests and tokens of a minute, and what is metered of them."""
