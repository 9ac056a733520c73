"""What the numbers of all shards say: the summary, its warnings, and a gate's verdict."""
