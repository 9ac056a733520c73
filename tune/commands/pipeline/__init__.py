"""The commands that write a pipeline, one file for each host."""
