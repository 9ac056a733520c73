"""The report of an evaluation: what was measured, how sure that is, and how it was computed."""
