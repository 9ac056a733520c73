"""The losses of a model's trainings: found, drawn, and what they suggest."""
