"""The CDK CLI, and what is asked before and after it."""
