"""A simulated Service Quotas: the quotas of Bedrock that matter here, with the values that Bedrock enforces."""
