"""What a check found, in the words of people and of tools. Content of a record is in none of them."""

from typing import Final

PLACES: Final = 3
"""How many places a report for people names for each rule."""
