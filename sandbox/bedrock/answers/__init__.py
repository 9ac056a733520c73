"""Answers without a model: a base model talks around the subject, a tuned one repeats what it was taught."""
