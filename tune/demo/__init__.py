"""`tune demo`: from a dataset to a served model and back to nothing, on a local AWS."""
