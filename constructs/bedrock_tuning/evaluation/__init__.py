"""The evaluation of a tuned model: its workflow, what is asked, and the gate before anything serves."""
