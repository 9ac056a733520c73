"""`tune dataset push`: checked data goes to the environment's bucket, and its digest into the settings file."""
