"""From answers to scores, and to what a shard adds to the numbers."""
