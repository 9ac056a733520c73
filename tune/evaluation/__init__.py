"""What is seen of evaluations: their numbers, their progress, and what their gates say."""
