"""Files for the pipelines of a team: written once, the team's afterwards, and never read for what they say."""
