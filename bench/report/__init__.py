"""What the report of an evaluation takes."""
