"""`tune preflight`: what would stop a deploy before it costs anything, looked at without deploying. Changes nothing."""
