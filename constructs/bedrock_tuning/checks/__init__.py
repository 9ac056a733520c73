"""Checks of what a whole app synthesizes, for rules that no rule pack knows."""
