"""The permissions that each command needs."""
