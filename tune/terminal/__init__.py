"""Arguments, text and exit codes; nothing of AWS."""
