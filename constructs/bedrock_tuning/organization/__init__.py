"""What an organization's rules ask of names, networks and functions."""
