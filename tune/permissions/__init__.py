"""What is allowed to whom, as policies that somebody attaches."""
