"""What a customization job does with its data: checking it, and a training that is computed instead of run."""
