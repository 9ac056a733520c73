"""Exports that other stacks use, and an update that would change them: CloudFormation refuses it, at its end."""
