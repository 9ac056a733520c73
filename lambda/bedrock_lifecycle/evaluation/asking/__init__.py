"""Models are asked, within quotas and a bound of tokens."""
