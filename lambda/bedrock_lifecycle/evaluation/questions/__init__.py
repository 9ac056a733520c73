"""From a test file to the questions that models are asked."""
