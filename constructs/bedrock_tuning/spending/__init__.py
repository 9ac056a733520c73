"""What a template says of the bill: read by reviewers in metadata, outputs and descriptions."""
