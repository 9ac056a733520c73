"""`tune plan`: what the next deploy would do and cost, and what bills without a stack. Changes nothing."""
