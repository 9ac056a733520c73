"""The policy of whoever runs a command."""
