"""A judge compares pairs of answers, in both orders."""
