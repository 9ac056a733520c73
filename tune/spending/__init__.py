"""What a training bills, as far as it can be estimated, and what a team's own prices make of a quantity."""
