"""What happens to resources as time passes."""
