"""The customization job, its role, and who hears how it ended."""
